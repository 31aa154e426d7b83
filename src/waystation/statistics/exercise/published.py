"""What the files of all producers share: the world they describe, a list of their defects."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from waystation.statistics.exercise.history import History
from waystation.statistics.exercise.truth import PublishedDefect
from waystation.statistics.exercise.world import World


@dataclass(slots=True)
class Published:
    """The files of producers while they are made.

    Attributes:
        folder: Where they go.
        world: The areas.
        history: What is true.
        rows: Defects noted so far.
    """

    folder: Path
    world: World
    history: History
    rows: list[dict[str, object]] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        """Return the alpha-3 codes of the areas, in their order."""
        return [area.iso3 for area in self.world.areas]

    @property
    def names(self) -> list[str]:
        """Return the English names of the areas, in their order."""
        return [area.names[0] for area in self.world.areas]

    def note(
        self,
        file: str,
        kind: str,
        place: str,
        meaning: str,
        *,
        period: str | int | None = None,
        truth: float | None = None,
        published: object = None,
    ) -> None:
        """Note one defect; see ``PublishedDefect``."""
        self.rows.append(
            {
                "file": file,
                "kind": kind,
                "place": place,
                "period": None if period is None else str(period),
                "truth": None if truth is None else float(truth),
                "published": None if published is None else str(published),
                "meaning": meaning,
            }
        )

    def defects(self) -> pl.DataFrame:
        """Return the defects noted; shape ``PublishedDefect``."""
        schema = {name: column.dtype for name, column in PublishedDefect.columns().items()}
        return PublishedDefect.require(pl.DataFrame(self.rows, schema=schema))


def half_up(values: np.ndarray, steps: np.ndarray | int = 1) -> np.ndarray:
    """Return values rounded to multiples of a step, halves up."""
    return np.asarray((np.floor(values / steps + 0.5) * steps).astype(np.int64))


def significant(values: np.ndarray, digits: int) -> np.ndarray:
    """Return positive values rounded to so many digits; 0 stays 0."""
    safe = np.maximum(values, 1)
    steps = 10.0 ** np.maximum(np.floor(np.log10(safe)) - digits + 1, 0)
    return half_up(values, steps)
