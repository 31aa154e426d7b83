"""Names of the people who decided, for pages of those who work with them."""

from __future__ import annotations

from collections.abc import Iterable

from waystation.web.accounts.models import User


def names_of_people(keys: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people by their keys; unknown ones are left out."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    people = User.objects.filter(pk__in=wanted)
    return {person.pk: person.get_full_name() or person.username for person in people}
