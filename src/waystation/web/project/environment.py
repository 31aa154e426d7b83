"""The one place that reads environment variables; it needs no Django."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from waystation.errors import InvalidSetting, MissingSetting

VARIABLES: dict[str, tuple[str, str]] = {
    "WAYSTATION_DATA": ("var", "Folder of the database, the secret key and uploaded files"),
    "WAYSTATION_SECRET_KEY": (
        "made and kept in the data folder; production must set it",
        "Signs sessions and links; at least 50 characters",
    ),
    "WAYSTATION_ALLOWED_HOSTS": (
        "localhost, 127.0.0.1, [::1]; production must set it",
        "Names the server answers to, with commas between",
    ),
    "WAYSTATION_TRUSTED_ORIGINS": (
        "none",
        "Addresses (https://...) forms may come from when behind a proxy, with commas between",
    ),
    "WAYSTATION_DATA_KEY": (
        "made and kept in the data folder; production must set it",
        "Seals secrets of second factors: 32 random bytes in URL-safe base64; to change it, "
        "put the new one before the old, with a comma between",
    ),
    "WAYSTATION_MAX_UPLOAD_MB": ("200", "Largest request, in megabytes"),
    "WAYSTATION_RATE_LIMIT": (
        "600",
        "Requests a minute that a program may make of the interfaces; 0 for no limit",
    ),
    "WAYSTATION_TRUSTED_PROXIES": (
        "0",
        "How many proxies stand before the server, whose X-Forwarded-For is believed",
    ),
    "DATABASE_URL": (
        "SQLite in the data folder; production must set it",
        "postgresql://user:password@host:port/name",
    ),
}
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says, typed.

    Attributes:
        data: Folder of everything the server keeps.
        secret_key: Key for signatures; empty where not given.
        allowed_hosts: Names the server answers to; empty where not given.
        trusted_origins: Addresses that forms may come from.
        database_url: Address of PostgreSQL; empty for SQLite in the data folder.
        data_keys: Keys that seal secrets, the newest first; empty where not given.
        max_upload_mb: Largest request in megabytes.
        rate_limit: Requests a minute of one program; 0 for no limit.
        trusted_proxies: Proxies whose word on the caller's address is taken.
    """

    data: Path
    secret_key: str
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    database_url: str
    data_keys: tuple[str, ...] = ()
    max_upload_mb: int = 200
    rate_limit: int = 600
    trusted_proxies: int = 0

    @classmethod
    def read(cls, values: Mapping[str, str] | None = None) -> Environment:
        """Read the environment of this process, or the values given."""
        values = os.environ if values is None else values
        return cls(
            data=Path(values.get("WAYSTATION_DATA") or "var").resolve(),
            secret_key=values.get("WAYSTATION_SECRET_KEY", ""),
            allowed_hosts=_listed(values.get("WAYSTATION_ALLOWED_HOSTS", "")),
            trusted_origins=_listed(values.get("WAYSTATION_TRUSTED_ORIGINS", "")),
            database_url=values.get("DATABASE_URL", ""),
            data_keys=_keys(values.get("WAYSTATION_DATA_KEY", "")),
            max_upload_mb=_number(values, "WAYSTATION_MAX_UPLOAD_MB", 200, least=1),
            rate_limit=_number(values, "WAYSTATION_RATE_LIMIT", 600),
            trusted_proxies=_number(values, "WAYSTATION_TRUSTED_PROXIES", 0),
        )

    def require_production(self) -> Environment:
        """Return this environment if production can start with it.

        Raises:
            MissingSetting: If a value that production needs is not set; names the first.
            InvalidSetting: If the secret key is too short to be one.
        """
        needed = {
            "WAYSTATION_SECRET_KEY": self.secret_key,
            "WAYSTATION_ALLOWED_HOSTS": self.allowed_hosts,
            "WAYSTATION_DATA_KEY": self.data_keys,
            "DATABASE_URL": self.database_url,
        }
        for name, value in needed.items():
            if not value:
                raise MissingSetting(name=name, meaning=VARIABLES[name][1])
        if len(self.secret_key) < 50:
            raise InvalidSetting(
                name="WAYSTATION_SECRET_KEY", reason="it has fewer than 50 characters"
            )
        return self


def secret_key_in(folder: Path) -> str:
    """Return the secret key kept in a folder, made there on first use with mode 600."""
    from secrets import token_urlsafe

    return _kept_in(folder / "secret_key", token_urlsafe(64), least=50)


def data_keys_in(folder: Path) -> tuple[str, ...]:
    """Return the data keys kept in a folder, the first made there on first use, mode 600.

    One who takes a copy of the database alone cannot read what they seal. Without the file
    nobody can: keep a copy of it apart from copies of the database.
    """
    from base64 import urlsafe_b64encode
    from secrets import token_bytes

    path = folder / "data_key"
    made = urlsafe_b64encode(token_bytes(32)).decode("ascii")
    return _keys(_kept_in(path, made, least=44), name=str(path))


def _kept_in(path: Path, made: str, *, least: int) -> str:
    """Return what a file holds; where there is none, write what was made and return it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text("ascii").strip()
        if len(kept) < least:
            raise InvalidSetting(
                name=str(path), reason="it holds no key; delete it to have one made"
            ) from None
        return kept
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made + "\n")
    return made


def database_settings(environment: Environment) -> dict[str, Any]:
    """Return Django's settings of the default database.

    Raises:
        InvalidSetting: If ``DATABASE_URL`` is not an address of PostgreSQL.
    """
    if environment.database_url:
        return _postgres(environment.database_url)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environment.data / "waystation.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            # Writers queue at BEGIN; a deferred transaction would fail when it first writes.
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                "PRAGMA cell_size_check=ON"
            ),
        },
    }


def _postgres(address: str) -> dict[str, Any]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InvalidSetting(name="DATABASE_URL", reason="it is not an address") from None
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        reason = "it is not of the form postgresql://user:password@host:port/name"
        raise InvalidSetting(name="DATABASE_URL", reason=reason)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port or "",
        "CONN_MAX_AGE": 0,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _keys(text: str, *, name: str = "WAYSTATION_DATA_KEY") -> tuple[str, ...]:
    from base64 import urlsafe_b64decode

    keys = _listed(text)
    for key in keys:
        try:
            is_key = len(urlsafe_b64decode(key)) == 32
        except ValueError:
            is_key = False
        if not is_key:
            reason = "a key is not 32 bytes in URL-safe base64"
            raise InvalidSetting(name=name, reason=reason)
    return keys


def _number(values: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    text = values.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text[:10]) <= 1_000_000):
        raise InvalidSetting(name=name, reason=f"it is not a number from {least} to 1000000")
    return int(text)
