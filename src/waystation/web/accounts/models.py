"""People, their roles over time, their sessions, offices, and keys of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from waystation.web.accounts.roles import Digits, Role, Scope, ScopeKind
from waystation.web.audit.models import AuditedModel, AuditedQuerySet

if TYPE_CHECKING:
    from waystation.web.accounts.sessions import SessionStore

    GuardedUserManager = UserManager["User"]
else:
    GuardedUserManager = UserManager.from_queryset(AuditedQuerySet)


class People(GuardedUserManager):
    """Makes accounts; refuses bulk writes as every audited record does."""

    use_in_migrations = False


class User(AbstractUser):
    """A person who signs in."""

    first_name = None  # type: ignore[assignment]  # names do not split alike everywhere
    last_name = None  # type: ignore[assignment]  # the same
    full_name = models.CharField(_("full name"), max_length=200, blank=True)
    language = models.CharField(
        _("language"), max_length=8, blank=True, choices=settings.LANGUAGES
    )
    digits = models.CharField(
        _("digits in Arabic"), max_length=8, choices=Digits.choices, default=Digits.WESTERN
    )
    one_time_until = models.DateTimeField(
        _("one-time password ends"), null=True, blank=True, editable=False
    )

    objects: ClassVar[People] = People()

    def get_full_name(self) -> str:
        """Return the name as the person writes it, or the name they sign in with."""
        return self.full_name or self.username

    def get_short_name(self) -> str:
        """Return the same: only the person knows which part is short."""
        return self.get_full_name()


class Office(AuditedModel):
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


class RoleAssignment(AuditedModel):
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


class ApiKey(AuditedModel):
    """A key of a program; only its hash is kept."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    digest = models.CharField(_("hash"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    last_used_on = models.DateField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Session(AbstractBaseSession):
    """A signed-in browser; kept with whom it belongs to, so that it can be withdrawn."""

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    started_at = models.DateTimeField(_("signed in"), null=True)
    seen_at = models.DateTimeField(_("last seen"), null=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"session of {self.user_id}"

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Return what reads and writes it."""
        from waystation.web.accounts.sessions import SessionStore

        return SessionStore
