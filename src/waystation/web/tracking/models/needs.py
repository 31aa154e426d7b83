"""Surveys of households' needs that an operation publishes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.operations import Operation


class NeedsSurvey(AuditedModel):
    """A table of household needs of one year, published by area and population group.

    The file as it was sent is kept for the operation's own people; the protected shares lie
    beside it, and they are all that anyone else gets.
    """

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="needs_surveys"
    )
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    year = models.PositiveSmallIntegerField(_("year"))
    groups = models.JSONField(_("population groups"), default=list)
    fewest_households = models.PositiveSmallIntegerField(_("fewest households"))
    areas = models.PositiveIntegerField(_("areas"))
    households = models.PositiveIntegerField(_("households"))
    figures = models.PositiveIntegerField(_("figures"))
    withheld = models.PositiveIntegerField(_("withheld"))
    sent_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("published"), auto_now_add=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("household needs survey")
        verbose_name_plural = _("household needs surveys")
        ordering = ("-year", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(fewest_households__gte=1), name="needs_survey_protects"
            ),
        )

    def __str__(self) -> str:
        return self.name
