/** Draws each .js-map from its map document; the table beside it says the same to who cannot see it. */
import { Map as Glmap, NavigationControl, setWorkerUrl, AttributionControl } from "maplibre-gl";
import type { GeoJSONSource, MapGeoJSONFeature } from "maplibre-gl";
import type { Feature, FeatureCollection, Point, Position } from "geojson";
import { numberText } from "./locales";
import { circleItems, classItems, radius } from "./map-legend";
import { classOf, highest, reading, shade, type Indicator, type MapDocument, type Reading, type Values } from "./map-document";
import { flowFeatures, flowLayers } from "./map-flows";
import { arrow, circleLayer, emptyStyle, hatching, paint, unitLayers } from "./map-style";
import { TimeSlider } from "./map-time";

type Words = Record<string, string>;
type View = "areas" | "circles" | "points";

async function json<T>(address: string): Promise<T> {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return (await answer.json()) as T;
}

/** The middle of the largest ring: good enough for a circle, and always on the unit's side of the sea. */
function middle(feature: Feature): [number, number] {
  const { geometry } = feature;
  const polygons: Position[][][] =
    geometry.type === "MultiPolygon" ? geometry.coordinates : geometry.type === "Polygon" ? [geometry.coordinates] : [];
  let best: [number, number] = [0, 0];
  let most = -1;
  for (const [ring] of polygons) {
    let [area, x, y] = [0, 0, 0];
    ring?.forEach(([x0 = 0, y0 = 0], i) => {
      const [x1 = 0, y1 = 0] = ring[(i + 1) % ring.length]!;
      const cross = x0 * y1 - x1 * y0;
      area += cross;
      x += (x0 + x1) * cross;
      y += (y0 + y1) * cross;
    });
    if (Math.abs(area) > most && area !== 0) {
      most = Math.abs(area);
      best = [x / (3 * area), y / (3 * area)];
    }
  }
  return best;
}

class UnitMap {
  private readonly map: Glmap;
  private readonly words: Words;
  private readonly tip = document.createElement("div");
  private readonly legend = document.createElement("ul");
  private readonly rule = document.createElement("p");
  private readonly cross = document.createElement("div");
  private readonly canvas = document.createElement("div");
  private readonly outlines = new Map<string, FeatureCollection>();
  private points: FeatureCollection | null = null;
  private codes: string[] = [];
  private figures: Reading = new Map();
  private indicator: Indicator | undefined;
  private level: string;
  private round: number;
  private view: View = "areas";
  private hovered: MapGeoJSONFeature | null = null;

  constructor(private readonly root: HTMLElement, private readonly doc: MapDocument) {
    const { dataset } = root;
    this.words = { ...(JSON.parse(dataset.words || "{}") as Words), ...doc.words };
    const asked = new URLSearchParams(dataset.urlState === "off" ? "" : location.search);
    const code = asked.get("indicator") ?? dataset.indicator;
    this.indicator = doc.indicators.find((each) => each.code === code) ?? doc.indicators[0];
    const levels = Object.keys(doc.outlines);
    this.level = [asked.get("level"), dataset.level].find((each) => each && levels.includes(each)) ?? levels.at(-1) ?? "1";
    const key = asked.get("round") ?? dataset.round;
    const found = doc.rounds.findIndex((round) => round.key === key);
    if (dataset.view === "points" && doc.points) this.view = "points";
    this.round = found < 0 ? doc.rounds.length - 1 : found;
    this.build();
    const [w, s, e, n] = doc.bounds;
    this.map = new Glmap({
      container: this.canvas,
      style: emptyStyle(dataset.tiles, dataset.tilesAttribution),
      bounds: [[w, s], [e, n]],
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      cooperativeGestures: true,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      locale: {
        "CooperativeGesturesHandler.WindowsHelpText": this.words.zoom_with_ctrl ?? "",
        "CooperativeGesturesHandler.MacHelpText": this.words.zoom_with_command ?? "",
        "CooperativeGesturesHandler.MobileHelpText": this.words.two_fingers ?? "",
        "NavigationControl.ZoomIn": this.words.zoom_in ?? "",
        "NavigationControl.ZoomOut": this.words.zoom_out ?? "",
        "Map.Title": this.words.map ?? "",
      },
    });
    this.map.touchZoomRotate.disableRotation();
    const side = document.documentElement.dir === "rtl" ? "top-left" : "top-right";
    this.map.addControl(new NavigationControl({ showCompass: false }), side);
    if (dataset.tiles) this.map.addControl(new AttributionControl({ compact: true }));
  }

  private get isFlows(): boolean {
    return this.root.dataset.kind === "flows";
  }

  private get isChange(): boolean {
    return this.indicator?.kind === "change";
  }

  /** The level that values are read at: points have their own. */
  private get place(): string {
    return this.view === "points" ? "points" : this.level;
  }

  async start(): Promise<void> {
    await this.map.once("load");
    this.map.addImage("hatching", hatching(), { pixelRatio: 2 });
    this.map.addImage("arrow", arrow(), { pixelRatio: 2 });
    await this.showLevel();
    if (this.isFlows) this.showFlows();
    this.listen();
    this.root.dataset.state = "ready";
  }

  private build(): void {
    const { root, doc, words } = this;
    const tools = document.createElement("div");
    tools.className = "map-tools";
    if (!this.isFlows) {
      if (doc.indicators.length > 1) {
        const options = doc.indicators.map((each) => [each.code, each.label] as const);
        tools.append(this.select(words.indicator!, options, this.indicator?.code, (code) => {
          this.indicator = doc.indicators.find((each) => each.code === code);
          void this.showCircles();
        }));
      }
      const levels = Object.keys(doc.outlines).map((level) => [level, words[`level_${level}`] ?? level] as const);
      if (levels.length > 1) {
        tools.append(this.select(words.level!, levels, this.level, (level) => {
          this.level = level;
          void this.showLevel();
        }));
      }
      const views: (readonly [View, string])[] = [["areas", words.areas!], ["circles", words.circles!]];
      if (doc.points) views.push(["points", words.points!]);
      const isAmount = !doc.indicators.some((each) => each.labels);
      if (isAmount) tools.append(this.select(words.show_as!, views, this.view, (view) => {
        this.view = view as View;
        void this.showCircles();
      }));
    }
    const frame = document.createElement("div");
    frame.className = "map-frame";
    this.canvas.className = "map-canvas";
    this.tip.className = "tip";
    this.tip.hidden = true;
    this.tip.dir = "auto";
    this.cross.className = "map-cross";
    this.cross.hidden = true;
    frame.append(this.canvas, this.cross, this.tip);
    this.legend.className = "map-legend";
    root.replaceChildren(tools, frame);
    if (!this.isFlows && doc.rounds.length > 1) {
      const slider = new TimeSlider(doc.rounds, this.round, words, (round) => {
        this.round = round;
        this.show();
      });
      root.append(slider.element);
    }
    const disclaimer = document.createElement("p");
    disclaimer.className = this.rule.className = "map-note";
    this.rule.textContent = words.classes ?? "";
    disclaimer.textContent = words.disclaimer ?? "";
    root.append(this.legend, this.rule, disclaimer);
  }

  private select(
    label: string,
    options: readonly (readonly [string, string])[],
    chosen: string | undefined,
    changed: (value: string) => void,
  ): HTMLElement {
    const field = document.createElement("label");
    const select = document.createElement("select");
    for (const [value, text] of options) select.add(new Option(text, value, false, value === chosen));
    select.addEventListener("change", () => changed(select.value));
    field.append(label, select);
    return field;
  }

  private unitFigures(): Reading {
    return reading(this.doc, this.indicator?.code ?? "", this.level, this.round);
  }

  /** Load the outlines of the level once, and draw its units; parents' lines lie over them. */
  private async showLevel(): Promise<void> {
    const address = this.doc.outlines[this.level];
    if (!address) return;
    let collection = this.outlines.get(this.level);
    if (!collection) {
      collection = await json<FeatureCollection>(address);
      for (const feature of collection.features) {
        feature.properties = { ...feature.properties, code: String(feature.id ?? feature.properties?.code) };
      }
      this.outlines.set(this.level, collection);
    }
    const source = this.map.getSource<GeoJSONSource>("units");
    if (source) await source.setData(collection);
    else {
      this.map.addSource("units", { type: "geojson", data: collection, promoteId: "code" });
      for (const layer of unitLayers()) this.map.addLayer(layer);
      const parent = this.doc.outlines[String(Number(this.level) - 1)];
      if (parent && Number(this.level) > 1) {
        this.map.addSource("parents", { type: "geojson", data: new URL(parent, location.href).href });
        this.map.addLayer({ id: "parents", type: "line", source: "parents", paint: { "line-width": 1.4 } }, "hover");
      }
    }
    // Many small units would drown in their own boundaries.
    this.map.setPaintProperty("lines", "line-width", collection.features.length > 800 ? 0.2 : 0.7);
    if (this.map.getLayer("parents")) {
      this.map.setLayoutProperty("parents", "visibility", this.level === "1" ? "none" : "visible");
    }
    await this.showCircles();
  }

  /** Fetch the figures of locations of this indicator where the document only has their address. */
  private async fetchPointValues(): Promise<void> {
    const tables = this.doc.values[this.indicator?.code ?? ""];
    if (typeof tables?.points === "string") tables.points = await json<Values>(tables.points);
  }

  private async showCircles(): Promise<void> {
    if (this.isFlows) {
      this.show();
      return;
    }
    let data: FeatureCollection = { type: "FeatureCollection", features: [] };
    if (this.view === "points" && this.doc.points) {
      this.points ??= await json<FeatureCollection>(this.doc.points);
      await this.fetchPointValues();
      data = this.points;
      for (const feature of data.features) {
        feature.properties = { ...feature.properties, code: String(feature.properties?.id ?? feature.id) };
      }
    } else if (this.view === "circles") {
      data.features = (this.outlines.get(this.level)?.features ?? []).map((unit) => {
        const geometry: Point = { type: "Point", coordinates: middle(unit) };
        return { type: "Feature", geometry, properties: unit.properties };
      });
    }
    const source = this.map.getSource<GeoJSONSource>("circles");
    if (source) await source.setData(data);
    else {
      this.map.addSource("circles", { type: "geojson", data, promoteId: "code" });
      this.map.addLayer(circleLayer());
    }
    this.show();
  }

  /** Put the figures of the chosen indicator, level and round on the map and in the legend. */
  private show(): void {
    const { doc, map } = this;
    const code = this.indicator?.code ?? "";
    this.codes = (this.outlines.get(this.level)?.features ?? []).map((unit) => String(unit.properties?.code));
    this.figures = reading(doc, code, this.place, this.round);
    const units = this.unitFigures();
    const bounds = doc.classes[code]?.[this.level] ?? [];
    for (const unit of this.codes) {
      const index = this.isFlows ? 0 : classOf(units.get(unit), bounds);
      const colour = index && this.view === "areas" ? shade(index, bounds.length - 1) : 0;
      map.setFeatureState({ source: "units", id: unit }, { shade: colour, absent: index === null });
    }
    const top = highest(doc, code, this.place);
    if (this.view !== "areas") {
      const ids = this.view === "points" ? [...this.figures.keys()] : this.codes;
      for (const id of ids) {
        map.setFeatureState({ source: "circles", id }, { radius: radius(this.figures.get(id) ?? 0, top) });
      }
    }
    paint(map, this.isChange);
    this.write(bounds, top);
    this.remember();
  }

  private write(bounds: number[], top: number): void {
    const title = document.createElement("li");
    title.className = "legend-title";
    title.textContent = this.isFlows
      ? (this.words.flow_legend ?? "")
      : [this.indicator?.label, this.indicator?.unit].filter(Boolean).join(", ");
    const classes = classItems(this.codes, this.unitFigures(), bounds, this.words, this.isChange, this.indicator?.labels);
    const absent = classes.filter((each) => each.querySelector(".absent"));
    const items = this.isFlows ? [] : this.view === "areas" ? classes : [...circleItems(top), ...absent];
    const isQuantile = !this.isChange || "classes" in this.doc.words;
    this.rule.hidden = this.isFlows || this.view !== "areas" || !isQuantile;
    this.legend.replaceChildren(title, ...items);
    const round = this.doc.rounds[this.round];
    const detail = { indicator: this.indicator?.code, level: this.level, round: round?.key, view: this.view };
    this.root.dispatchEvent(new CustomEvent("waystation:map", { bubbles: true, detail }));
  }

  /** Keep what is shown in the address, so that it can be sent to a colleague. */
  private remember(): void {
    if (this.root.dataset.urlState === "off" || this.isFlows || this.root.dataset.state !== "ready") return;
    const address = new URL(location.href);
    const state = { indicator: this.indicator?.code, level: this.level, round: this.doc.rounds[this.round]?.key };
    for (const [name, value] of Object.entries(state)) if (value) address.searchParams.set(name, value);
    history.replaceState(history.state, "", address);
  }

  private showFlows(): void {
    this.map.addSource("flows", { type: "geojson", data: flowFeatures(this.doc.flows ?? []) });
    for (const layer of flowLayers()) this.map.addLayer(layer);
    paint(this.map, false);
  }

  private listen(): void {
    const { map } = this;
    map.on("mousemove", (event) => this.point(event.point));
    map.on("mouseout", () => this.point(null));
    map.on("click", (event) => this.open(this.at(event.point)));
    const canvas = map.getCanvas();
    const centre = (): { x: number; y: number } => ({ x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 });
    const follow = (): void => {
      this.cross.hidden = document.activeElement !== canvas || !canvas.matches(":focus-visible");
      this.point(this.cross.hidden ? null : centre());
    };
    canvas.addEventListener("focus", follow);
    canvas.addEventListener("blur", follow);
    map.on("moveend", () => document.activeElement === canvas && follow());
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.open(this.at(centre()));
    });
    document.addEventListener("waystation:theme", () => {
      paint(map, this.isChange);
      map.triggerRepaint();
    });
  }

  private at(point: { x: number; y: number }): MapGeoJSONFeature | null {
    const layers = ["flows", "circles", "units"].filter((layer) => this.map.getLayer(layer));
    const near: [[number, number], [number, number]] = [[point.x - 2, point.y - 2], [point.x + 2, point.y + 2]];
    return this.map.queryRenderedFeatures(near, { layers })[0] ?? null;
  }

  private point(point: { x: number; y: number } | null): void {
    const feature = point ? this.at(point) : null;
    if (this.hovered) this.map.setFeatureState(this.key(this.hovered), { hover: false });
    if (feature) this.map.setFeatureState(this.key(feature), { hover: true });
    this.hovered = feature;
    this.map.getCanvas().style.cursor = feature && this.root.dataset.placeUrl ? "pointer" : "";
    this.tip.hidden = !feature;
    if (!feature || !point) return;
    const name = document.createElement("strong");
    const text = document.createElement("span");
    const { properties } = feature;
    if (feature.source === "flows") {
      name.textContent = `${properties.origin_name} → ${properties.destination_name}`;
      text.textContent = `${numberText(properties.persons)} ${this.words.persons ?? ""}`;
    } else {
      name.textContent = properties.name ?? properties.code;
      text.textContent = this.isFlows ? "" : this.sentence(feature);
    }
    this.tip.replaceChildren(name, text);
    const { clientWidth, clientHeight } = this.canvas;
    const x = point.x + 14 + this.tip.offsetWidth > clientWidth ? point.x - 14 - this.tip.offsetWidth : point.x + 14;
    const y = Math.min(point.y + 14, clientHeight - this.tip.offsetHeight - 4);
    this.tip.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  }

  private sentence(feature: MapGeoJSONFeature): string {
    const figures = feature.source === "units" ? this.unitFigures() : this.figures;
    const value = figures.get(String(feature.properties.code));
    if (value === null || value === undefined) return this.words.not_assessed ?? "";
    if (this.indicator?.labels) return this.indicator.labels[value - 1] ?? "";
    const digits = Math.abs(value) < 10 && value % 1 ? 2 : 0;
    return `${numberText(value, digits, this.isChange)} ${this.indicator?.unit ?? ""}`;
  }

  private key(feature: MapGeoJSONFeature): { source: string; id: string | number } {
    return { source: feature.source, id: feature.properties.code ?? feature.id ?? 0 };
  }

  private open(feature: MapGeoJSONFeature | null): void {
    const prefix = feature?.source === "circles" && this.view === "points"
      ? this.root.dataset.pointUrl
      : this.root.dataset.placeUrl;
    if (!feature || !prefix || feature.source === "flows") return;
    location.assign(prefix + encodeURIComponent(String(feature.properties.code)));
  }
}

async function start(root: HTMLElement): Promise<void> {
  root.dataset.state = "loading";
  try {
    setWorkerUrl(new URL(root.dataset.worker ?? "", location.href).href);
    await new UnitMap(root, await json<MapDocument>(root.dataset.source ?? "")).start();
  } catch (error) {
    root.dataset.state = "failed";
    const words = JSON.parse(root.dataset.words || "{}") as Words;
    const line = document.createElement("p");
    line.className = "message warning";
    line.textContent = words.failed ?? "";
    root.replaceChildren(line);
    console.warn("A map could not be drawn:", error);
  }
}

for (const root of document.querySelectorAll<HTMLElement>(".js-map")) void start(root);
