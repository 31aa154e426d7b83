"""Accounts, as Django knows them."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Accounts(AppConfig):
    """People, roles and keys."""

    name = "waystation.web.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Listen to what people do at their own sign-in, and offer offices to roles."""
        from waystation.web.accounts import queries, reach, receivers
        from waystation.web.accounts.roles import ScopeKind

        receivers.listen()
        reach.register(ScopeKind.OFFICE, queries.offices_to_choose)
