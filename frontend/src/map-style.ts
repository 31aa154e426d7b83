/** Colours from the page's tokens, the hatching, and the layers of the map. */
import type { ExpressionSpecification, LayerSpecification, Map as Glmap, StyleSpecification } from "maplibre-gl";

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Draw the hatching of what was not assessed, as a tile that repeats. */
export function hatching(): ImageData {
  const size = 16;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = token("--panel");
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = token("--absent");
  pen.lineWidth = 1.6;
  for (const at of [-size / 2, 0, size / 2, size, size * 1.5]) {
    pen.beginPath();
    pen.moveTo(at - 2, size + 2);
    pen.lineTo(at + size + 2 - 2, -2 + 0);
    pen.stroke();
  }
  return pen.getImageData(0, 0, size, size);
}

export function arrow(): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 24;
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = token("--primary");
  pen.beginPath();
  pen.moveTo(12, 2);
  pen.lineTo(21, 21);
  pen.lineTo(3, 21);
  pen.fill();
  return pen.getImageData(0, 0, 24, 24);
}

export function emptyStyle(tiles: string | undefined, attribution: string | undefined): StyleSpecification {
  const style: StyleSpecification = {
    version: 8,
    sources: {},
    layers: [{ id: "paper", type: "background", paint: { "background-color": token("--panel") } }],
  };
  if (tiles) {
    style.sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, attribution: attribution ?? "" };
    style.layers.push({ id: "tiles", type: "raster", source: "tiles", paint: { "raster-saturation": -0.8, "raster-opacity": 0.6 } });
  }
  return style;
}

const state = (key: string): ExpressionSpecification => ["feature-state", key];

/** Return the layers of units: fill by class, hatching, boundaries, disputed ones dashed. */
export function unitLayers(): LayerSpecification[] {
  return [
    { id: "units", type: "fill", source: "units", paint: {} },
    {
      id: "absent",
      type: "fill",
      source: "units",
      paint: { "fill-pattern": "hatching", "fill-opacity": ["case", ["==", state("absent"), true], 1, 0] },
    },
    { id: "lines", type: "line", source: "units", filter: ["!=", ["get", "disputed"], true], paint: { "line-width": 0.7 } },
    {
      id: "disputed",
      type: "line",
      source: "units",
      filter: ["==", ["get", "disputed"], true],
      paint: { "line-width": 1, "line-dasharray": [3, 2] },
    },
    {
      id: "hover",
      type: "line",
      source: "units",
      paint: { "line-width": ["case", ["==", state("hover"), true], 2.5, 0] },
    },
  ];
}

export function circleLayer(): LayerSpecification {
  return {
    id: "circles",
    type: "circle",
    source: "circles",
    paint: {
      "circle-radius": ["coalesce", state("radius"), 0],
      "circle-opacity": 0.55,
      "circle-stroke-width": ["case", ["==", state("hover"), true], 3, 1],
    },
  };
}

/** Give every layer the colours of now. */
export function paint(map: Glmap, isChange: boolean): void {
  const kind = isChange ? "change" : "class";
  const shades = [1, 2, 3, 4, 5].flatMap((n) => [n, token(`--${kind}-${n}`)]);
  const set = (layer: string, name: string, value: unknown): void => {
    if (map.getLayer(layer)) map.setPaintProperty(layer, name as never, value as never);
  };
  set("paper", "background-color", token("--panel"));
  set("units", "fill-color", ["match", ["coalesce", state("shade"), -1], ...shades, token("--paper")]);
  set("lines", "line-color", token("--quiet"));
  set("disputed", "line-color", token("--quiet"));
  set("parents", "line-color", token("--ink"));
  set("hover", "line-color", token("--ink"));
  set("circles", "circle-color", token("--primary"));
  set("circles", "circle-stroke-color", token("--primary"));
  set("flows", "line-color", token("--primary"));
  if (map.hasImage("hatching")) map.updateImage("hatching", hatching());
  if (map.hasImage("arrow")) map.updateImage("arrow", arrow());
}
