"""Pages of people and their roles."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waystation.web.accounts import access, actions, queries, reach
from waystation.web.accounts.forms import GiveRole, NewPerson, Reason, Search
from waystation.web.accounts.models import User
from waystation.web.accounts.views.answers import csv_to_save, person_of, shown_once
from waystation.web.audit.actions import record_read

PEOPLE_A_PAGE = 50


@require_safe
@login_required
def people_list(request: HttpRequest) -> HttpResponse:
    """List the people who sign in, and their roles."""
    form = Search(request.GET)
    search = form.cleaned_data["search"] if form.is_valid() else ""
    found = access.people_for_management(person_of(request), search=search)
    page = Paginator(found, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    labels = reach.all_scopes()
    people = [(one, queries.with_reach(one.assignments.all(), labels)) for one in page]
    context = {"form": form, "page": page, "people": people, "search": search}
    return render(request, "accounts/people.html", context, status=_status(form))


@require_safe
@login_required
def export_people(request: HttpRequest) -> HttpResponse:
    """Give the list of people as a file, which is an event of its own."""
    user = person_of(request)
    form = Search(request.GET)
    search = form.cleaned_data["search"] if form.is_valid() else ""
    frame = queries.people_frame(access.people_for_management(user, search=search))
    record_read("user.export", user, User, {"rows": frame.height})
    return csv_to_save(frame, "people.csv")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_person(request: HttpRequest) -> HttpResponse:
    """Make an account; its password is shown once."""
    user = person_of(request)
    access.require_to_manage(user)
    form = NewPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, password = actions.open_account(**form.cleaned_data, by=user)
        return _password_page(request, made, password)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/new_person.html", {"form": form}, status=status)


@require_safe
@login_required
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one account, its roles, and what can be done to it."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    record_read("user.read", user, found)
    return _person_page(request, found, GiveRole(), Reason())


@require_POST
@login_required
def give_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a person a role."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    form = GiveRole(request.POST)
    if not form.is_valid():
        return _person_page(request, found, form, Reason(), status=422)
    actions.assign_role(found, by=user, **form.cleaned_data)
    return redirect("accounts:person", found.pk)


@require_POST
@login_required
def end_role(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """End a role today, or on its first day where that is still to come."""
    user = person_of(request)
    assignment = access.role_for_ending(user, assignment_id)
    ends_on = max(timezone.now().date(), assignment.starts_on)
    actions.end_role(assignment, by=user, ends_on=ends_on)
    return redirect("accounts:person", assignment.user_id)


@require_POST
@login_required
def deactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let a person sign in no more."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    actions.deactivate_user(found, by=user)
    return redirect("accounts:person", found.pk)


@require_POST
@login_required
def reactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let a person sign in again."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    actions.reactivate_user(found, by=user)
    return redirect("accounts:person", found.pk)


@require_POST
@login_required
def reset_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """Take a person's second factors away, with the reason."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    form = Reason(request.POST)
    if not form.is_valid():
        return _person_page(request, found, GiveRole(), form, status=422)
    actions.reset_second_factor(found, by=user, **form.cleaned_data)
    return redirect("accounts:person", found.pk)


@require_POST
@login_required
def reset_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a person a new password for one use, shown once."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    return _password_page(request, found, actions.reset_password(found, by=user))


@require_POST
@login_required
def withdraw_sessions(request: HttpRequest, person_id: int) -> HttpResponse:
    """Sign a person out everywhere."""
    user = person_of(request)
    found = access.person_for_management(user, person_id)
    actions.withdraw_sessions(found, by=user)
    return redirect("accounts:person", found.pk)


def _person_page(
    request: HttpRequest, found: User, role: GiveRole, reason: Reason, *, status: int = 200
) -> HttpResponse:
    context = {
        "person": found,
        "role_form": role,
        "reason_form": reason,
        "today": timezone.now().date(),
        "roles": queries.with_reach(found.assignments.all()),
        "sessions": len(access.sessions_of(found)),
        "is_self": found.pk == person_of(request).pk,
    }
    return render(request, "accounts/person.html", context, status=status)


def _password_page(request: HttpRequest, person: User, password: str) -> HttpResponse:
    title = _("Password for one use")
    note = _(
        "Give it to the person by word of mouth. It ends in 7 days, and must be changed "
        "at the first sign-in."
    )
    context: dict[str, object] = {"title": title, "note": note, "person": person}
    return shown_once(request, password, context)


def _status(form: Search) -> int:
    return 200 if form.is_valid() else 422
