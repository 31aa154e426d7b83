"""How sign-in differs from django-allauth's own."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from waystation.web.accounts import actions
from waystation.web.accounts.models import User


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by an administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Keep the password that a person chose."""
        actions.choose_password(user, password)
