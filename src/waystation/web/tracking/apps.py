"""The app as Django loads it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    """Displacement tracking."""

    name = "waystation.web.tracking"
    label = "tracking"
    verbose_name = _("Displacement tracking")

    def ready(self) -> None:
        """Tell the worker what each kind of job does, and what pages need of an edition."""
        from waystation.web.accounts import reach
        from waystation.web.accounts.roles import ScopeKind
        from waystation.web.tracking import access, editions, tasks
        from waystation.web.tracking.views.looking.prepared import prepare

        tasks.register()
        editions.BEFORE_READERS.append(prepare)
        reach.register(ScopeKind.OPERATION, access.operations_to_choose)
