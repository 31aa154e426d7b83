"""What people do at their own sign-in, where django-allauth writes, becomes events."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils import timezone

from waystation.web.accounts import actions
from waystation.web.accounts.models import User
from waystation.web.accounts.sessions import SEEN, SIGNED_IN


def listen() -> None:
    """Connect to the signals."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts")
    # Signals of the record and not of allauth, which come after the transaction.
    post_save.connect(_factor_saved, sender=Authenticator, dispatch_uid="accounts")
    post_delete.connect(_factor_removed, sender=Authenticator, dispatch_uid="accounts")


def _signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    now = timezone.now().timestamp()
    request.session[SIGNED_IN] = request.session[SEEN] = now
    actions.start_session(user)


def _factor_saved(instance: Authenticator, *, created: bool, **_rest: Any) -> None:
    if created:
        _factor_changed("add", instance)


def _factor_removed(instance: Authenticator, **_rest: Any) -> None:
    _factor_changed("remove", instance)


def _factor_changed(change: str, factor: Authenticator) -> None:
    request = context.request
    actor = request.user if request is not None and isinstance(request.user, User) else None
    if actor is None or actor.pk == factor.user_id:  # an administrator's act tells of itself
        actions.record_factor(change, factor.type, of=factor.user, by=actor)
