"""Series of figures in time; figures of several revisions are never mixed unasked."""

from __future__ import annotations

import polars as pl

from waystation.errors import MissingColumns, MixedRevisions
from waystation.statistics.tables import Observations, Sex


def series_from_observations(
    observations: pl.DataFrame,
    measure: str,
    *,
    area: str | None = None,
    counterpart: str | None = None,
    sex: str = Sex.BOTH,
    age: str = "total",
    mix_revisions: bool = False,
) -> pl.DataFrame:
    """Return the figures of one measure as series in time.

    Revisions use other definitions, sources and populations: the difference between figures of
    two revisions is no change in the world. They are refused unless asked for, and even then
    each figure keeps the name of its dataset.

    Args:
        observations: Shape ``Observations``, best judged.
        measure: The measure, e.g. migrant_stock.
        area: One area, or None for all.
        counterpart: The other area; None for all together, "*" for each.
        sex: both, male or female.
        age: Age group.
        mix_revisions: Whether several datasets may stand in one series.

    Returns:
        Shape ``Observations``, by area, counterpart, year and dataset.

    Raises:
        MissingColumns: If columns are absent.
        MixedRevisions: If several datasets hold the measure, and a mix was not asked for.
    """
    _require_columns(observations)
    chosen = observations.filter(
        pl.col("measure") == measure, pl.col("sex") == sex, pl.col("age") == age
    )
    if area is not None:
        chosen = chosen.filter(pl.col("area") == area)
    if counterpart is None:
        chosen = chosen.filter(pl.col("counterpart").is_null())
    elif counterpart != "*":
        chosen = chosen.filter(pl.col("counterpart") == counterpart)
    if not mix_revisions:
        require_one_dataset(chosen, measure)
    return chosen.sort("area", "counterpart", "year", "period", "dataset", nulls_last=False)


def require_one_dataset(observations: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return the observations if all are of one dataset.

    Raises:
        MixedRevisions: If they are of several.
    """
    datasets = sorted(observations["dataset"].unique())
    if len(datasets) > 1:
        raise MixedRevisions(
            table="Observations", measure=measure, datasets=", ".join(datasets)
        )
    return observations


def _require_columns(observations: pl.DataFrame) -> None:
    missing = [n for n in Observations.column_names() if n not in observations.columns]
    if missing:
        raise MissingColumns(table="Observations", columns=", ".join(missing))
