"""Errors of the library become answers; people who see personal data need a second factor."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from waystation.errors import (
    NotAllowed,
    NotFound,
    NotSignedIn,
    Unavailable,
    WaystationError,
)
from waystation.web.accounts import access
from waystation.web.accounts.models import User

STATUS: dict[type[WaystationError], int] = {
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Unavailable: 503,
}
OPEN_TO_ALL = {"healthz", "set_language"}
NEEDED_TO_ENROL = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
}
Answer = Callable[[HttpRequest], HttpResponseBase]


class Refusals:
    """Turn an error of the library into a page or, for the API, into JSON."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an error of the library; leave every other to Django."""
        if not isinstance(error, WaystationError):
            return None
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
        if request.path.startswith("/api/"):
            details = {key: _plain(value) for key, value in error.details.items()}
            body = {"code": error.code, "message": str(error), "details": details}
            answer: HttpResponse = JsonResponse(body, status=status)
        else:
            context = {"status": status, "sentence": _sentence(status)}
            answer = render(request, "waystation/refusal.html", context, status=status)
        if status == 401:
            answer["WWW-Authenticate"] = "Bearer"
        return answer


class SecondFactor:
    """Send people whose roles see personal data to set up a second factor first."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Redirect to the second factor where it is needed and not there."""
        user = request.user
        match = request.resolver_match
        name = (match.url_name or "") if match else ""
        if not isinstance(user, User) or name in OPEN_TO_ALL | NEEDED_TO_ENROL:
            return None
        if name.startswith("mfa_") and not (match and match.namespaces):
            return None
        is_admin_site = bool(match and "admin" in match.namespaces)
        if not (is_admin_site or access.needs_second_factor(user)) or is_mfa_enabled(user):
            return None
        return redirect("mfa_index")


def _sentence(status: int) -> str:
    if status == 404:
        return _("There is no such page, or it is not yours to see.")
    if status in {401, 403}:
        return _("You may not do this.")
    if status == 503:
        return _("This is not available now. Try again later.")
    return _("What was sent cannot be used. Check it and send it again.")


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
