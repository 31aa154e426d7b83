"""Charts as pictures, without a browser and without a network."""

from __future__ import annotations

from functools import cache
from typing import Any

from waystation.release.charts import hatchings
from waystation.release.theme import LIGHT, font_folders, number_locale, time_locale


@cache
def _register_fonts() -> None:
    import vl_convert

    for folder in font_folders():
        vl_convert.register_font_directory(str(folder))


def svg_from_spec(spec: dict[str, Any], language: str, *, defined: bool = True) -> str:
    """Return a chart as SVG, its hatchings defined, its text as text.

    Args:
        spec: A Vega-Lite specification.
        language: How numbers and dates on axes are written.
        defined: Whether the picture defines its own hatchings; false where the page does.
    """
    import vl_convert

    _register_fonts()
    svg: str = vl_convert.vegalite_to_svg(
        spec,
        allowed_base_urls=[],
        format_locale=number_locale(language),
        time_format_locale=time_locale(language),
    )
    if not defined:
        return svg
    end = svg.index(">") + 1
    return svg[:end] + hatchings() + svg[end:]


def swatch(fill: str, *, defined: bool = True) -> str:
    """Return a small square of a fill as SVG, for legends set as text."""
    if fill == "hollow":
        shape = (
            f'<circle cx="6" cy="6" r="4" fill="{LIGHT.paper}" stroke="{LIGHT.primary}" '
            'stroke-width="2"/>'
        )
    else:
        shape = f'<rect width="12" height="12" fill="{fill}"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" width="12" height="12" '
        'viewBox="0 0 12 12">'
        f"{hatchings() if defined else ''}{shape}</svg>"
    )
