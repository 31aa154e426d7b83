"""A piece of background work: how far it is."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waystation.web.tracking import access
from waystation.web.tracking.problems import problem_of, step_of
from waystation.web.tracking.views.frame import operation_context
from waystation.web.tracking.work import page_of_job


@require_safe
@login_required
def job(request: HttpRequest, slug: str, job_id: int) -> HttpResponse:
    """Show how far a job is; the part with the progress alone for those that ask again."""
    found = access.job_for(request.user, slug, job_id)
    context = operation_context(
        request,
        found.operation,
        "work",
        job=found,
        step=step_of(found.step),
        problem=problem_of(found.problem_code, found.problem),
        subject=page_of_job(found),
    )
    if request.headers.get("HX-Request"):
        answer = render(request, "tracking/sending/_job.html", context)
        if found.is_over:
            answer["HX-Refresh"] = "true"
        return answer
    return render(request, "tracking/sending/job.html", context)
