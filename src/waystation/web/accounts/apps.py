"""Accounts, as Django knows them."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Accounts(AppConfig):
    """People, roles and keys."""

    name = "waystation.web.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
