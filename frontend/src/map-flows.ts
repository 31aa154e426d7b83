/** Flows as curves, wider for more persons, with an arrow at the destination. */
import type { Feature, FeatureCollection } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import type { Flow } from "./map-document";

export function width(persons: number, top: number): number {
  return Math.max(1, 12 * Math.sqrt(persons / (top || 1)));
}

function curve([x0, y0]: [number, number], [x1, y1]: [number, number]): [number, number][] {
  const [cx, cy] = [(x0 + x1) / 2 - (y1 - y0) * 0.18, (y0 + y1) / 2 + (x1 - x0) * 0.18];
  return [...Array(25).keys()].map((i) => {
    const t = i / 24;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
    return [a * x0 + b * cx + c * x1, a * y0 + b * cy + c * y1];
  });
}

/** Return lines and arrow heads; the widest are drawn first, so that thin ones stay visible. */
export function flowFeatures(flows: Flow[]): FeatureCollection {
  const top = Math.max(0, ...flows.map((flow) => flow.persons));
  const shown = flows.filter((flow) => flow.persons > 0).sort((a, b) => b.persons - a.persons);
  const features: Feature[] = shown.flatMap((flow, i) => {
    const same = flow.origin[0] === flow.destination[0] && flow.origin[1] === flow.destination[1];
    if (same) return [];
    const coordinates = curve(flow.origin, flow.destination);
    const [from, to] = [coordinates.at(-3)!, coordinates.at(-1)!];
    const stretch = Math.cos((to[1] * Math.PI) / 180);
    const angle = (Math.atan2((to[0] - from[0]) * stretch, to[1] - from[1]) * 180) / Math.PI;
    const properties = { ...flow, id: i, width: width(flow.persons, top), angle };
    return [
      { type: "Feature", id: i, properties, geometry: { type: "LineString", coordinates } },
      { type: "Feature", properties, geometry: { type: "Point", coordinates: to } },
    ] as Feature[];
  });
  return { type: "FeatureCollection", features };
}

export function flowLayers(): LayerSpecification[] {
  return [
    {
      id: "flows",
      type: "line",
      source: "flows",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round" },
      paint: {
        "line-width": ["get", "width"],
        "line-opacity": ["case", ["==", ["feature-state", "hover"], true], 1, 0.55],
      },
    },
    {
      id: "heads",
      type: "symbol",
      source: "flows",
      filter: ["==", ["geometry-type"], "Point"],
      layout: {
        "icon-image": "arrow",
        "icon-rotate": ["get", "angle"],
        "icon-size": ["interpolate", ["linear"], ["get", "width"], 1, 0.45, 12, 1],
        "icon-allow-overlap": true,
        "icon-rotation-alignment": "map",
      },
    },
  ];
}
