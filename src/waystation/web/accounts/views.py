"""Pages of accounts."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from waystation.web.accounts import access, actions
from waystation.web.accounts.models import User


@require_safe
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """List the people who sign in, and their roles."""
    found = access.people_for_management(cast("User", request.user))
    return render(request, "accounts/people.html", {"people": found})


@require_POST
@login_required
def end_role(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """End a role today."""
    user = cast("User", request.user)
    assignment = access.role_for_ending(user, assignment_id)
    actions.end_role(assignment, by=user, ends_on=timezone.now().date())
    return redirect("accounts:people")
