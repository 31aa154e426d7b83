"""The app as Django loads it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatisticsConfig(AppConfig):
    """Statistics of migration that this server holds."""

    name = "waystation.web.statistics"
    label = "statistics"
    verbose_name = _("Statistics")
