"""Who may open which address: one row for each address of the project.

``tests/web/project/test_rights.py`` fails when an address has no row, or a row no address.
To add yours: a line in ``ROWS`` under the address as ``urls.py`` writes it, and, where the
address names a record, how to make that record in ``SAMPLES`` under the argument's name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.web.tracking_rights import ANONYMOUS, CALLERS, KEY, TRACKING

from waystation.web.accounts import actions
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Role

Status = int | None


@dataclass(frozen=True)
class Row:
    """What each caller is answered.

    Attributes:
        expected: Status by caller.
        method: How it is asked; an address that only takes ``POST`` is asked so.
        data: What is sent.
    """

    expected: Mapping[str, Status]
    method: str = "GET"
    data: Mapping[str, Any] = field(default_factory=dict)


def everyone(status: int) -> dict[str, Status]:
    """All alike, signed in or not."""
    return dict.fromkeys(CALLERS, status)


def signed_in(status: int = 200) -> dict[str, Status]:
    """Whoever has signed in; others are sent to sign in. A key signs nobody in to a page."""
    return {**everyone(status), ANONYMOUS: 302, KEY: 302}


def only(*roles: Role, status: int = 200, others: int = 404) -> dict[str, Status]:
    """These roles; other people see what is not there, and strangers are sent to sign in."""
    return {**signed_in(others), **dict.fromkeys(roles, status)}


def programs(status: int = 200) -> dict[str, Status]:
    """A key; nobody else."""
    return {**everyone(401), KEY: status}


MANAGE = only(Role.ADMINISTRATOR)
MANAGED = only(Role.ADMINISTRATOR, status=302)
AUDIT = only(Role.ADMINISTRATOR, Role.AUDITOR)
TODAY = dt.date(2026, 1, 1).isoformat()

ROWS: dict[str, Row] = {
    "": Row(everyone(200)),
    "healthz": Row(everyone(200)),
    "favicon.ico": Row(everyone(302)),
    "api/v1/whoami": Row(programs()),
    "language/setlang/": Row(everyone(302), "POST", {"language": "fr"}),
    # accounts
    "people/": Row(MANAGE),
    "people/export.csv": Row(MANAGE),
    "people/new": Row(MANAGE),
    "people/<int:person_id>": Row(MANAGE),
    "people/<int:person_id>/roles": Row(
        MANAGED, "POST", {"role": "analyst", "scope": "organisation:", "starts_on": TODAY}
    ),
    "people/<int:person_id>/deactivate": Row(MANAGED, "POST"),
    "people/<int:person_id>/reactivate": Row(MANAGED, "POST"),
    "people/<int:person_id>/password": Row(MANAGE, "POST"),
    "people/<int:person_id>/second-factor": Row(MANAGED, "POST", {"reason": "lost"}),
    "people/<int:person_id>/sessions": Row(MANAGED, "POST"),
    "people/roles/<int:assignment_id>/end": Row(MANAGED, "POST"),
    "offices/": Row(MANAGE),
    "offices/<int:office_id>": Row(MANAGE),
    "keys/": Row(MANAGE),
    "keys/<int:key_id>/withdraw": Row(MANAGED, "POST"),
    "me/": Row(signed_in()),
    "me/sessions/<str:mark>/withdraw": Row(signed_in(404), "POST"),
    "accounts/login/": Row({**everyone(302), ANONYMOUS: 200, KEY: 200}),
    "accounts/logout/": Row(signed_in()),
    "accounts/inactive/": Row(everyone(200)),
    "accounts/password/change/": Row(signed_in()),
    "accounts/reauthenticate/": Row(signed_in()),
    "accounts/2fa/": Row(signed_in()),
    "accounts/2fa/reauthenticate/": Row(signed_in()),
    "accounts/2fa/recovery-codes/": Row(signed_in(404)),  # none are made yet
    "accounts/2fa/recovery-codes/download/": Row(signed_in(404)),
    "accounts/2fa/webauthn/": Row(signed_in()),
    "admin/login/": Row({**everyone(403), ANONYMOUS: 302, KEY: 302}),
    # audit
    "audit/": Row(AUDIT),
    "audit/export.csv": Row(AUDIT),
    "audit/chain": Row(AUDIT, "POST"),
    # statistics: public, and nothing is held
    "statistics/": Row(everyone(200)),
    "statistics/<slug:dataset>/": Row(everyone(404)),
    "statistics/<slug:dataset>/download/<str:format>": Row(everyone(404)),
    "sdmx/2.1/<path:question>": Row(everyone(200)),
    "sdmx/3.0/<path:question>": Row(everyone(200)),
    # tracking
    **{
        address: Row(expected, method)
        for method, expected, addresses in TRACKING
        for address in addresses
    },
}

# Addresses of packages that stand under one of ours, as far as they have one rule.
PREFIXES: dict[str, Row] = {
    # Nobody runs the admin site by a role: that is for who is staff, to whom it only shows.
    "admin/": Row(everyone(302)),
    # Pages of django-allauth that would send mail or let strangers in.
    "accounts/(?:": Row(everyone(404)),
    "accounts/signup/": Row(everyone(404)),
    "accounts/email/": Row(everyone(404)),
    "accounts/confirm-email/": Row(everyone(404)),
    "accounts/password/reset/": Row(everyone(404)),
    "accounts/password/set/": Row(everyone(404)),
    "accounts/login/code/": Row(everyone(404)),
    # To add or remove a second factor, the password is asked once more: 302.
    "accounts/2fa/": Row(everyone(302)),
}

# How to make what an address names: from the person it is about to the argument's value.
SAMPLES: dict[str, Callable[[User], Any]] = {
    "person_id": lambda other: other.pk,
    "assignment_id": lambda other: other.assignments.get().pk,
    "office_id": lambda _: actions.create_office("north", "North", "KEN", by=None).pk,
    "key_id": lambda _: _key("rights"),
    "mark": lambda _: "0" * 32,
    "slug": lambda _: "exercise",
    "dataset": lambda _: "nothing_held",
    "question": lambda _: "codelist/WAYSTATION/CL_SEX/1.0",
    "key": lambda _: "baseline_location-1",
    "version": lambda _: 1,
    "format": lambda _: "csv",
    "code": lambda _: "XW01",
    "level": lambda _: 1,
    "name": lambda _: "exercise.admin1",
    "feature_id": lambda _: "XW01",
    "upload_id": lambda _: _first("uploads"),
    "job_id": lambda _: _first("jobs"),
    "file_id": lambda _: _first("place_files"),
    "survey_id": lambda _: _first("needs_surveys"),
    "import_id": lambda _: _presence(),
}


def _first(records: str) -> int:
    from waystation.web.tracking.models import Operation

    return int(getattr(Operation.objects.get(), records).first().pk)


def _presence() -> int:
    from waystation.web.tracking.actions.presence import receive_presence
    from waystation.web.tracking.models import Operation

    table = b"Organisation,Sector,Admin 1\nBlue Bridge,WASH,XW01\n"
    as_of = dt.date(2026, 1, 1)
    got, _ = receive_presence(Operation.objects.get(), "who.csv", [table], as_of=as_of, by=None)
    return int(got.pk)


def _key(name: str) -> int:
    from waystation.web.accounts.models import ApiKey

    actions.create_key(name, by=None)
    return ApiKey.objects.get(name=name).pk
