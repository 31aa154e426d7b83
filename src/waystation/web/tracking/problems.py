"""What went wrong with a file or a job, in the reader's words: what happened, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from waystation.web.tracking.jobs import BROKE, LOST

WORDS: dict[str, tuple[Any, Any]] = {
    "input.unreadable": (
        _("This file cannot be read."),
        _("Open it in the program that made it, save it as csv or xlsx, and send that."),
    ),
    "input.too_large": (
        _("This file is too large to be read."),
        _("Keep the rows and columns that matter, or split it, and send that."),
    ),
    "input.empty": (
        _("This file has no rows with numbers."),
        _("Check that it is the file with the data, not only its notes or headings."),
    ),
    "input.uncertain_mapping": (
        _("It cannot be told to which round the rows belong."),
        _("Give the number of the round below, where you confirm the mapping."),
    ),
    "input.invalid_mapping": (
        _("The mapping does not fit the file."),
        _("Correct the rows, sheets or columns that it names."),
    ),
    "input.unusable": (
        _("This file cannot be used as it is."),
        _("Correct what the sentence names and send the file again."),
    ),
    BROKE: (
        _("Something went wrong on our side while the file was read."),
        _("Try again. If it stays so, send the file in another format and tell your "
          "administrator."),
    ),
    LOST: (
        _("Reading this file stopped the server three times, so it was given up."),
        _("It is likely too large for this server: split it, or save it as Parquet."),
    ),
}  # fmt: skip
OTHERWISE = (_("This could not be done."), _("Try again, or tell your administrator."))
STEPS: dict[str, Any] = {
    "looking": _("Looking at the columns"),
    "previewing": _("Reading the rows"),
    "reading": _("Reading"),
    "rounds": _("Finding the rounds of the rows"),
    "history": _("Reading earlier rounds"),
    "checking": _("Checking and adding up"),
    "writing": _("Writing the draft"),
    "protecting": _("Protecting small figures"),
    "publishing": _("Publishing"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something could not be done.

    Attributes:
        what: What happened.
        todo: What to do about it.
        sentence: The library's own sentence, in English; it names the place.
    """

    what: Any
    todo: Any
    sentence: str


def problem_of(code: str, sentence: str = "") -> Problem | None:
    """Return a problem in words; None for none."""
    if not code:
        return None
    what, todo = WORDS.get(code, OTHERWISE)
    return Problem(what, todo, sentence)


def step_of(code: str) -> Any:
    """Return the step of a job in words."""
    return STEPS.get(code, code)
