"""Roles, the actions each permits, and where they hold; no database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person is in the organisation's work."""

    ADMINISTRATOR = "administrator", _("Administrator")
    INFORMATION_OFFICER = "information_officer", _("Information officer")
    FIELD_OFFICE = "field_office", _("Field office")
    COORDINATOR = "coordinator", _("Coordinator")
    ANALYST = "analyst", _("Analyst")
    CASEWORKER = "caseworker", _("Caseworker")
    AUDITOR = "auditor", _("Auditor")


class ScopeKind(TextChoices):
    """How far a role reaches."""

    ORGANISATION = "organisation", _("Whole organisation")
    OFFICE = "office", _("Office")
    OPERATION = "operation", _("Operation")


class Digits(TextChoices):
    """The digits a person reads numbers in, on pages in Arabic; as the cookie names them."""

    WESTERN = "auto", "0123456789"
    ARABIC = "arab", "٠١٢٣٤٥٦٧٨٩"


class ResetReason(TextChoices):
    """Why a second factor was taken away."""

    LOST = "lost", _("Device or key lost")
    REPLACED = "replaced", _("Device broken or replaced")
    STOLEN = "stolen", _("Device stolen, or misuse suspected")
    DATA_KEY = "data_key", _("The server's data key was lost")


class Action(StrEnum):
    """What can be permitted."""

    MANAGE_ACCOUNTS = "accounts.manage"
    READ_AUDIT = "audit.read"
    SET_UP_OPERATIONS = "tracking.set_up"
    SEND_DATA = "tracking.send"
    REVIEW_DATA = "tracking.review"
    PUBLISH = "tracking.publish"
    READ_DRAFTS = "tracking.read_drafts"
    READ_PEOPLE = "casework.read_people"


PERMITTED: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(
        {Action.MANAGE_ACCOUNTS, Action.READ_AUDIT, Action.SET_UP_OPERATIONS}
    ),
    Role.INFORMATION_OFFICER: frozenset(
        {
            Action.SET_UP_OPERATIONS,
            Action.SEND_DATA,
            Action.REVIEW_DATA,
            Action.PUBLISH,
            Action.READ_DRAFTS,
        }
    ),
    Role.FIELD_OFFICE: frozenset({Action.SEND_DATA, Action.READ_DRAFTS}),
    Role.COORDINATOR: frozenset({Action.READ_DRAFTS}),
    Role.ANALYST: frozenset(),
    Role.CASEWORKER: frozenset({Action.READ_PEOPLE}),
    Role.AUDITOR: frozenset({Action.READ_AUDIT}),
}
# Accounts, submissions with informants' contacts, and cases hold personal data.
SEES_PERSONAL_DATA = frozenset(
    {Role.ADMINISTRATOR, Role.INFORMATION_OFFICER, Role.CASEWORKER, Role.AUDITOR}
)

# What these do cannot be done for one office only.
ORGANISATION_WIDE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a role holds: an office, an operation, or everywhere.

    Attributes:
        kind: Office, operation or whole organisation.
        id: Key of the office or operation; empty for the whole organisation.
    """

    kind: ScopeKind
    id: str = ""

    def covers(self, within: Collection[Scope]) -> bool:
        """Say whether a record that lies within these scopes is covered."""
        return self.kind == ScopeKind.ORGANISATION or self in within


EVERYWHERE = Scope(ScopeKind.ORGANISATION)
