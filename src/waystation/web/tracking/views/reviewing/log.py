"""The cleaning log: searched, undone, taken along, and taken in from elsewhere."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from waystation.errors import UnusableInput
from waystation.web.accounts.roles import Action
from waystation.web.tracking import cleaning_log as logs
from waystation.web.tracking import findings, storage
from waystation.web.tracking.actions import review as actions
from waystation.web.tracking.forms.reviewing import LogFileForm
from waystation.web.tracking.models import Round
from waystation.web.tracking.models.review import CorrectionAction
from waystation.web.tracking.views.reviewing import words
from waystation.web.tracking.views.reviewing.frame import (
    address,
    may_see,
    reviewer,
    round_context,
)

ON_A_PAGE = 100
SHOWN = 20
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_required
@require_GET
def cleaning_log(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show who changed what, from what to what, when and why."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    text = request.GET.get("text", "")[:200].replace("\x00", "")
    action = request.GET.get("action", "")
    chosen = {
        "text": text,
        "action": action if action in CorrectionAction.values else "",
        "batch": request.GET.get("batch", "")[:32].replace("\x00", ""),
        "ended": request.GET.get("ended") == "1",
    }
    entries = logs.entries_of_round(round_, **chosen)  # type: ignore[arg-type]  # by their names
    page = Paginator(entries, ON_A_PAGE).get_page(request.GET.get("page"))
    context = round_context(
        request,
        round_,
        "cleaning_log",
        page=page,
        entries=[
            {"entry": e, "column": words.column_label(e.question)} for e in page.object_list
        ],
        chosen=chosen,
        choices=CorrectionAction.choices,
        acts=logs.acts_of_round(round_),
        has_any=round_.corrections.exists(),
    )
    return render(request, "tracking/reviewing/log.html", context)


@login_required
@require_GET
def cleaning_log_file(request: HttpRequest, slug: str, key: str, kind: str) -> HttpResponse:
    """Return the cleaning log in the sector's layout."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    content = logs.log_file(round_, kind)
    return attachment(content, f"cleaning_log_{round_.key}.{kind}", TYPES[kind])


@login_required
@require_http_methods(["GET", "POST"])
def import_log(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Take in a cleaning log made elsewhere: send it, see what it would do, confirm."""
    round_ = may_see(request, slug, key, Action.REVIEW_DATA)
    if request.method != "POST":
        return _form(request, round_, LogFileForm(), 200)
    if "sha256" in request.POST:
        return _confirm(request, round_)
    form = LogFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, round_, form, 422)
    file = form.cleaned_data["file"]
    try:
        kept = storage.keep_file(round_.operation, file.name, file.chunks())
        path = storage.file_path(round_.operation, kept.sha256, kept.name)
        read = logs.read_log(path, findings.rows_as_received(round_))
    except UnusableInput as error:
        form.add_error("file", str(error))
        return _form(request, round_, form, 422)
    context = round_context(
        request,
        round_,
        "cleaning_log",
        kept=kept,
        usable=read.usable.height,
        refused=read.refused.height,
        examples=_rows(read.usable),
        refusals=_rows(read.refused),
    )
    return render(request, "tracking/reviewing/log_preview.html", context)


def _confirm(request: HttpRequest, round_: Round) -> HttpResponse:
    path = logs.log_path(round_, request.POST["sha256"], request.POST.get("name", ""))
    read = logs.read_log(path, findings.rows_as_received(round_))
    done = actions.import_log(round_, read.usable, by=reviewer(request))
    messages.success(
        request, _("Entries written into the cleaning log: %(n)s") % {"n": done.entries}
    )
    return redirect(address("cleaning_log", round_))


def _rows(frame: Any) -> list[dict[str, Any]]:
    return [
        {"entry": row, "column": words.column_label(row["question"])}
        for row in frame.head(SHOWN).iter_rows(named=True)
    ]


def _form(request: HttpRequest, round_: Round, form: LogFileForm, status: int) -> HttpResponse:
    context = round_context(request, round_, "cleaning_log", form=form)
    return render(request, "tracking/reviewing/log_import.html", context, status=status)


def attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    """Return a file to be kept, never shown by the browser or kept by anything between."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
