"""The back door for administrators: to look; writes go through actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from waystation.web.accounts.models import ApiKey, Office, RoleAssignment, User

if TYPE_CHECKING:
    from typing import TypeAlias

    LookModelAdmin: TypeAlias = admin.ModelAdmin[User | RoleAssignment | ApiKey | Office]
else:
    LookModelAdmin = admin.ModelAdmin


# Packages offer their records to be changed here: tasks, second factors, lock-outs. Changes
# go through actions, which record them; so only records of our own are shown.
for _model in list(admin.site._registry):
    if not _model.__module__.startswith("waystation."):
        admin.site.unregister(_model)


@admin.register(User, RoleAssignment, ApiKey, Office)
class Look(LookModelAdmin):
    """Records as they are, without hashes; nothing can be added, changed or deleted."""

    exclude = ("password", "digest")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False
