/** What a map document is, and how values in it become classes. */
export type Values = { codes: (string | number)[]; rounds: (number | null)[][] };
export type Flow = {
  origin: [number, number];
  destination: [number, number];
  origin_name: string;
  destination_name: string;
  persons: number;
};
export type Round = { key: string; label: string; date: string };
/** With labels, values are kinds and not amounts: 1 is the first label. */
export type Indicator = { code: string; label: string; unit: string; kind?: string; labels?: string[] };
export type MapDocument = {
  bounds: [number, number, number, number];
  outlines: Record<string, string>;
  points: string | null;
  rounds: Round[];
  indicators: Indicator[];
  values: Record<string, Record<string, Values | string>>; // an address where they are too many to travel along
  classes: Record<string, Record<string, number[]>>;
  words: Record<string, string>;
  flows?: Flow[];
};
export type Reading = Map<string, number | null>;

/** Return the figures of an indicator at a level; nothing while they are still at an address. */
function tableOf(doc: MapDocument, indicator: string, level: string): Values | undefined {
  const values = doc.values[indicator]?.[level];
  return typeof values === "string" ? undefined : values;
}

/** Return the figures of one indicator, level and round by code; a code that is absent was not assessed. */
export function reading(doc: MapDocument, indicator: string, level: string, round: number): Reading {
  const values = tableOf(doc, indicator, level);
  const row = values?.rounds[round] ?? [];
  return new Map((values?.codes ?? []).map((code, i) => [String(code), row[i] ?? null]));
}

/** Return the class of a value, 1 up; 0 for none below the first bound; null where not assessed. */
export function classOf(value: number | null | undefined, bounds: number[]): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  if (value === 0 && !(bounds[0]! <= 0)) return 0;
  let found = 1;
  for (let i = 1; i < bounds.length - 1; i += 1) if (value >= bounds[i]!) found = i + 1;
  return found;
}

/** Return the colour number, 1 to 5, of a class when there are fewer classes than colours. */
export function shade(index: number, classes: number): number {
  return classes <= 1 ? 4 : 1 + Math.round(((index - 1) * 4) / (classes - 1));
}

/** Return the highest value of an indicator at a level over all rounds, so that circles compare over time. */
export function highest(doc: MapDocument, indicator: string, level: string): number {
  const rounds = tableOf(doc, indicator, level)?.rounds ?? [];
  return rounds.reduce((top, row) => row.reduce((most: number, v) => Math.max(most, v ?? 0), top), 0);
}
