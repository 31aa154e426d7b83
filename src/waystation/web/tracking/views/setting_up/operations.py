"""Opening an operation, and changing how it works."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from waystation.errors import InvalidChoice
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.actions import operations as actions
from waystation.web.tracking.forms.setting_up import OperationForm, SettingsForm
from waystation.web.tracking.views.frame import operation_context


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def operation_new(request: HttpRequest) -> HttpResponse:
    """Open an operation."""
    user = cast("User", request.user)
    access.require_may_set_up(user)
    form = OperationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operation = actions.create_operation(by=user, **form.cleaned_data)
        except InvalidChoice:
            form.add_error("name", _("This country has an operation of this name already."))
        else:
            messages.success(request, _("The operation is open. Give it its places first."))
            return redirect("tracking:geography", operation.slug)
    status = 422 if request.method == "POST" else 200
    context = {"form": form}
    return render(request, "tracking/setting_up/operation_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def operation_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Change how an operation works; what is published stays as it was published."""
    user = cast("User", request.user)
    operation = access.operation_for(user, slug, Action.SET_UP_OPERATIONS)
    former = access.operation_for(user, slug, Action.SET_UP_OPERATIONS)
    form = SettingsForm(request.POST or None, instance=operation)
    if request.method == "POST" and form.is_valid():
        actions.change_operation(former, by=user, **form.cleaned_data)
        messages.success(request, _("Saved. It holds from the next draft and version on."))
        return redirect("tracking:operation_settings", slug)
    status = 422 if request.method == "POST" else 200
    context = operation_context(request, former, "operation_settings", form=form)
    return render(request, "tracking/setting_up/settings.html", context, status=status)
