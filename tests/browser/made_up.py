"""Documents of a made-up country: a grid of squares with figures that follow a rule."""

from __future__ import annotations

from typing import Any

PASSWORD = "long enough to be one"
ROUNDS = [
    ("10", "Round 10", "2025-11-20"),
    ("11", "Round 11", "2026-01-15"),
    ("12", "Round 12", "2026-09-30"),
]
WEST, SOUTH = 10.0, 4.0
TABS = [
    {"url": "#a", "label": "Overview", "is_current": True},
    {"url": "#b", "label": "Findings", "count": 1204},
    {"url": "#c", "label": "Quality"},
]
STEPS = [
    {"label": "Sent", "state": "done", "note": "Xarni office, 20 Sep"},
    {"label": "Checked", "state": "current", "note": "12 findings open"},
    {"label": "Approved", "state": "blocked", "note": "Needs a second person"},
    {"label": "Published", "state": "ahead"},
]


def squares(per_side: int, prefix: str) -> dict[str, Any]:
    """Return a grid of units over six degrees."""
    side = 6 / per_side
    features = []
    for row in range(per_side):
        for column in range(per_side):
            west, south = WEST + column * side, SOUTH + row * side
            ring = [[west, south], [west + side, south], [west + side, south + side]]
            ring += [[west, south + side], [west, south]]
            number = row * per_side + column + 1
            features.append(
                {
                    "type": "Feature",
                    "id": f"{prefix}{number:02d}",
                    "properties": {"name": f"Unit {number}", "disputed": number == 3},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def values(codes: list[str], factor: int) -> dict[str, Any]:
    """Return figures by a rule: the last code is left out, the first not known."""
    kept = codes[:-1]
    rounds = [
        [None if i == 0 else (i * factor * (r + 1)) % 9000 for i in range(len(kept))]
        for r in range(len(ROUNDS))
    ]
    rounds[-1][1] = 0
    return {"codes": kept, "rounds": rounds}


def map_document() -> dict[str, Any]:
    """Return the map document."""
    first = [f["id"] for f in squares(2, "XW")["features"]]
    second = [f["id"] for f in squares(6, "XW1")["features"]]
    sites = [str(i) for i in range(1, 13)]
    figures = {
        "1": values(first, 2100),
        "2": values(second, 321),
        "points": values(sites, 77),
    }
    classes = {"1": [1, 2000, 4000, 5000, 6000, 9000], "2": [1, 1500, 3000, 4500, 6000, 9000]}
    return {
        "bounds": [WEST, SOUTH, WEST + 6, SOUTH + 6],
        "outlines": {"1": "/test/data/units1.json", "2": "/test/data/units2.json"},
        "points": "/test/data/points.json",
        "rounds": [{"key": k, "label": n, "date": d} for k, n, d in ROUNDS],
        "indicators": [
            {
                "code": "idp_individuals",
                "label": "People displaced",
                "unit": "persons",
                "kind": "stock",
            },
            {
                "code": "change",
                "label": "Change since the last round",
                "unit": "persons",
                "kind": "change",
            },
        ],
        "values": {"idp_individuals": figures, "change": figures},
        "classes": {
            "idp_individuals": classes,
            "change": {"1": [-9000, -3000, -500, 500, 3000, 9000]} | {"2": classes["2"]},
        },
        "words": {"level_1": "Regions", "level_2": "Districts"},
    }


def points() -> dict[str, Any]:
    """Return sites."""
    features = [
        {
            "type": "Feature",
            "id": i,
            "properties": {"id": str(i), "name": f"Site {i}", "type": "camp"},
            "geometry": {
                "type": "Point",
                "coordinates": [WEST + i * 0.45, SOUTH + (i * 1.7) % 6],
            },
        }
        for i in range(1, 13)
    ]
    return {"type": "FeatureCollection", "features": features}


def flows() -> dict[str, Any]:
    """Return a map document of flows."""
    ends = [(11.0, 5.0), (15.0, 9.0), (11.5, 9.5), (15.0, 5.0)]
    rows = [
        {
            "origin": ends[a],
            "destination": ends[b],
            "origin_name": f"Place {a}",
            "destination_name": f"Place {b}",
            "persons": persons,
        }
        for a, b, persons in [(0, 1, 12000), (1, 0, 900), (2, 3, 4000), (0, 3, 150), (2, 2, 10)]
    ]
    return map_document() | {"flows": rows, "indicators": [], "rounds": [], "points": None}


def rows() -> list[dict[str, Any]]:
    """Return rows of a table, one of each state."""
    states = ["observed", "estimated", "carried_forward", "provisional", "suppressed"]
    return [
        {
            "name": f"Unit {i + 1}",
            "persons": None if state == "suppressed" else 12_345 * (i + 1),
            "change": (-1) ** i * 310 * i,
            "state": state,
        }
        for i, state in enumerate(states)
    ]


def chart() -> dict[str, Any]:
    """Return a specification drawn by the library, as the server sends it."""
    from waystation.release.charts import Look, stock_over_rounds
    from waystation.release.report.words import Words

    stocks = [12000, 15000, None, 21000]
    dates = ["2025-06-01", "2025-11-20", "2026-01-15", "2026-09-30"]
    rows = [
        {
            "date": date,
            "value": value,
            "text": "" if value is None else f"{value:,}",
            "tip": f"{date}: {value}",
            "is_unsure": date == dates[1],
            "is_labelled": date == dates[-1],
        }
        for date, value in zip(dates, stocks, strict=True)
    ]
    return stock_over_rounds(rows, Look(Words("en"), width=660))


def document(name: str) -> dict[str, Any]:
    """Return a document by name."""
    made = {
        "units1": lambda: squares(2, "XW"),
        "units2": lambda: squares(6, "XW1"),
        "map": map_document,
        "points": points,
        "flows": flows,
        "chart": chart,
    }
    return made[name]()
