"""The audit trail, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Audit(AppConfig):
    """Written once, never changed."""

    name = "waystation.web.audit"
    label = "audit"
    verbose_name = _("Audit trail")
