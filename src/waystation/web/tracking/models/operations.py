"""Operations, and the files that say what their places are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from waystation.web.accounts.models import Office
from waystation.web.accounts.roles import Scope, ScopeKind
from waystation.web.audit.models import AuditedModel


class Visibility(models.TextChoices):
    """Who may see what an operation publishes."""

    PUBLIC = "public", _("Everyone")
    PARTNERS = "partners", _("People and programs that sign in")


class Disclosure(models.TextChoices):
    """How figures are protected when they are published."""

    ROUNDING = "rounding", _("Round figures, totals kept additive")
    WITHHOLDING = "withholding", _("Withhold levels below admin 2, and round")
    NONE = "none", _("Publish as they are")


class Operation(AuditedModel):
    """The tracking of displacement in a country, round after round."""

    slug = models.SlugField(_("short name"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=3, help_text=_("ISO 3166-1 alpha-3"))
    office = models.ForeignKey(
        Office, verbose_name=_("office"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="operations",
    )  # fmt: skip
    producer = models.CharField(
        _("credited to"), max_length=200, blank=True,
        help_text=_("Who made the data, as reports and downloads name them"),
    )  # fmt: skip
    visibility = models.CharField(
        _("published figures are for"), max_length=16, choices=Visibility.choices,
        default=Visibility.PARTNERS,
    )  # fmt: skip
    disclosure = models.CharField(
        _("protection of small figures"), max_length=16, choices=Disclosure.choices,
        default=Disclosure.ROUNDING,
    )  # fmt: skip
    disclosure_base = models.PositiveSmallIntegerField(
        _("round to multiples of"), default=5, help_text=_("Persons and households")
    )
    disclosure_seed = models.CharField(max_length=64, editable=False)
    carry_forward_days = models.PositiveSmallIntegerField(
        _("days a value is carried forward"), null=True, blank=True,
        help_text=_("For locations not assessed again; empty carries nothing forward"),
    )  # fmt: skip
    estimate_persons = models.BooleanField(
        _("estimate persons where only households are reported"), default=False
    )
    is_active = models.BooleanField(_("active"), default=True)
    geography_version = models.PositiveIntegerField(default=0, editable=False)
    edition = models.PositiveIntegerField(
        default=0, editable=False, help_text="Number of the published whole; 0 for none"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ("name", "country")
        constraints = (
            models.UniqueConstraint(fields=["country", "name"], name="operation_named_once"),
            models.CheckConstraint(
                condition=models.Q(disclosure_base__gte=2, disclosure_base__lte=100),
                name="operation_base_in_range",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> frozenset[Scope]:
        """Return what a role's reach must name to hold here."""
        own = {Scope(ScopeKind.OPERATION, self.slug)}
        if self.office is not None:
            own.add(Scope(ScopeKind.OFFICE, self.office.code))
        return frozenset(own)


class PlaceKind(models.TextChoices):
    """What a file says about places."""

    PCODES = "pcodes", _("List of units (p-codes)")
    BOUNDARIES = "boundaries", _("Boundaries")


class PlaceFile(AuditedModel):
    """A p-code list or boundary file of an operation, as it was given."""

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="place_files"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=PlaceKind.choices)
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    added_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("file of places")
        verbose_name_plural = _("files of places")
        ordering = ("kind", "name", "pk")

    def __str__(self) -> str:
        return self.name
