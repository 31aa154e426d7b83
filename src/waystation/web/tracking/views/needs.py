"""The page of surveys of households' needs, and the form that publishes one."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from waystation.errors import WaystationError
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.actions import needs as actions
from waystation.web.tracking.forms.needs import NeedsSurveyForm
from waystation.web.tracking.models import Operation
from waystation.web.tracking.surveys import surveys_of_operation
from waystation.web.tracking.views.frame import operation_context


@require_safe
def _shown(request: HttpRequest, slug: str) -> HttpResponse:
    operation = access.operation_for_reading(request.user, slug)
    return _page(request, operation, NeedsSurveyForm())


@require_POST
@login_required
def _added(request: HttpRequest, slug: str) -> HttpResponse:
    operation = access.operation_for(request.user, slug, Action.PUBLISH)
    form = NeedsSurveyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, operation, form, status=422)
    sent = form.cleaned_data
    try:
        actions.add_needs_survey(
            operation, sent["file"].name, sent["file"].chunks(), year=sent["year"],
            stratum=sent["stratum"], fewest=sent["fewest"], by=cast("User", request.user),
        )  # fmt: skip
    except WaystationError as error:
        form.add_error("file", str(error))
        return _page(request, operation, form, status=422)
    messages.success(request, _("The survey is published."))
    return redirect("tracking:needs", slug)


def needs(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the surveys that an operation publishes; take in another."""
    return _added(request, slug) if request.method == "POST" else _shown(request, slug)


@require_POST
@login_required
def needs_withdraw(request: HttpRequest, slug: str, survey_id: int) -> HttpResponse:
    """Withdraw a survey."""
    survey = access.needs_survey_for(request.user, slug, survey_id, Action.PUBLISH)
    actions.withdraw_needs_survey(survey, by=cast("User", request.user))
    messages.success(request, _("The survey is withdrawn."))
    return redirect("tracking:needs", slug)


def _page(
    request: HttpRequest, operation: Operation, form: NeedsSurveyForm, status: int = 200
) -> HttpResponse:
    surveys = surveys_of_operation(operation)
    context = operation_context(request, operation, "needs", form=form, surveys=surveys)
    return render(request, "tracking/needs/surveys.html", context, status=status)
