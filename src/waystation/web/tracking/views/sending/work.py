"""The work list of an operation."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waystation.web.accounts.roles import Action
from waystation.web.tracking import access
from waystation.web.tracking.problems import step_of
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.work import work_of


@require_safe
@login_required
def work(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what waits in an operation, and for each thing the one thing to do next."""
    operation = access.operation_for(request.user, slug, Action.READ_DRAFTS)
    context = operation_context(request, operation, "work")
    shown = work_of(
        operation, may_review=context["may_review"], may_publish=context["may_publish"]
    )
    context["work"] = shown
    context["jobs"] = [(job, step_of(job.step)) for job in shown.jobs]
    if request.headers.get("HX-Request") and request.GET.get("part") == "jobs":
        answer = render(request, "tracking/sending/_jobs.html", context)
        if not shown.jobs:
            answer["HX-Refresh"] = "true"
        return answer
    return render(request, "tracking/sending/work.html", context)
