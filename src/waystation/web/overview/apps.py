"""The app as Django loads it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OverviewConfig(AppConfig):
    """The front page."""

    name = "waystation.web.overview"
    label = "overview"
    verbose_name = _("Front page")
