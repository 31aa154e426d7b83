"""The front page: all operations at a glance, and what waits for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from waystation.web.accounts import access as accounts
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import PERMITTED, Action, Role
from waystation.web.overview import operations
from waystation.web.tracking import access
from waystation.web.tracking.attention import attention_of
from waystation.web.tracking.views.looking.speech import speech_of_page

PAGE = 100
LONGEST_SEARCH = 100


def this_day() -> dt.date:
    """Return the day it is, in UTC."""
    return timezone.now().date()


@gzip_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show every operation that the reader may see, and what needs them."""
    speech = speech_of_page(request)
    known = access.operations_for_reading(request.user).filter(is_active=True)
    today = this_day()
    lines = [operations.line_of(operation, speech, today) for operation in known]
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()
    order = request.GET.get("sort", "people")
    shown = operations.in_order(operations.found(lines, words), order)
    context: dict[str, Any] = {
        "count": len(lines),
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "q": words,
        "sort": order,
        "total": operations.total_of(lines),
        **_of_person(request.user),
    }
    return render(request, "overview/home.html", context)


def _of_person(user: object) -> dict[str, Any]:
    if not isinstance(user, User):
        return {}
    roles = accounts.roles_of(user)
    works = any(PERMITTED[Role(role.role)] & access.WORK for role in roles)
    return {
        "has_role": bool(roles),
        "attention": attention_of(user) if works else None,
        "may_open": accounts.may(user, Action.SET_UP_OPERATIONS),
        "may_manage": accounts.may(user, Action.MANAGE_ACCOUNTS),
        "may_audit": accounts.may(user, Action.READ_AUDIT),
    }
