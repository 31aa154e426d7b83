/** Draws the Vega-Lite specification of each figure.js-chart, without eval, in the page's colours. */
import { View, parse, formatLocale, timeFormatLocale } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { expressionInterpreter } from "vega-interpreter";
import { isDark } from "./switches";
import { numberLocale, timeLocale } from "./locales";

type Spec = Record<string, any>;
const SVG = "http://www.w3.org/2000/svg";

/** Replace each colour of the light theme by its dark one, wherever it stands as a value. */
function recoloured(value: unknown, colours: Record<string, string>): unknown {
  if (typeof value === "string") return colours[value.toLowerCase()] ?? value;
  if (Array.isArray(value)) return value.map((item) => recoloured(item, colours));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recoloured(item, colours)]));
  }
  return value;
}

/** Fit a simple chart to its frame; charts of several parts are scaled by the style sheet. */
function fitted(spec: Spec, width: number): Spec {
  const parts = ["facet", "hconcat", "vconcat", "concat", "repeat"].some((key) => key in spec);
  const faceted = ["row", "column", "facet"].some((key) => key in (spec.encoding ?? {}));
  if (parts || faceted || spec.projection || typeof spec.width === "object") return spec;
  return { ...spec, width, autosize: { type: "fit-x", contains: "padding" } };
}

/** The hatchings that fills name (url(#estimated)): once a page, in the colours of now. */
function drawHatchings(): void {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  document.getElementById("hatchings")?.remove();
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["id", "hatchings"], ["width", "0"], ["height", "0"], ["aria-hidden", "true"]]) {
    svg.setAttribute(name!, value!);
  }
  svg.setAttribute("class", "visually-hidden");
  const kinds = [["carried", "--primary", 45], ["estimated", "--accent", -45], ["absent", "--absent", 45]] as const;
  for (const [id, name, angle] of kinds) {
    const pattern = document.createElementNS(SVG, "pattern");
    const values = { id, width: "5", height: "5", patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` };
    for (const [key, value] of Object.entries(values)) pattern.setAttribute(key, value);
    for (const [width, fill] of [["5", colour("--paper")], ["2.4", colour(name)]]) {
      const rect = document.createElementNS(SVG, "rect");
      for (const [key, value] of Object.entries({ width, height: "5", fill })) rect.setAttribute(key, value!);
      pattern.append(rect);
    }
    svg.append(pattern);
  }
  document.body.append(svg);
}

class Chart {
  private view: View | null = null;
  private readonly body: HTMLElement;
  private readonly colours: Record<string, string>;
  private width = 0;

  constructor(private readonly figure: HTMLElement, private readonly spec: Spec) {
    this.body = figure.querySelector<HTMLElement>(".chart-body") ?? figure;
    this.colours = JSON.parse(figure.dataset.dark || "{}");
  }

  async draw(): Promise<void> {
    this.width = Math.floor(this.body.clientWidth);
    if (this.width < 40) return;
    const own = this.figure.querySelector(".chart-title");
    let spec: Spec = own ? { ...this.spec, title: undefined } : this.spec;
    spec = fitted(spec, this.width);
    if (isDark()) spec = recoloured(spec, this.colours) as Spec;
    spec = { ...spec, config: { ...spec.config, aria: false, background: null }, background: null };
    const runtime = parse(compile(spec as unknown as TopLevelSpec).spec, {}, { ast: true });
    this.view?.finalize();
    this.body.replaceChildren();
    this.view = new View(runtime, {
      expr: expressionInterpreter,
      renderer: "svg",
      container: this.body,
      hover: true,
    });
    await this.view.runAsync();
    this.body.classList.add("is-drawn");
    const svg = this.body.querySelector("svg");
    svg?.setAttribute("role", "img");
    svg?.setAttribute("aria-label", own?.textContent?.trim() || this.figure.dataset.label || "");
    if (svg) svg.style.height = "auto";
  }

  /** Offer the picture; links to the data are the server's. */
  offer(): void {
    for (const link of this.figure.querySelectorAll<HTMLElement>("[data-picture]")) {
      link.hidden = false;
      link.addEventListener("click", async () => {
        const kind = link.dataset.picture as "png" | "svg";
        const address = await this.view?.toImageURL(kind, kind === "png" ? 2 : 1);
        if (!address) return;
        const anchor = Object.assign(document.createElement("a"), { href: address });
        anchor.download = `${this.figure.dataset.name || "chart"}.${kind}`;
        anchor.click();
      });
    }
  }

  follow(): void {
    document.addEventListener("waystation:theme", () => {
      drawHatchings();
      void this.draw();
    });
    new ResizeObserver(() => {
      if (Math.abs(this.body.clientWidth - this.width) > 8) void this.draw();
    }).observe(this.figure);
  }
}

async function start(figure: HTMLElement): Promise<void> {
  figure.dataset.state = "loading";
  try {
    const answer = await fetch(figure.dataset.source ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const chart = new Chart(figure, (await answer.json()) as Spec);
    drawHatchings();
    await document.fonts.ready;
    await chart.draw();
    chart.offer();
    chart.follow();
    figure.dataset.state = "ready";
  } catch (error) {
    figure.dataset.state = "failed";
    const body = figure.querySelector(".chart-body");
    if (body) body.textContent = figure.dataset.failed ?? "";
    console.warn("A chart could not be drawn:", error);
  }
}

function startAll(root: ParentNode): void {
  for (const figure of root.querySelectorAll<HTMLElement>("figure.js-chart:not([data-state])")) void start(figure);
}
const language = document.documentElement.lang || "en";
formatLocale(numberLocale(language) as never);
timeFormatLocale(timeLocale(language) as never);
startAll(document);
document.addEventListener("htmx:load", (event) => startAll((event.target as Element).parentElement ?? document));
