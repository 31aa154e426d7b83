"""Every address of the application, and those of the tests."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from tests.browser import made_up

from waystation.web.accounts.actions import assign_role, create_user
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import EVERYWHERE, Role, Scope, ScopeKind
from waystation.web.project.urls import urlpatterns as own

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a person, made with these roles where there is none."""
    name = request.GET["person"]
    person = User.objects.filter(username=name).first()
    if person is None:
        person = create_user(name, by=None, password=made_up.PASSWORD)
    scope = EVERYWHERE
    if kind := request.GET.get("scope_kind"):
        scope = Scope(ScopeKind(kind), request.GET.get("scope_id", ""))
    for role in request.GET.getlist("role"):
        if not person.assignments.filter(role=role).exists():
            start = dt.date(2020, 1, 1)
            assign_role(person, Role(role), by=None, scope=scope, starts_on=start)
    if request.GET.get("second_factor") == "yes" and not is_mfa_enabled(person):
        TOTP.activate(person, generate_totp_secret())
    login(request, person, backend=BACKEND)
    return redirect("home")


class Everything(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As on the form.")
    note = forms.CharField(widget=forms.Textarea, required=False)
    persons = forms.IntegerField(min_value=1)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    level = forms.ChoiceField(choices=[("1", "Admin 1"), ("2", "Admin 2")])
    kind = forms.ChoiceField(choices=[("a", "Stock"), ("b", "Flow")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="The informant agreed", help_text="Ask first.")
    file = forms.FileField(label="Workbook", help_text="xlsx, at most 50 MB.")


def components(request: HttpRequest) -> HttpResponse:
    """Show every component once."""
    form = Everything(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form.is_valid()
        messages.warning(request, "Check the form.")
    page = Paginator(range(1000), 25).page(7)
    context: dict[str, Any] = {"form": form, "page": page, "rows": made_up.rows()}
    context |= {"tabs": made_up.TABS, "steps": made_up.STEPS}
    return render(request, "tests/components.html", context)


def drawings(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a map, flows or a chart."""
    return render(request, f"tests/{kind}.html", {"rows": made_up.rows()})


def part(request: HttpRequest, status: int) -> HttpResponse:
    """Answer with a part of a page, or as a session that ended does."""
    if status == 302:
        return redirect("account_login")
    return HttpResponse(f"<p id='part'>{request.method} {status}</p>", status=status)


def broken(request: HttpRequest) -> HttpResponse:
    """Fail as a mistake of ours would."""
    raise RuntimeError


def document(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with one of the made-up documents."""
    return JsonResponse(json.loads(json.dumps(made_up.document(name))))


urlpatterns = [
    *own,
    path("test/sign-in", sign_in),
    path("test/components", components),
    path("test/part/<int:status>", part),
    path("test/broken", broken),
    path("test/parts", lambda request: render(request, "tests/parts.html")),
    path("test/draw/<str:kind>", drawings),
    path("test/data/<str:name>.json", document),
]
