"""Errors become answers; sessions end; a sign-in is complete before anything else opens."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from waystation.errors import (
    InvalidChoice,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Unavailable,
    WaystationError,
)
from waystation.web.accounts import access
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Digits as DigitsOf
from waystation.web.accounts.sessions import has_ended, note_seen
from waystation.web.project.digits import DIGITS
from waystation.web.project.limits import is_for_programs, refused

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
}
# What the errors mean that a person can do something about; the rest is told by status.
SENTENCES = {
    "not_allowed.last_administrator": gettext_lazy(
        "Nobody would be left who manages accounts. Make another person administrator first."
    ),
    "unavailable.data_key": gettext_lazy(
        "This server lost the key that second factors are kept with. Ask your administrator."
    ),
}
Answer = Callable[[HttpRequest], HttpResponseBase]


class Refusals:
    """Turn an error of the library into a page or, for the API, into JSON."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; refuse an address with a NUL, which no database takes."""
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            error = InvalidChoice(value="NUL", option="character", choices="any other")
            return self.answer_to(request, error)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an error of the library; leave every other to Django."""
        return self.answer_to(request, error) if isinstance(error, WaystationError) else None

    def answer_to(self, request: HttpRequest, error: WaystationError) -> HttpResponse:
        """Return the page or the JSON of an error."""
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
        if is_for_programs(request.path_info):
            details = {key: _plain(value) for key, value in error.details.items()}
            answer: HttpResponse = refused(status, error.code, str(error), details)
        else:
            sentence = SENTENCES.get(error.code) or _sentence(status)
            context = {"status": status, "sentence": sentence}
            answer = render(request, "waystation/refusal.html", context, status=status)
        if status == 401:
            answer["WWW-Authenticate"] = "Bearer"
        return answer


class SessionsEnd:
    """End a session that was idle too long or is older than a working day.

    Where only part of a page was asked for, a redirect to the sign-in page would land inside
    that part: htmx is told to leave the page, a script is told 401. A page that asks by itself
    how far a job has come says so (``Waystation-Poll: 1``), and keeps nobody signed in.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, signed out if its session is over."""
        if _has_cookie(request) and isinstance(request.user, User):
            if self._is_over(request, request.user):
                logout(request)
            elif request.headers.get("Waystation-Poll") != "1":
                note_seen(request.session)
        answer = self.get_response(request)
        sign_in = reverse(settings.LOGIN_URL)
        if answer.status_code == 302 and answer["Location"].startswith(sign_in + "?"):
            return self._for_part_of_a_page(request, sign_in) or answer
        return answer

    def _is_over(self, request: HttpRequest, user: User) -> bool:
        # The roles are asked for only once the shorter limit has passed.
        if not has_ended(request.session, sees_personal_data=True):
            return False
        return has_ended(request.session, sees_personal_data=access.needs_second_factor(user))

    def _for_part_of_a_page(self, request: HttpRequest, sign_in: str) -> HttpResponse | None:
        if request.headers.get("HX-Request") == "true":
            page = request.headers.get("HX-Current-URL", "")
            is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
            answer = HttpResponse(status=200)
            answer["HX-Redirect"] = sign_in + (
                f"?{urlencode({'next': page})}" if is_ours else ""
            )
            return answer
        if request.accepts("application/json") and not request.accepts("text/html"):
            return refused(
                401, NotSignedIn.code, _("Your session has ended. Sign in again."), {}
            )
        return None


class OwnLanguage:
    """Speak a person's language, in their digits, unless this browser was told otherwise."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        user = request.user if _has_cookie(request) else None
        if isinstance(user, User):
            if user.language and not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
            if user.digits == DigitsOf.ARABIC and not request.COOKIES.get("digits"):
                request.COOKIES["digits"] = user.digits
                DIGITS.set(user.digits)
        return self.get_response(request)


class SignInSteps:
    """Send people to what their sign-in still lacks: a password of their own, a second factor.

    The second factor is for people whose roles see personal data, and for the admin site.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Redirect to the step that is due."""
        user = request.user if _has_cookie(request) else None
        match = request.resolver_match
        name = (match.url_name or "") if match else ""
        if not isinstance(user, User) or name in OPEN_TO_ALL | NEEDED_TO_ENROL:
            return None
        if user.one_time_until is not None:
            return _step(request, "account_change_password")
        if name.startswith("mfa_") and not (match and match.namespaces):
            return None
        is_admin_site = bool(match and "admin" in match.namespaces)
        if not (is_admin_site or access.needs_second_factor(user)) or is_mfa_enabled(user):
            return None
        return _step(request, "mfa_index")


def _step(request: HttpRequest, name: str) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect(name)
    answer = HttpResponse(status=200)
    answer["HX-Redirect"] = reverse(name)
    return answer


def _has_cookie(request: HttpRequest) -> bool:
    # To ask for the session of a request without one would make its answer vary by cookie.
    return settings.SESSION_COOKIE_NAME in request.COOKIES


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
