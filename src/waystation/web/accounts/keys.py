"""Making keys of programs and passwords for one use; no database."""

from __future__ import annotations

import hashlib
import re
import secrets

from waystation.errors import InvalidChoice

_PREFIX = "wst_"
# Without letters and digits that look alike; 16 of them are 79 random bits.
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
_NAME = re.compile(r"[\w .-]{1,64}")


def new_key() -> str:
    """Return a key of 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def new_one_time_password() -> str:
    """Return a password that can be read out and typed: four groups of four."""
    groups = ("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def digest_of(key: str) -> str:
    """Return the SHA-256 of a key; random keys need no slow hash and no salt."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def mark_of(session_key: str) -> str:
    """Return what names a session in an address without giving it away."""
    return digest_of(session_key)[:32]


def require_key_name(name: str) -> str:
    """Return a name of 1 to 64 letters, digits, spaces, ``_ . -``.

    Raises:
        InvalidChoice: If it is anything else.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise InvalidChoice(
            value=name[:64], option="name of a key", choices="1 to 64 letters, digits, _ . -"
        )
    return name
