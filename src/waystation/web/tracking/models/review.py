"""What people decided about findings, and the cleaning log that follows from it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.rounds import Round


class Decision(models.TextChoices):
    """What was decided about a finding."""

    FIXED = "fixed", _("Fixed")
    ACCEPTED = "accepted", _("Accepted as it is")
    ASKED = "asked", _("Asked the field")


class FindingDecision(AuditedModel):
    """What a person decided about one finding; the finding itself is in the draft.

    ``key`` names a finding across drafts: a hash of its code, submission, location and column.
    A decision is never deleted: one that no longer holds says who ended it, and by which act.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="decisions")
    key = models.CharField(max_length=40)
    code = models.CharField(max_length=16)
    submission_id = models.CharField(max_length=300, blank=True)
    question = models.CharField(max_length=120, blank=True)
    decision = models.CharField(_("decision"), max_length=16, choices=Decision.choices)
    note = models.CharField(_("reason"), max_length=500, blank=True)
    batch = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True)
    at = models.DateTimeField(auto_now_add=True)
    is_current = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_batch = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name = _("decision about a finding")
        verbose_name_plural = _("decisions about findings")
        ordering = ("pk",)
        indexes = (models.Index(fields=["round", "batch"], name="decision_of_batch"),)
        constraints = (
            models.UniqueConstraint(
                fields=["round", "key"], condition=models.Q(is_current=True),
                name="finding_decided_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.decision}"


class CorrectionAction(models.TextChoices):
    """What an entry of the cleaning log does; codes as the library has them."""

    CHANGE_VALUE = "change_value", _("Change the value")
    REMOVE = "remove", _("Set the row aside")
    KEEP = "keep", _("Confirm the value")


class Correction(AuditedModel):
    """An entry of the cleaning log: raw values never change, this lies over them."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="corrections")
    submission_id = models.CharField(_("submission"), max_length=300)
    question = models.CharField(_("column"), max_length=120, blank=True)
    old = models.TextField(_("old value"), null=True, blank=True)  # noqa: DJ001  # null is not reported, empty text cannot be told from it
    new = models.TextField(_("new value"), null=True, blank=True)  # noqa: DJ001  # the same
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    action = models.CharField(_("action"), max_length=16, choices=CorrectionAction.choices)
    finding_code = models.CharField(max_length=16, blank=True)
    batch = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True)
    at = models.DateTimeField(auto_now_add=True)
    is_current = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_batch = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=["round", "submission_id"], name="correction_of_row"),
            models.Index(fields=["round", "batch"], name="correction_of_batch"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["round", "submission_id", "question"],
                condition=models.Q(is_current=True),
                name="cell_corrected_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission_id} {self.question}"
