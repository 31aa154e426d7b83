"""The one record of the audit trail, and what records share whose changes it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.errors import NotAllowed
from waystation.web.audit.chain import hash_of

Record = TypeVar("Record", bound=models.Model)
_bulk_is_open: ContextVar[bool] = ContextVar("bulk_is_open", default=False)


def _refuse(action: str) -> NoReturn:
    raise NotAllowed(action=action, what="audit event")


@contextmanager
def bulk_writes() -> Iterator[None]:
    """Let bulk writes through; for ``audit.actions.bulk_act`` only, which adds the event."""
    token = _bulk_is_open.set(True)
    try:
        yield
    finally:
        _bulk_is_open.reset(token)


class AuditedQuerySet(models.QuerySet[Record]):
    """Refuses writes that go round ``save``, unless one event is written for the many."""

    def update(self, **kwargs: Any) -> int:
        """Change many rows, inside ``bulk_act`` only."""
        self._require_bulk("change")
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete many rows, inside ``bulk_act`` only."""
        self._require_bulk("delete")
        return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Record]:
        """Add many rows, inside ``bulk_act`` only."""
        self._require_bulk("add")
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Change many rows, inside ``bulk_act`` only."""
        self._require_bulk("change")
        return super().bulk_update(*args, **kwargs)

    def _require_bulk(self, action: str) -> None:
        if not _bulk_is_open.get():
            raise NotAllowed(action=f"{action} in bulk", what=self.model._meta.label_lower)


class AuditedModel(models.Model):
    """Base of every record that people change: each change is an act with an event.

    The guard is on what the model's own ``objects`` offers. ``save`` and ``delete`` of one
    record are left to actions, which record each.
    """

    objects: ClassVar[models.Manager[Self]] = AuditedQuerySet.as_manager()

    class Meta:
        abstract = True


class EventQuerySet(models.QuerySet["Event"]):
    """Events can be read and added one by one; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("change")

    def delete(self) -> NoReturn:
        """Refuse."""
        _refuse("delete")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: each event needs the hash before it."""
        _refuse("add in bulk to")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("change")


class Event(models.Model):
    """Who did what to which object, when; bound to the event before by a hash."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    verb = models.CharField(_("verb"), max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    object_kind = models.CharField(_("kind of object"), max_length=64)
    object_id = models.CharField(_("object"), max_length=64)
    details = models.JSONField(_("details"), default=dict)
    previous_hash = models.CharField(_("hash before"), max_length=64, unique=True)
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("number",)
        indexes = (
            models.Index(fields=["object_kind", "object_id"], name="audit_event_object"),
            models.Index(fields=["verb"], name="audit_event_verb"),
            models.Index(fields=["at"], name="audit_event_at"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.object_kind}/{self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the event; refuse to change one that is kept."""
        if not self._state.adding:
            _refuse("change")
        super().save(force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("delete")

    def content_hash(self) -> str:
        """Return the hash that this content should have."""
        return hash_of(
            previous=self.previous_hash,
            number=self.number,
            at=self.at,
            verb=self.verb,
            actor=self.actor_id,
            object_kind=self.object_kind,
            object_id=self.object_id,
            details=self.details,
        )
