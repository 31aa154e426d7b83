"""What a role can reach: each area says which offices, operations there are to choose from.

An area above registers its own, from its ``AppConfig.ready``::

    reach.register(ScopeKind.OPERATION, queries.operations_to_choose)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from waystation.web.accounts.roles import EVERYWHERE, Scope, ScopeKind

Choices = Callable[[], Iterable[tuple[str, str]]]
_sources: dict[ScopeKind, Choices] = {}


def register(kind: ScopeKind, choices: Choices) -> None:
    """Say where the (key, label) pairs of one kind of reach come from; the last one counts."""
    _sources[kind] = choices


def choices_of(kind: ScopeKind) -> list[tuple[str, str]]:
    """Return the (key, label) pairs of one kind of reach; none where no area registered any."""
    return list(_sources[kind]()) if kind in _sources else []


def as_value(scope: Scope) -> str:
    """Return a reach as one value of a form."""
    return f"{scope.kind.value}:{scope.id}"


def all_scopes() -> dict[Scope, str]:
    """Return every reach there is with its label; everywhere first."""
    found = {EVERYWHERE: str(ScopeKind.ORGANISATION.label)}
    for kind in (ScopeKind.OFFICE, ScopeKind.OPERATION):
        for key, label in choices_of(kind):
            found[Scope(kind, key)] = label
    return found
