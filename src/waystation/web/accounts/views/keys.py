"""Pages of keys of programs."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from waystation.errors import InvalidChoice
from waystation.web.accounts import access, actions
from waystation.web.accounts.forms import NewKey
from waystation.web.accounts.views.answers import person_of, shown_once


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys of programs, and make one, which is shown once."""
    user = person_of(request)
    found = access.keys_for_management(user)
    form = NewKey(request.POST or None)
    is_sent = request.method == "POST"
    if is_sent and form.is_valid():
        try:
            key = actions.create_key(form.cleaned_data["name"], by=user)
        except InvalidChoice:
            form.add_error("name", _("Another key has this name."))
        else:
            note = _("Programs send it as the header X-API-Key. Only its hash is kept.")
            return shown_once(request, key, {"title": _("API key"), "note": note})
    context = {"keys": found, "form": form}
    return render(request, "accounts/keys.html", context, status=422 if is_sent else 200)


@require_POST
@login_required
def withdraw_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """Withdraw a key for good."""
    user = person_of(request)
    actions.withdraw_key(access.key_for_withdrawal(user, key_id), by=user)
    return redirect("accounts:keys")
