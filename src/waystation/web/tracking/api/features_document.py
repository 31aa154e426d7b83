"""The OpenAPI description of the features, as OGC API asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def description(server: str, names: Sequence[str], most: int, usual: int) -> dict[str, Any]:
    """Return the OpenAPI 3.0 document of the features.

    Args:
        server: Address of the landing page, without a slash at the end.
        names: Collections that the reader may see.
        most: Largest page.
        usual: Page unless told.
    """
    limit = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    offset = {"type": "integer", "minimum": 0, "default": 0}
    bbox = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    parameters = [
        _parameter("limit", limit),
        _parameter("offset", offset),
        _parameter("bbox", bbox) | {"style": "form", "explode": False},
        _parameter("datetime", {"type": "string"}),
    ]
    paths = {
        "/": _get("What there is"),
        "/conformance": _get("What is conformed to"),
        "/collections": _get("Collections"),
    }
    for name in names:
        own = f"/collections/{name}"
        paths[own] = _get(f"About {name}")
        paths[f"{own}/items"] = _get(f"Features of {name}", parameters, "application/geo+json")
        feature = [_parameter("featureId", {"type": "string"}, place="path")]
        paths[f"{own}/items/{{featureId}}"] = _get(
            f"A feature of {name}", feature, "application/geo+json"
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": "Waystation features", "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
    }


def _parameter(name: str, schema: dict[str, Any], *, place: str = "query") -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _get(
    summary: str,
    parameters: Sequence[dict[str, Any]] = (),
    kind: str = "application/json",
) -> dict[str, Any]:
    answer = {"description": summary, "content": {kind: {"schema": {"type": "object"}}}}
    problem = {"description": "The question cannot be answered"}
    return {
        "get": {
            "summary": summary,
            "parameters": list(parameters),
            "responses": {"200": answer, "404": problem, "422": problem},
        }
    }
