"""What every page of an operation has around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.models import Operation

PUBLISHED = (
    ("operation", _("Overview")),
    ("table", _("Table")),
    ("compare", _("Compare rounds")),
    ("flows", _("Origins")),
    ("response", _("Response")),
    ("releases", _("Releases")),
)
WORK = (
    ("work", _("Work"), Action.READ_DRAFTS),
    ("locations", _("Locations"), Action.READ_DRAFTS),
    ("operation_settings", _("Settings"), Action.SET_UP_OPERATIONS),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of an operation.

    Attributes:
        url: Its address.
        label: Its name.
        is_current: Whether it is the page shown.
    """

    url: str
    label: Any
    is_current: bool


def operation_context(
    request: HttpRequest, operation: Operation, tab: str = "", **more: Any
) -> dict[str, Any]:
    """Return the context of a page of an operation: its tabs, and what the reader may do.

    Args:
        request: The request.
        operation: The operation.
        tab: Name of the address of the tab that the page belongs to.
        more: What the page itself needs.
    """
    names = [(name, label) for name, label in PUBLISHED if operation.edition]
    names += [
        (name, label)
        for name, label, action in WORK
        if access.may(request.user, action, operation)
    ]
    return {
        "operation": operation,
        "tabs": [
            Tab(url=address, label=label, is_current=name == tab)
            for name, label in names
            if (address := _address(name, operation))
        ],
        "may_work": access.may(request.user, Action.READ_DRAFTS, operation),
        "may_send": access.may(request.user, Action.SEND_DATA, operation),
        "may_review": access.may(request.user, Action.REVIEW_DATA, operation),
        "may_publish": access.may(request.user, Action.PUBLISH, operation),
        "may_set_up": access.may(request.user, Action.SET_UP_OPERATIONS, operation),
        **more,
    }


def _address(name: str, operation: Operation) -> str:
    try:
        return reverse(f"tracking:{name}", args=[operation.slug])
    except NoReverseMatch:
        return ""
