"""What may stand in an event, and its hash; no database."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping

from waystation.errors import InvalidChoice

START = "0" * 64
_VERB = re.compile(r"[a-z_]+\.[a-z_]+")
_CODE = re.compile(r"[A-Za-z0-9_.:/-]{0,64}")
Details = Mapping[str, str | int | bool | None]


def require_details(details: Details) -> dict[str, str | int | bool | None]:
    """Return details if they are codes, numbers and dates only.

    A name, an address or free text does not pass: none fits a code of 64 letters, digits and
    ``_ . : / -`` in general. A one-word name would: details are codes by the caller's promise
    too.

    Raises:
        InvalidChoice: If a detail is neither a code, an integer, a truth value nor null.
    """
    for key, value in details.items():
        is_code = isinstance(value, str) and _CODE.fullmatch(value) is not None
        if not (is_code or value is None or isinstance(value, int)):
            raise InvalidChoice(
                value="...", option=f"audit detail {key}", choices="codes, integers, true, null"
            )
    return dict(details)


def require_verb(verb: str) -> str:
    """Return a verb of the form noun.verb.

    Raises:
        InvalidChoice: If it has another form.
    """
    if not _VERB.fullmatch(verb):
        raise InvalidChoice(value=verb, option="audit verb", choices="noun.verb in lower case")
    return verb


def hash_of(
    *,
    previous: str,
    number: int,
    at: dt.datetime,
    verb: str,
    actor: int | None,
    object_kind: str,
    object_id: str,
    details: Details,
) -> str:
    """Return the SHA-256 of an event's content and of the hash before it, in hexadecimal."""
    content = [
        previous, number, at.astimezone(dt.UTC).isoformat(timespec="microseconds"), verb,
        actor, object_kind, object_id, dict(details),
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
