"""Pages of offices."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from waystation.errors import InvalidChoice
from waystation.web.accounts import access, actions
from waystation.web.accounts.forms import NewOffice, OfficeName
from waystation.web.accounts.views.answers import person_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def offices(request: HttpRequest) -> HttpResponse:
    """List the offices, and open one."""
    user = person_of(request)
    found = access.offices_for_management(user)
    form = NewOffice(request.POST or None)
    is_sent = request.method == "POST"
    if is_sent and form.is_valid():
        try:
            actions.create_office(**form.cleaned_data, by=user)
        except InvalidChoice:
            form.add_error("code", _("This code is taken."))
        else:
            return redirect("accounts:offices")
    context = {"offices": found, "form": form}
    return render(request, "accounts/offices.html", context, status=422 if is_sent else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rename_office(request: HttpRequest, office_id: int) -> HttpResponse:
    """Change an office's name or country."""
    user = person_of(request)
    office = access.office_for_renaming(user, office_id)
    is_sent = request.method == "POST"
    kept = {"name": office.name, "country": office.country}
    form = OfficeName(request.POST if is_sent else None, initial=kept)
    if is_sent and form.is_valid():
        actions.rename_office(office, **form.cleaned_data, by=user)
        return redirect("accounts:offices")
    context = {"office": office, "form": form}
    return render(request, "accounts/office.html", context, status=422 if is_sent else 200)
