"""Secrets of second factors, sealed with a key that the database does not hold."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from waystation.errors import DataKeyLost

_SEALED = "fernet:"


def sealed(text: str) -> str:
    """Return a secret as the database keeps it, under the newest key."""
    return _SEALED + _newest().encrypt(text.encode()).decode("ascii")


def opened(text: str) -> str:
    """Return a secret in the clear; one kept before there was a key is returned as it is.

    Raises:
        DataKeyLost: If none of the keys opens it.
    """
    if not text.startswith(_SEALED):
        return text
    keys = MultiFernet([Fernet(key) for key in settings.DATA_KEYS])
    try:
        return keys.decrypt(text.removeprefix(_SEALED).encode("ascii")).decode()
    except InvalidToken:
        raise DataKeyLost from None


def is_under_newest_key(text: str) -> bool:
    """Say whether the newest key alone opens a kept secret."""
    if not text.startswith(_SEALED):
        return False
    try:
        _newest().decrypt(text.removeprefix(_SEALED).encode("ascii"))
    except InvalidToken:
        return False
    return True


def _newest() -> Fernet:
    return Fernet(settings.DATA_KEYS[0])


def code_now(secret: str) -> str:
    """Return the code that an authenticator app shows now for a secret (RFC 6238)."""
    accepted = list(yield_hotp_counters_from_time())
    now = accepted[len(accepted) // 2]  # as many before it as after it are accepted
    return str(format_hotp_value(hotp_value(secret, now)))


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors of allauth, sealed."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        return opened(encrypted_text)
