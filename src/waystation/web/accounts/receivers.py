"""What people do at their own sign-in, told by django-allauth, becomes events."""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.http import HttpRequest
from django.utils import timezone

from waystation.web.accounts import actions
from waystation.web.accounts.models import User
from waystation.web.accounts.sessions import SEEN, SIGNED_IN


def listen() -> None:
    """Connect to the signals of allauth."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts")
    password_changed.connect(_password_changed, dispatch_uid="accounts")
    for change, signal in (
        ("add", authenticator_added),
        ("remove", authenticator_removed),
        ("reset", authenticator_reset),
    ):
        receiver = partial(_factor_changed, change)
        signal.connect(receiver, weak=False, dispatch_uid=f"accounts.{change}")


def _signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    now = timezone.now().timestamp()
    request.session[SIGNED_IN] = request.session[SEEN] = now
    actions.start_session(user)


def _password_changed(user: User, **_rest: Any) -> None:
    actions.note_own_password(user)


def _factor_changed(
    change: str, *, user: User, authenticator: Authenticator, **_rest: Any
) -> None:
    actions.record_factor(change, authenticator.type, by=user)
