"""The health check, the icon, and where there is no page."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from waystation.errors import NotFound


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


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead to the icon, for answers that no page of ours is around."""
    answer = redirect(static("icon.svg"))
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
