/** The legend: each class with its bounds and how many units are in it, what was not assessed, circle sizes. */
import { numberText } from "./locales";
import { classOf, shade, type Reading } from "./map-document";

export function radius(value: number, top: number, largest = 26): number {
  return value > 0 && top > 0 ? Math.max(2, largest * Math.sqrt(value / top)) : 0;
}

function item(...parts: (Node | string)[]): HTMLLIElement {
  const li = document.createElement("li");
  li.append(...parts);
  return li;
}

function swatch(kind: string): HTMLElement {
  const box = document.createElement("span");
  box.className = `swatch ${kind}`;
  return box;
}

function count(n: number): HTMLElement {
  const text = document.createElement("span");
  text.className = "n";
  text.textContent = `(n = ${numberText(n)})`;
  return text;
}

/** Return the two or three round values that show what the circles mean. */
export function circleSteps(top: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(top, 1)));
  const most = [5, 2, 1].map((m) => m * magnitude).find((v) => v <= top) ?? top;
  return most >= 20 ? [most, most / 4, most / 20].map(Math.round) : [most];
}

export function circleItems(top: number): HTMLLIElement[] {
  return circleSteps(top).map((value) => {
    const r = radius(value, top);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", String(2 * r + 2));
    svg.setAttribute("height", String(2 * r + 2));
    svg.setAttribute("aria-hidden", "true");
    const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    const values = { cx: r + 1, cy: r + 1, r, fill: "none", stroke: "currentColor" };
    for (const [name, v] of Object.entries(values)) circle.setAttribute(name, String(v));
    svg.append(circle);
    return item(svg, numberText(value));
  });
}

/** Return the items of classes that hold units, from the units that are on the map. */
export function classItems(
  units: string[],
  figures: Reading,
  bounds: number[],
  words: Record<string, string>,
  isChange: boolean,
  labels?: string[],
): HTMLLIElement[] {
  const classes = units.map((code) => classOf(figures.get(code), bounds));
  const items: HTMLLIElement[] = [];
  const total = bounds.length - 1;
  const none = classes.filter((c) => c === 0).length;
  if (none) items.push(item(swatch("class-0"), numberText(0), count(none)));
  for (let i = 1; i <= total; i += 1) {
    const own = units.filter((_, at) => classes[at] === i).map((code) => figures.get(code)!);
    if (!own.length && bounds[i] === bounds[i - 1]) continue;
    const low = own.length ? Math.min(...own) : bounds[i - 1]!;
    const high = own.length ? Math.max(...own) : bounds[i]!;
    const digits = Math.max(Math.abs(low), Math.abs(high)) < 10 && (low % 1 || high % 1) ? 2 : 0;
    const [from, to] = [low, high].map((value) => numberText(value, digits, isChange));
    const text = labels ? labels[i - 1]! : low === high ? from! : isChange ? `${from} … ${to}` : `${from} – ${to}`;
    items.push(item(swatch(`${isChange ? "change" : "class"}-${shade(i, total)}`), text, count(own.length)));
  }
  const absent = classes.filter((c) => c === null).length;
  if (absent) items.push(item(swatch("absent"), words.not_assessed!, count(absent)));
  return items;
}
