"""Parameters of requests: names in any case, values checked; empty is as good as not sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpRequest

from waystation.errors import InvalidChoice

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
_WHOLE = re.compile(r"\+?(\d{1,30})", re.ASCII)
_MOST_SHOWN = 60
Bound = TypeVar("Bound", dt.date, int)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request asks for.

    Attributes:
        values: Each parameter's last value, by its name in small letters.
    """

    values: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest) -> Parameters:
        """Return the parameters of a request."""
        return cls({name.lower(): values[-1] for name, values in request.GET.lists() if values})

    def text(self, name: str) -> str:
        """Return a text in small letters, without space around it; empty where not sent."""
        return self.values.get(name.lower(), "").strip().lower()

    def day(self, name: str) -> dt.date | None:
        """Return a date; None where not sent.

        Raises:
            InvalidChoice: If it is not one.
        """
        sent = self.values.get(name.lower(), "").strip()
        if not sent:
            return None
        found = _DAY.fullmatch(sent)
        try:
            return dt.date.fromisoformat(found[1] if found else "")
        except ValueError:
            raise _impossible(name, sent, "dates written YYYY-MM-DD") from None

    def whole(self, name: str, *, default: int = 0, most: int = 2**31 - 1) -> int:
        """Return a whole number from 0; larger than the largest is as good as the largest.

        Raises:
            InvalidChoice: If it is not one.
        """
        sent = self.values.get(name.lower(), "").strip()
        if not sent:
            return default
        found = _WHOLE.fullmatch(sent)
        if found is None:
            raise _impossible(name, sent, "whole numbers from 0")
        return min(int(found[1]), most)

    def needed(self, name: str) -> str:
        """Return a text that must be sent.

        Raises:
            InvalidChoice: If it was not.
        """
        found = self.text(name)
        if not found:
            raise _impossible(name, "", "one value; it is required")
        return found

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of some values, the first where not sent.

        Raises:
            InvalidChoice: If it is none of them.
        """
        found = self.text(name) or choices[0]
        if found not in choices:
            raise _impossible(name, found, ", ".join(choices))
        return found


def require_order(name: str, first: Bound | None, last: Bound | None) -> None:
    """Refuse a range that ends before it begins; none and 0 are no bounds.

    Raises:
        InvalidChoice: If it does.
    """
    if first and last and first > last:
        raise InvalidChoice(value=f"{first} to {last}", option=name, choices="ranges in order")


def _impossible(name: str, sent: str, choices: str) -> InvalidChoice:
    return InvalidChoice(value=sent[:_MOST_SHOWN], option=name, choices=choices)
