"""Sending files in."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.actions.uploads import MOST_BYTES, receive_upload
from waystation.web.tracking.forms.sending import ENDINGS, MOST_FILES, SendForm
from waystation.web.tracking.models import Operation, Upload
from waystation.web.tracking.storage import plain_name
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.work import files_named


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in one or several files."""
    operation = access.operation_for(request.user, slug, Action.SEND_DATA)
    if request.method != "POST":
        return _page(request, operation, SendForm())
    form = SendForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, operation, form, status=422)
    said = form.cleaned_data
    files = said.pop("file")
    former = files_named(operation, [plain_name(file.name or "") for file in files])
    taken = [_take(request, operation, file, former, said) for file in files]
    if len(taken) == 1:
        return redirect("tracking:upload", operation.slug, taken[0].pk)
    return redirect("tracking:work", operation.slug)


def _take(
    request: HttpRequest,
    operation: Operation,
    file: UploadedFile[Any],
    former: dict[str, Upload],
    said: dict[str, Any],
) -> Upload:
    upload, is_new = receive_upload(
        operation, file.name or "", file.chunks(), by=cast("User", request.user), **said
    )
    name = {"name": upload.name}
    if not is_new:
        sentence = _("%(name)s was already received. Nothing changed.") % name
        messages.info(request, sentence)
    elif upload.name in former:
        sentence = _(
            "%(name)s was received. Once it is read it replaces the file of the same name; "
            "until then the former one counts."
        )
        messages.warning(request, sentence % name)
    else:
        messages.success(request, _("%(name)s was received.") % name)
    return upload


def _page(
    request: HttpRequest, operation: Operation, form: SendForm, status: int = 200
) -> HttpResponse:
    context = operation_context(
        request,
        operation,
        "work",
        form=form,
        endings=ENDINGS,
        limit=filesizeformat(MOST_BYTES),
        most=MOST_FILES,
    )
    return render(request, "tracking/sending/upload_new.html", context, status=status)
