"""Rounds of an operation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.operations import Operation


class Component(models.TextChoices):
    """What kind of assessment a round is; codes as the library has them."""

    BASELINE_AREA = "baseline_area", _("Baseline, areas")
    BASELINE_LOCATION = "baseline_location", _("Baseline, locations")
    SITE_ASSESSMENT = "site_assessment", _("Site assessment")
    EVENT = "event", _("Event tracking")


class RoundState(models.TextChoices):
    """Where a round stands on its way to publication."""

    OPEN = "open", _("Open")
    PROPOSED = "proposed", _("Waiting for a second person")
    PUBLISHED = "published", _("Published")
    REOPENED = "reopened", _("Open again for corrections")


class Round(AuditedModel):
    """One assessment of an operation's places.

    A number can carry several dates; ``reference_date`` is the last of its draft. A draft is
    the built state of what was sent and corrected so far, in a folder of its own number.
    """

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="rounds")
    component = models.CharField(_("component"), max_length=32, choices=Component.choices)
    number = models.PositiveIntegerField(_("number"))
    reference_date = models.DateField(_("reference date"), null=True, blank=True)
    starts_on = models.DateField(_("field work from"), null=True, blank=True)
    ends_on = models.DateField(_("field work to"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=16, choices=RoundState.choices, default=RoundState.OPEN
    )
    draft = models.PositiveIntegerField(default=0, editable=False)
    draft_inputs = models.CharField(max_length=64, blank=True, editable=False)
    draft_summary = models.JSONField(default=dict, editable=False)
    drafted_at = models.DateTimeField(null=True, editable=False)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ("operation", "reference_date", "number", "component")
        constraints = (
            models.UniqueConstraint(
                fields=["operation", "component", "number"], name="round_numbered_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.number}"

    @property
    def key(self) -> str:
        """Return what names the round in an address, e.g. ``site_assessment-12``."""
        return f"{self.component}-{self.number}"
