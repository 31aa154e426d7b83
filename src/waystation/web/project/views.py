"""The home page, and the health check."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from waystation.errors import NotFound
from waystation.web.accounts import access
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Say who is signed in, with which roles, and what needs them."""
    user = cast("User", request.user)
    context = {
        "roles": access.roles_of(user),
        "may_manage": access.may(user, Action.MANAGE_ACCOUNTS),
    }
    return render(request, "waystation/home.html", context)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers; an error of the database becomes a 500."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer as where there is no page."""
    raise NotFound(what="page", name=request.path)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose proof of origin is missing or old."""
    sentence = _("This form was open too long, or came from elsewhere. Open it again.")
    context = {"status": 403, "sentence": sentence}
    return render(request, "waystation/refusal.html", context, status=403)
