"""The two persons a publication takes, and what was published."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from waystation.errors import NotAllowed
from waystation.web.audit.models import AuditedModel, AuditedQuerySet
from waystation.web.tracking.models.rounds import Round


class RequestState(models.TextChoices):
    """Where a request to publish stands."""

    WAITING = "waiting", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class PublicationRequest(AuditedModel):
    """One person asks to publish a draft; another decides."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="requests")
    draft = models.PositiveIntegerField()
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=16, choices=RequestState.choices, default=RequestState.WAITING
    )
    decided_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request to publish")
        verbose_name_plural = _("requests to publish")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=F("asked_by")),
                name="publication_takes_two",
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(state="waiting"), name="one_request_waits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.round} {self.draft}"


def _refuse(action: str, what: str = "published version") -> NoReturn:
    raise NotAllowed(action=action, what=what)


class UnchangedQuerySet(AuditedQuerySet[Any]):
    """Records that can be read and added one by one; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("change")

    def delete(self) -> NoReturn:
        """Refuse."""
        _refuse("delete")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("add in bulk to")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("change")


class Unchanged(AuditedModel):
    """A record that is added once and then stays as it is; the database refuses as well."""

    objects: ClassVar[Any] = UnchangedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the record; refuse to change one that is kept."""
        if not self._state.adding:
            _refuse("change")
        super().save(force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse("delete")


class Snapshot(Unchanged):
    """A version of a round as published; it never changes.

    Its folder has ``internal`` (the build with its submissions, for the trail) and ``released``
    (the protected build, all that anyone outside ever gets).
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="snapshots")
    version = models.PositiveIntegerField(_("version"))
    request = models.OneToOneField(
        PublicationRequest, on_delete=models.PROTECT, related_name="snapshot"
    )
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    reference_date = models.DateField(_("reference date"))
    sha256 = models.CharField(_("hash"), max_length=64)
    rule = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    changed_figures = models.PositiveIntegerField(_("changed figures"), default=0)

    class Meta:
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        ordering = ("-published_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["round", "version"], name="snapshot_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.round} v{self.version}"


class Withdrawal(Unchanged):
    """A published version taken back; the version itself stays kept, for the trail."""

    snapshot = models.OneToOneField(
        Snapshot, on_delete=models.PROTECT, related_name="withdrawal"
    )
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("withdrawn"), auto_now_add=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.snapshot} withdrawn"
