"""Files that offices send in, and the rounds their rows belong to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.audit.models import AuditedModel
from waystation.web.tracking.models.operations import Operation
from waystation.web.tracking.models.rounds import Round


class UploadState(models.TextChoices):
    """Where a file stands between its arrival and the matrix."""

    RECEIVED = "received", _("Being looked at")
    TO_CONFIRM = "to_confirm", _("Its mapping waits for a person")
    READING = "reading", _("Being read")
    READ = "read", _("Read")
    FAILED = "failed", _("Could not be read")
    REPLACED = "replaced", _("Replaced by a newer file")
    WITHDRAWN = "withdrawn", _("Withdrawn")


PENDING = (
    UploadState.RECEIVED, UploadState.TO_CONFIRM, UploadState.READING, UploadState.FAILED,
)  # fmt: skip
LIVE = (*PENDING, UploadState.READ)


class Upload(AuditedModel):
    """A file as received: the bytes, what its columns mean, and what became of it."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="uploads")
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    sent_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=16, choices=UploadState.choices, default=UploadState.RECEIVED
    )
    round_number = models.PositiveIntegerField(
        _("round"), null=True, blank=True, help_text=_("Where the file does not say")
    )
    reference_date = models.DateField(
        _("reference date"), null=True, blank=True, help_text=_("Where the file does not say")
    )
    component = models.CharField(_("component"), max_length=32, blank=True)
    mapping = models.TextField(blank=True)
    edited = models.TextField(
        blank=True, help_text="The mapping as a person is changing it, until they confirm it"
    )
    certainty = models.FloatField(null=True)
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Hash of the headings, by which files are alike"
    )
    confirmed_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(_("rows"), null=True)
    problem_code = models.CharField(max_length=64, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    rounds = models.ManyToManyField(Round, through="UploadRound", related_name="uploads")

    class Meta:
        verbose_name = _("file sent in")
        verbose_name_plural = _("files sent in")
        ordering = ("-sent_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["operation", "sha256"], condition=models.Q(state__in=LIVE),
                name="upload_received_once",
            ),
            models.UniqueConstraint(
                fields=["operation", "name"], condition=models.Q(state__in=PENDING),
                name="upload_name_pending_once",
            ),
            models.UniqueConstraint(
                fields=["operation", "name"], condition=models.Q(state=UploadState.READ),
                name="upload_name_read_once",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["operation", "fingerprint"], name="upload_alike"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Say whether it was neither replaced nor withdrawn."""
        return self.state in LIVE

    @property
    def is_worked_on(self) -> bool:
        """Say whether something happens to it in the background."""
        return self.state in {UploadState.RECEIVED, UploadState.READING}


class UploadRound(AuditedModel):
    """How many rows of a file belong to a round."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="parts")
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["upload", "round"], name="upload_round_once"),
        )

    def __str__(self) -> str:
        return f"{self.upload} {self.round}"
