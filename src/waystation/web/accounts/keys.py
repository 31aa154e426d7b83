"""Making and hashing keys of programs; no database."""

from __future__ import annotations

import hashlib
import re
import secrets

from waystation.errors import InvalidChoice

_PREFIX = "wst_"
_NAME = re.compile(r"[\w .-]{1,64}")


def new_key() -> str:
    """Return a key of 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """Return the SHA-256 of a key; random keys need no slow hash and no salt."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


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
