"""The p-code lists and boundaries of an operation."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from waystation.errors import UnusableInput
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access, geography
from waystation.web.tracking.actions import operations as actions
from waystation.web.tracking.forms.setting_up import PlaceFileForm
from waystation.web.tracking.models.operations import PlaceKind
from waystation.web.tracking.views.frame import operation_context


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def geography_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the units and outlines that hold, and take in files of them."""
    user = cast("User", request.user)
    operation = access.operation_for(user, slug, Action.SET_UP_OPERATIONS)
    form = PlaceFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        kind = PlaceKind(form.cleaned_data["kind"])
        try:
            actions.add_place_file(operation, kind, sent.name, sent.chunks(), by=user)
        except UnusableInput as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("Received. It is being read."))
            return redirect("tracking:geography", slug)
    status = 422 if request.method == "POST" else 200
    context = operation_context(
        request,
        operation,
        "operation_settings",
        form=form,
        files=geography.files_of(operation),
        levels=geography.levels_of(operation),
        findings=geography.findings_of(operation),
        job=geography.last_job(operation),
    )
    return render(request, "tracking/setting_up/geography.html", context, status=status)


@require_POST
@login_required
def withdraw_file(request: HttpRequest, slug: str, file_id: int) -> HttpResponse:
    """Take a file of places out of use."""
    user = cast("User", request.user)
    operation = access.operation_for(user, slug, Action.SET_UP_OPERATIONS)
    place_file = access.place_file_of(operation, file_id)
    actions.withdraw_place_file(place_file, by=user)
    messages.success(request, _("Withdrawn. The places are being read anew."))
    return redirect("tracking:geography", slug)
