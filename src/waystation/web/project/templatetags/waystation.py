"""Numbers, days and marks as pages write them: ``{% load waystation %}``."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from django import template
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from waystation.release.theme import dark_by_light
from waystation.web.accounts import access
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.project.digits import DIGITS

register = template.Library()
Number = int | float | Decimal
MINUS = "\u2212"


def locale() -> Locale:
    """Return the locale of the page."""
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _digits() -> str:
    return DIGITS.get() if locale().language == "ar" else "latn"


def _own_digits(text: str) -> str:
    return text.translate(ARABIC_INDIC) if _digits() == "arab" else text


ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def not_reported() -> SafeString:
    """Return a dash that says what it means."""
    return format_html(
        '<span aria-hidden="true">—</span><span class="visually-hidden">{}</span>',
        _("not reported"),
    )


def number_text(value: Number, decimals: int = 0) -> str:
    """Return a number with the separators, digits and minus sign of the page."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    size = -value if value < 0 else value
    text = format_decimal(size, format=pattern, locale=locale(), numbering_system=_digits())
    is_negative = value < 0 and any(digit != "0" for digit in text if digit.isdigit())
    return _own_digits(f"{MINUS}{text}" if is_negative else text)


def _is_number(value: object) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool) and value == value


@register.filter
def figure(value: Any, decimals: int = 0) -> str:
    """Write 1204518 as 1,204,518; what was not reported as a dash, never as 0."""
    if not _is_number(value):
        return not_reported()
    return format_html('<span class="number">{}</span>', number_text(value, int(decimals)))


@register.filter
def prose_figure(value: Any) -> str:
    """Write 1204518 as 1.2 million, as sentences do; small numbers stay exact."""
    if not _is_number(value):
        return not_reported()
    if abs(value) < 100_000:
        return number_text(value)
    text = format_compact_decimal(
        value,
        format_type="long",
        locale=locale(),
        fraction_digits=1 if abs(value) >= 1_000_000 else 0,
        numbering_system=_digits(),
    )
    return _own_digits(text.replace("-", MINUS))


@register.filter
def share(value: Any, decimals: int = 0) -> str:
    """Write 0.42 as 42%."""
    if not _is_number(value):
        return not_reported()
    pattern = locale().percent_formats[None].pattern
    if decimals:
        pattern = pattern.replace("0", "0." + "0" * int(decimals), 1)
    text = format_percent(value, format=pattern, locale=locale(), numbering_system=_digits())
    return format_html('<span class="number">{}</span>', _own_digits(text.replace("-", MINUS)))


@register.filter
def signed(value: Any, decimals: int = 0) -> str:
    """Write a change with its sign: +1,204, −310; no change is 0."""
    if not _is_number(value):
        return not_reported()
    text = number_text(value, int(decimals))
    sign = "+" if value > 0 and text != number_text(0, int(decimals)) else ""
    return format_html('<span class="number">{}{}</span>', sign, text)


@register.filter
def day(value: Any) -> str:
    """Write a day as 23 Nov 2026, in the form of the locale."""
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value[:10])
        except ValueError:
            return not_reported()
    if isinstance(value, dt.datetime):
        value = value.date()
    if not isinstance(value, dt.date):
        return not_reported()
    form = "d MMM y" if locale().language == "en" else "medium"
    text = _own_digits(format_date(value, format=form, locale=locale()))
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@register.filter
def json_attribute(value: Any) -> str:
    """Return JSON for a data- attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def state_words() -> dict[str, tuple[str, str]]:
    """Return the mark and the words of each state a figure can be in."""
    return {
        "estimated": (_("e"), _("estimated")),
        "carried_forward": (_("c"), _("carried forward")),
        "provisional": (_("p"), _("provisional")),
        "suppressed": (_("s"), _("withheld to protect people")),
        "not_assessed": (_("n"), _("not assessed")),
    }


@register.simple_tag
def state_mark(state: str | None) -> str:
    """Return the small mark after a figure, read out in words; nothing for observed ones."""
    mark = state_words().get(state or "")
    if mark is None:
        return ""
    return format_html(
        ' <abbr class="mark" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></abbr>',
        mark[1],
        mark[0],
        mark[1],
    )


@register.simple_tag
def state_badge(state: str | None) -> str:
    """Return the state of a figure as a badge in words; nothing for observed ones."""
    mark = state_words().get(state or "")
    if mark is None:
        return ""
    return format_html('<span class="badge is-{}">{}</span>', state, mark[1])


@register.simple_tag
def dark_colours() -> str:
    """Return the dark colour of each light one as JSON, for charts."""
    return json_attribute(dark_by_light())


@register.simple_tag
def map_words() -> str:
    """Return the words of the map component as JSON."""
    return json_attribute(
        {
            "indicator": _("Indicator"),
            "level": _("Level"),
            "level_0": _("Country"),
            "level_1": _("Admin 1"),
            "level_2": _("Admin 2"),
            "level_3": _("Admin 3"),
            "show_as": _("Show as"),
            "areas": _("Areas"),
            "circles": _("Circles"),
            "points": _("Locations"),
            "round": _("Round"),
            "play": _("Play"),
            "pause": _("Pause"),
            "persons": _("persons"),
            "not_assessed": _("not assessed"),
            "classes": _("Classes hold about equal numbers of areas."),
            "flow_legend": _(
                "A wider line means more persons; the arrow points to where they went."
            ),
            "disclaimer": _(
                "Boundaries and names shown do not imply official endorsement or acceptance."
            ),
            "map": _("Map"),
            "zoom_in": _("Zoom in"),
            "zoom_out": _("Zoom out"),
            "zoom_with_ctrl": _("Hold Ctrl and scroll to zoom the map"),
            "zoom_with_command": _("Hold ⌘ and scroll to zoom the map"),
            "two_fingers": _("Use two fingers to move the map"),
            "failed": _("The map could not be drawn here. The table holds the same figures."),
        }
    )


@register.simple_tag(takes_context=True)
def address_with(context: dict[str, Any], name: str, value: object) -> str:
    """Return this page's query with one value changed; empty leaves it out.

    Where the name is fixed, Django's ``{% querystring %}`` does the same.
    """
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    if value is None or value == "":
        query.pop(name, None)
    else:
        query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def may_manage_people(context: dict[str, Any]) -> bool:
    """Say whether who reads this page manages accounts."""
    user = context.get("user")
    return isinstance(user, User) and access.may(user, Action.MANAGE_ACCOUNTS)


@register.simple_tag
def page_numbers(page: Any) -> list[int | str]:
    """Return the numbers a pagination shows, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def chosen(request: Any, name: str) -> str:
    """Return what the cookie of a switch (theme, density, digits) says, where it is known."""
    allowed = {"theme": ("light", "dark"), "density": ("compact",), "digits": ("arab",)}
    value = getattr(request, "COOKIES", {}).get(name, "")
    return value if value in allowed.get(name, ()) else ""
