"""What every page of a round's review has around it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from waystation.web.accounts.models import User
from waystation.web.tracking import access, findings, gate
from waystation.web.tracking.models import Round
from waystation.web.tracking.views.frame import operation_context


def reviewer(request: HttpRequest) -> User:
    """Return the person who asks; views that call this need a signed-in one."""
    assert isinstance(request.user, User)  # noqa: S101  # the decorator of the view holds it
    return request.user


def address(
    name: str, round_: Round, *more: object, query: dict[str, str] | None = None
) -> str:
    """Return the address of a page of a round; empty where there is no such page."""
    try:
        path = reverse(f"tracking:{name}", args=[round_.operation.slug, round_.key, *more])
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path


def round_context(request: HttpRequest, round_: Round, tab: str, **more: Any) -> dict[str, Any]:
    """Return the context of a page of a round: its parts, and what is not in the figures yet.

    Args:
        request: The request.
        round_: The round.
        tab: Name of the address of the part shown.
        more: What the page itself needs.
    """
    desk = findings.desk_of_round(round_) if round_.draft else None
    parts = (
        ("review", _("Findings")),
        ("questions", _("Questions to the field")),
        ("cleaning_log", _("Cleaning log")),
        ("publish", _("Publication")),
    )
    return operation_context(
        request,
        round_.operation,
        "work",
        round=round_,
        desk=desk,
        round_tabs=[
            {"url": address(name, round_), "label": label, "is_current": name == tab}
            for name, label in parts
        ],
        pending=gate.pending_of_round(round_, desk),
        is_partial=request.headers.get("HX-Request") == "true",
        **more,
    )


def may_see(request: HttpRequest, slug: str, key: str, action: Any) -> Round:
    """Return the round of an address, for this."""
    return access.round_for(request.user, slug, key, action)
