"""A file that was sent in: how it stands, its original, and taking it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from waystation.errors import NotFound
from waystation.tracking.mapping import FileMapping
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access, readings, storage
from waystation.web.tracking.actions import uploads as actions
from waystation.web.tracking.forms.sending import ConfirmForm
from waystation.web.tracking.mappings import mapping_of_text
from waystation.web.tracking.models import Upload
from waystation.web.tracking.models.uploads import UploadState
from waystation.web.tracking.problems import problem_of, step_of
from waystation.web.tracking.sheets import sheets_of
from waystation.web.tracking.shown_preview import shown_preview
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.work import history_of, job_of, rounds_of

CHUNK = 1 << 20


@require_safe
@login_required
def upload(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Show how a file stands, what it means and becomes, and what to do with it."""
    found = access.upload_for(request.user, slug, upload_id, Action.READ_DRAFTS)
    return upload_page(request, found)


def upload_page(
    request: HttpRequest, found: Upload, form: ConfirmForm | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of a file, with the form to confirm its mapping where one waits."""
    context = operation_context(request, found.operation, "work", **_state(found))
    if found.mapping and found.is_live and not found.is_worked_on:
        context |= _meaning(found, form)
    context["rounds"] = rounds_of(found)
    context["history"] = history_of(found)
    return render(request, "tracking/sending/upload.html", context, status=status)


def _state(found: Upload) -> dict[str, Any]:
    job = job_of(found)
    failed = found.state == UploadState.FAILED
    return {
        "upload": found,
        "job": job,
        "step": step_of(job.step) if job else "",
        "problem": problem_of(found.problem_code, found.problem) if failed else None,
        "is_waiting": found.state == UploadState.TO_CONFIRM,
        "may_change": found.is_live and not found.is_worked_on,
    }


def _meaning(found: Upload, form: ConfirmForm | None) -> dict[str, Any]:
    text = readings.text_of(found)
    mapping = mapping_of_text(text)
    key = readings.key_of(found, text)
    return {
        "mapping": mapping,
        "sheets": sheets_of(found, mapping),
        "is_edited": bool(found.edited),
        "preview": preview_for_page(found, mapping),
        "form": form or ConfirmForm(initial=_said(found, key)),
        "needs_confirming": bool(found.edited) or found.state != UploadState.READ,
    }


def _said(found: Upload, key: str) -> dict[str, Any]:
    return {
        "round_number": found.round_number,
        "reference_date": found.reference_date,
        "component": found.component,
        "key": key,
    }


def preview_for_page(found: Upload, mapping: FileMapping) -> dict[str, Any] | None:
    """Return what a file becomes, for the page; None where that takes longer than a page may.

    What is read already, and not being changed, needs no preview.
    """
    if found.state == UploadState.READ and not found.edited:
        return {}
    kept = readings.kept_preview(found)
    if kept is None and readings.is_read_at_once(found):
        kept = readings.preview_of(found)
    return None if kept is None else shown_preview(kept, mapping)


@require_safe
@login_required
def upload_state(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Answer how far a file is, for the part of its page that asks again and again."""
    found = access.upload_for(request.user, slug, upload_id, Action.READ_DRAFTS)
    if not request.headers.get("HX-Request"):
        return redirect("tracking:upload", slug, upload_id)
    context = operation_context(request, found.operation, "work", **_state(found))
    answer = render(request, "tracking/sending/_progress.html", context)
    if not found.is_worked_on:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
@login_required
def upload_original(request: HttpRequest, slug: str, upload_id: int) -> HttpResponseBase:
    """Send a file as it was received, never to be shown by the browser."""
    found = access.upload_for(request.user, slug, upload_id, Action.SEND_DATA)
    path = storage.upload_path(found)
    if not path.is_file():
        raise NotFound(what="file", name=found.name)
    actions.record_download(found, by=cast("User", request.user))
    if not isinstance(request, ASGIRequest):
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=found.name,
            content_type="application/octet-stream",
        )
    answer = StreamingHttpResponse(_chunks(path), content_type="application/octet-stream")
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    answer["Content-Disposition"] = disposition or "attachment"
    answer["Content-Length"] = str(found.size)
    return answer


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


@require_POST
@login_required
def upload_withdraw(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Take a file back: its rows stop counting."""
    found = access.upload_for(request.user, slug, upload_id, Action.SEND_DATA)
    rounds = actions.withdraw_upload(found, by=cast("User", request.user))
    sentence = _("%(name)s was withdrawn. Rounds that are built anew: %(rounds)s")
    messages.success(request, sentence % {"name": found.name, "rounds": len(rounds)})
    return redirect("tracking:work", slug)


@require_POST
@login_required
def upload_again(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Try again with a file that could not be used."""
    found = access.upload_for(request.user, slug, upload_id, Action.SEND_DATA)
    actions.try_again(found, by=cast("User", request.user))
    return redirect("tracking:upload", slug, upload_id)
