"""What the page offers to choose, in words; worked out once an edition and language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from waystation.web.tracking.editions import Edition
from waystation.web.tracking.views.looking.choices import SHAPE, Choice, components_of
from waystation.web.tracking.views.looking.speech import Speech


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose.

    Attributes:
        value: What the address says.
        label: What the reader reads.
        is_chosen: Whether it is shown now.
    """

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Things to choose that belong together.

    Attributes:
        label: What they are.
        options: The things.
    """

    label: str
    options: list[Option]


def options_of(edition: Edition, choice: Choice, speech: Speech) -> dict[str, list[Any]]:
    """Return the rounds to choose from by kind of assessment, and the indicators."""
    kept = json.loads(words_of_options(edition, speech))
    own = next(c for c in kept if c["code"] == choice.component.code)
    return {
        "rounds": [
            Group(
                component["label"],
                [
                    Option(key, label, is_chosen=key == choice.key)
                    for key, label in reversed(component["rounds"])
                ],
            )
            for component in kept
        ],
        "indicators": [
            Option(code, label, is_chosen=code == choice.series.indicator)
            for code, label in own["indicators"]
        ],
    }


def words_of_options(edition: Edition, speech: Speech) -> bytes:
    """Return the names of all there is to choose, as JSON."""

    def make() -> bytes:
        from waystation.tracking.indicators import indicator_by_code

        words = speech.words()
        return json.dumps(
            [
                {
                    "code": component.code,
                    "label": words.say_or(f"component_{component.code}", component.code),
                    "rounds": [
                        (component.key(r), words.round_label(r.round_number, r.date))
                        for r in component.rounds
                    ],
                    "indicators": [
                        (s.indicator, indicator_by_code(s.indicator).label(speech.language))
                        for s in component.series
                    ],
                }
                for component in components_of(edition)
            ]
        ).encode()

    return edition.derived(f"options-{SHAPE}-{speech.name}.json", make)
