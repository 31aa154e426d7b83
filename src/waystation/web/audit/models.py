"""The one record of the audit trail."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.errors import NotAllowed
from waystation.web.audit.chain import hash_of


def _refuse(action: str) -> NoReturn:
    raise NotAllowed(action=action, what="audit event")


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
