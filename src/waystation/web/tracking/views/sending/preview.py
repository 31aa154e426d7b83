"""What a file becomes, before and until somebody confirms its mapping."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from waystation.errors import InvalidChoice
from waystation.tracking.mapping_edits import what_is_missing
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access, readings
from waystation.web.tracking.actions import uploads as actions
from waystation.web.tracking.forms.sending import ConfirmForm
from waystation.web.tracking.mappings import mapping_of_text
from waystation.web.tracking.models import Upload
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.views.sending.upload import preview_for_page, upload_page
from waystation.web.tracking.work import job_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload_preview(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Answer what a file becomes; a POST has a large one read in the background."""
    if request.method == "POST":
        found = access.upload_for(request.user, slug, upload_id, Action.SEND_DATA)
        actions.ask_preview(_with_mapping(found), by=cast("User", request.user))
        return redirect("tracking:upload", slug, upload_id)
    found = access.upload_for(request.user, slug, upload_id, Action.READ_DRAFTS)
    if not request.headers.get("HX-Request"):
        return redirect("tracking:upload", slug, upload_id)
    mapping = mapping_of_text(readings.text_of(_with_mapping(found)))
    context = operation_context(
        request,
        found.operation,
        "work",
        upload=found,
        job=job_of(found),
        preview=preview_for_page(found, mapping),
    )
    return render(request, "tracking/sending/_preview.html", context)


@require_POST
@login_required
def upload_confirm(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Confirm the mapping that the person saw, and have the file read by it."""
    found = access.upload_for(request.user, slug, upload_id, Action.SEND_DATA)
    text = readings.text_of(_with_mapping(found))
    form = ConfirmForm(request.POST)
    if form.is_valid() and form.cleaned_data["key"] != readings.key_of(found, text):
        form.add_error(
            None, _("The mapping was changed meanwhile. Look at it again, then confirm it.")
        )
    if form.is_valid() and what_is_missing(mapping_of_text(text)):
        form.add_error(
            None,
            _("The mapping does not say yet where people are and how many. Complete it first."),
        )
    if not form.is_valid():
        return upload_page(request, found, form, status=422)
    said = form.cleaned_data
    said.pop("key")
    actions.confirm_mapping(found, mapping_of_text(text), by=cast("User", request.user), **said)
    return redirect("tracking:upload", slug, upload_id)


def _with_mapping(found: Upload) -> Upload:
    if not found.mapping:
        raise InvalidChoice(value=found.state, option="file", choices="one with a mapping")
    return found
