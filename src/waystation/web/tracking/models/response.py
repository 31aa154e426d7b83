"""Who does what where: presence of organisations, as imported."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.operations import Operation


class PresenceImport(AuditedModel):
    """A 3W table as received; the newest of an operation holds."""

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="presence_imports"
    )
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    as_of = models.DateField(_("as of"))
    rows = models.PositiveIntegerField(_("rows"))
    left_out = models.JSONField(default=dict)
    sent_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(auto_now_add=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("table of presence")
        verbose_name_plural = _("tables of presence")
        ordering = ("-sent_at", "-pk")

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
