"""Who does what where: presence of organisations, as imported."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.operations import Operation


class PresenceState(models.TextChoices):
    """Where a table of presence stands."""

    TO_CONFIRM = "to_confirm", _("To be confirmed")
    TAKEN = "taken", _("Taken in")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ActivityWord(models.TextChoices):
    """Where an activity stands; codes as the library has them."""

    ONGOING = "ongoing", _("Ongoing")
    PLANNED = "planned", _("Planned")
    COMPLETED = "completed", _("Completed")
    SUSPENDED = "suspended", _("Suspended")


class PresenceImport(AuditedModel):
    """A 3W table as read; the newest of an operation that was taken in holds.

    The file itself is not kept: it may name people to turn to.
    """

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="presence_imports"
    )
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    as_of = models.DateField(_("as of"))
    state = models.CharField(
        _("state"), max_length=16, choices=PresenceState.choices,
        default=PresenceState.TO_CONFIRM,
    )  # fmt: skip
    rows = models.PositiveIntegerField(_("rows"))
    left_out = models.JSONField(default=dict)
    sent_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(auto_now_add=True)
    is_current = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("table of presence")
        verbose_name_plural = _("tables of presence")
        ordering = ("-sent_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["operation"], condition=models.Q(is_current=True),
                name="one_presence_holds",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Presence(AuditedModel):
    """An organisation active in a sector at a place."""

    table = models.ForeignKey(PresenceImport, on_delete=models.CASCADE, related_name="entries")
    organisation = models.CharField(_("organisation"), max_length=200)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    organisation_type = models.CharField(_("type"), max_length=80, blank=True)
    sector = models.CharField(_("sector"), max_length=40)
    admin1_code = models.CharField(max_length=32, blank=True)
    admin2_code = models.CharField(max_length=32, blank=True)
    location_id = models.CharField(max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=40, blank=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    reached = models.PositiveIntegerField(_("people reached"), null=True)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presence")
        indexes = (models.Index(fields=["table", "sector"], name="presence_of_sector"),)

    def __str__(self) -> str:
        return f"{self.organisation} {self.sector}"
