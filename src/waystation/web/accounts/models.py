"""People, their roles over time, and keys of programs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from waystation.web.accounts.roles import Role, Scope, ScopeKind


class User(AbstractUser):
    """A person who signs in."""

    first_name = None  # type: ignore[assignment]  # names do not split alike everywhere
    last_name = None  # type: ignore[assignment]  # the same
    full_name = models.CharField(_("full name"), max_length=200, blank=True)

    objects: ClassVar[UserManager[User]] = UserManager()  # type: ignore[assignment]

    def get_full_name(self) -> str:
        """Return the name as the person writes it, or the name they sign in with."""
        return self.full_name or self.username

    def get_short_name(self) -> str:
        """Return the same: only the person knows which part is short."""
        return self.get_full_name()


class Office(models.Model):
    """An office of the organisation; its code is what a role's reach names."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=3, help_text=_("ISO 3166-1 alpha-3"))

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """A role a person has, somewhere, from a day on, until a day or for now."""

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="assignments"
    )
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    scope_kind = models.CharField(_("reach"), max_length=16, choices=ScopeKind.choices)
    scope_id = models.CharField(_("office or operation"), max_length=64, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("user", "starts_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="role_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=(Q(scope_kind=ScopeKind.ORGANISATION) & Q(scope_id=""))
                | (~Q(scope_kind=ScopeKind.ORGANISATION) & ~Q(scope_id="")),
                name="role_scope_is_named",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values) & Q(scope_kind__in=ScopeKind.values),
                name="role_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.scope_kind} {self.scope_id}".strip()

    @property
    def scope(self) -> Scope:
        """Return where the role holds."""
        return Scope(ScopeKind(self.scope_kind), self.scope_id)


class ApiKey(models.Model):
    """A key of a program; only its hash is kept."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    digest = models.CharField(_("hash"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
