"""Work that runs in the background, and how far it is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.tracking.models.operations import Operation


class JobKind(models.TextChoices):
    """What a job does."""

    PROPOSE_MAPPING = "propose_mapping", _("Look at a file")
    PREVIEW_UPLOAD = "preview_upload", _("Preview a file")
    READ_UPLOAD = "read_upload", _("Read a file")
    BUILD_DRAFT = "build_draft", _("Build a round")
    PUBLISH = "publish", _("Publish a round")
    READ_PLACES = "read_places", _("Read places and boundaries")
    MAKE_FILE = "make_file", _("Make a file to download")


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Job(models.Model):
    """A piece of background work; doing it twice changes nothing more.

    A running job says so again every few seconds. One that no longer does has lost its worker
    and is taken up by the next.
    """

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(_("kind"), max_length=32, choices=JobKind.choices)
    object_id = models.PositiveBigIntegerField()
    state = models.CharField(
        _("state"), max_length=16, choices=JobState.choices, default=JobState.WAITING
    )
    step = models.CharField(_("step"), max_length=100, blank=True)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    alive_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem_code = models.CharField(max_length=64, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["kind", "object_id"], name="job_of_object"),)
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "object_id"], condition=models.Q(state="waiting"),
                name="job_waits_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will happen."""
        return self.state in {JobState.DONE, JobState.FAILED}
