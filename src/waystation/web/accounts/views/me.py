"""The page of one's own account."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from waystation.web.accounts import access, actions, queries
from waystation.web.accounts.forms import Profile
from waystation.web.accounts.keys import mark_of
from waystation.web.accounts.roles import Action
from waystation.web.accounts.views.answers import person_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Show and change how one is called; show roles, sessions and last acts."""
    user = person_of(request)
    is_sent = request.method == "POST"
    kept = {"full_name": user.full_name, "language": user.language, "digits": user.digits}
    form = Profile(request.POST if is_sent else None, initial=kept)
    if is_sent and form.is_valid():
        actions.change_profile(user, **form.cleaned_data)
        answer = redirect("accounts:me")
        # What this browser was told before gives way to what the person now chose.
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        answer.delete_cookie("digits")
        return answer
    context = {
        "form": form,
        "roles": queries.with_reach(access.roles_of(user)),
        "sessions": [
            (session, mark_of(session.session_key)) for session in access.sessions_of(user)
        ],
        "this_session": mark_of(request.session.session_key or ""),
        "acts": queries.acts_of(user),
        "may_read_audit": access.may(user, Action.READ_AUDIT),
    }
    return render(request, "accounts/me.html", context, status=422 if is_sent else 200)


@require_POST
@login_required
def withdraw_session(request: HttpRequest, mark: str) -> HttpResponse:
    """Sign one of one's own browsers out."""
    user = person_of(request)
    actions.withdraw_session(access.session_for_withdrawal(user, mark), by=user)
    return redirect("accounts:me")
