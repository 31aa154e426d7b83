"""Saying who does what where: send a table, look at what was read, let it hold."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from waystation.errors import WaystationError
from waystation.release.snapshots import unit_names
from waystation.tracking.response import sectors
from waystation.web.accounts.models import User
from waystation.web.tracking import access, queries
from waystation.web.tracking.actions import presence as actions
from waystation.web.tracking.forms.responding import PresenceForm
from waystation.web.tracking.models import Operation, PresenceImport
from waystation.web.tracking.models.response import ActivityWord, PresenceState
from waystation.web.tracking.presence import (
    findings_of_import,
    frame_of_import,
    imports_of,
    presence_that_holds,
)
from waystation.web.tracking.views.check_words import TITLES
from waystation.web.tracking.views.closer.reading import page_language
from waystation.web.tracking.views.frame import operation_context

MOST_SHOWN = 50
MOST_FINDINGS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def presence_import(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in a table, and list those that were taken in before."""
    operation = access.operation_for_presence(request.user, slug)
    if request.method != "POST":
        return _form(request, operation, PresenceForm())
    form = PresenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, operation, form, status=422)
    file, as_of = form.cleaned_data["file"], form.cleaned_data["as_of"]
    try:
        table, is_new = actions.receive_presence(
            operation, file.name, file.chunks(), as_of=as_of, by=cast("User", request.user)
        )
    except WaystationError as error:
        form.add_error("file", str(error))
        return _form(request, operation, form, status=422)
    if not is_new:
        messages.info(request, _("This table already holds. Nothing changed."))
        return redirect("tracking:presence_import", slug)
    return redirect("tracking:presence_preview", slug, table.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def presence_preview(request: HttpRequest, slug: str, import_id: int) -> HttpResponse:
    """Show what was read of a table and what was not; let it hold."""
    table = access.presence_import_for(request.user, slug, import_id)
    if request.method == "POST":
        actions.confirm_presence(table, by=cast("User", request.user))
        messages.success(request, _("The table holds."))
        return redirect("tracking:response", slug)
    former = presence_that_holds(table.operation)
    presence, findings = frame_of_import(table), findings_of_import(table)
    context = operation_context(
        request,
        table.operation,
        "response",
        table=table,
        is_waiting=table.state == PresenceState.TO_CONFIRM,
        former=former if former and former.pk != table.pk else None,
        rows=_rows(table.operation, presence.head(MOST_SHOWN)),
        organisations=presence["organisation"].n_unique(),
        sectors=presence["sector"].n_unique(),
        left_out=_told(table),
        findings=[
            {**row, "title": TITLES.get(row["code"], row["code"])}
            for row in findings.head(MOST_FINDINGS).iter_rows(named=True)
        ],
        is_cut=findings.height > MOST_FINDINGS,
    )
    return render(request, "tracking/responding/preview.html", context)


@require_POST
@login_required
def presence_withdraw(request: HttpRequest, slug: str, import_id: int) -> HttpResponse:
    """Take a table back."""
    table = access.presence_import_for(request.user, slug, import_id)
    actions.withdraw_presence(table, by=cast("User", request.user))
    messages.success(request, _("The table is withdrawn."))
    return redirect("tracking:presence_import", slug)


def _form(
    request: HttpRequest, operation: Operation, form: PresenceForm, status: int = 200
) -> HttpResponse:
    context = operation_context(
        request, operation, "response", form=form, imports=imports_of(operation)
    )
    return render(request, "tracking/responding/import.html", context, status=status)


def _told(table: PresenceImport) -> list[dict[str, Any]]:
    return [
        {"code": code, "title": TITLES.get(code, code), "count": count}
        for code, count in sorted(table.left_out.items())
    ]


def _rows(operation: Operation, presence: Any) -> list[dict[str, Any]]:
    units, _outlines = queries.geography_of(operation)
    language = page_language()
    names: dict[str, str] = {}
    for level in (1, 2):
        if units is not None:
            names |= dict(unit_names(units, level, language).iter_rows())
    words = dict(ActivityWord.choices)
    return [
        {
            **row,
            "sector_label": sectors()[row["sector"]].label(language),
            "admin1": names.get(row["admin1_code"], row["admin1_code"]),
            "admin2": names.get(row["admin2_code"], row["admin2_code"]),
            "status_label": words.get(row["status"], ""),
        }
        for row in presence.iter_rows(named=True)
    ]
