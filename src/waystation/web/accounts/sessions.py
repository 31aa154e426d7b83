"""Sessions kept with the person they belong to, and when they end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

SIGNED_IN, SEEN = "signed_in", "seen"
# A shared desk is left unlocked: NIST SP 800-63B 4.2.3 asks for 30 minutes at its level 2,
# the level of those who see personal data. For all others, and for both from sign-in on, the
# end is a working day: who fills in a form on a weak link must not lose it at lunch.
IDLE_WITH_PERSONAL_DATA = dt.timedelta(minutes=30)
WORKING_DAY = dt.timedelta(hours=8)
# Seen is written once in this time, not at each request.
GRAIN = dt.timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Django's sessions in the database, with the person beside the sealed content."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Return the record of a session."""
        from waystation.web.accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the record to save, with whom it belongs to and since when."""
        kept: Any = super().create_model_instance(data)
        person = str(data.get(SESSION_KEY, ""))
        kept.user_id = int(person) if person.isdigit() else None
        kept.started_at = _moment(data.get(SIGNED_IN))
        kept.seen_at = _moment(data.get(SEEN))
        return kept


def has_ended(session: SessionBase, *, sees_personal_data: bool) -> bool:
    """Say whether a session was idle too long, or is older than a working day."""
    now = timezone.now().timestamp()
    idle = IDLE_WITH_PERSONAL_DATA if sees_personal_data else WORKING_DAY
    signed_in, seen = float(session.get(SIGNED_IN, now)), float(session.get(SEEN, now))
    return now - signed_in > WORKING_DAY.total_seconds() or now - seen > idle.total_seconds()


def note_seen(session: SessionBase) -> None:
    """Note that a request came, once a minute at most."""
    now = timezone.now().timestamp()
    if now - session.get(SEEN, 0) > GRAIN.total_seconds():
        session[SEEN] = now
        session.setdefault(SIGNED_IN, now)


def _moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
