"""What people decided about the master list of locations."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.operations import Operation


class LocationChange(models.TextChoices):
    """What a decision does to the master list."""

    EDIT = "edit", _("Edit")
    CLOSE = "close", _("Close")
    REOPEN = "reopen", _("Open again")
    MERGE = "merge", _("Merge into another")
    DISMISS = "dismiss", _("Dismiss the proposal")


class LocationDecision(AuditedModel):
    """A decision about a location; the master list is what was reported with these over it."""

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="location_decisions"
    )
    location_id = models.CharField(_("location"), max_length=300)
    change = models.CharField(_("change"), max_length=16, choices=LocationChange.choices)
    other_id = models.CharField(_("other location"), max_length=300, blank=True)
    proposal = models.CharField(max_length=32, blank=True)
    values = models.JSONField(default=dict)
    holds_from = models.DateField(_("from"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True)
    at = models.DateTimeField(auto_now_add=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("decision about a location")
        verbose_name_plural = _("decisions about locations")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=["operation", "location_id"], name="decision_of_location"),
        )

    def __str__(self) -> str:
        return f"{self.location_id} {self.change}"
