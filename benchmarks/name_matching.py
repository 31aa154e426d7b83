"""Match misspelt names of 17 countries with waystation and with hdx-python-country.

Both get the same list and the same names, in one run. A name that several units of its country
bear is left out where no parent is given, for then nobody can tell which is meant.

    python benchmarks/name_matching.py [names a country, default 2000]
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import polars as pl
from misspelt_names import KINDS, Mix, list_of_units, misspelt

from waystation.geography import Gazetteer

COUNTRIES = [
    "AFG", "BDI", "CAF", "CMR", "COD", "ETH", "HTI", "LBY", "MLI", "MOZ", "NGA", "SDN", "SSD",
    "SOM", "TCD", "UKR", "YEM",
]  # fmt: skip
ORDER = [*KINDS, "absent"]


def main() -> None:
    """Print right, wrong and no answers by kind of misspelling, and names a second."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    units = list_of_units()
    countries = [c for c in COUNTRIES if c in set(units["country"])] or sorted(
        units["country"].unique()
    )[:17]
    names = misspelt(units, countries, each, Mix(absent=0.125), seed=20261124)
    names = names.join(_shared_names(units), on=["country", "truth"], how="left").filter(
        pl.col("is_shared").is_null() | (pl.col("hint") == "right")
    )
    ours, seconds_a_name = _ours(units, names)
    theirs, peer_seconds_a_name = _theirs(units, names)
    both = _judged(ours, "matched_code").join(
        _judged(theirs, "matched_code"), on=["hint", "kind"], suffix="_peer"
    )
    _print(both)
    print("\nNames a second on the misspelt names (exact ones left out):")
    for hint in ("right", "none"):
        mine, peer = 1 / seconds_a_name[hint], 1 / peer_seconds_a_name[hint]
        words = "with parent" if hint == "right" else "without parent"
        print(f"  {words:15}  {mine:9,.0f}  peer {peer:7,.0f}  ratio {mine / peer:6.1f}")


def _shared_names(units: pl.DataFrame) -> pl.DataFrame:
    folded = pl.col("name").str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    return (
        units.filter(pl.col("level") == 2)
        .filter(folded.len().over("country", folded) > 1)
        .select("country", truth="code", is_shared=pl.lit(value=True))
    )


def _ours(units: pl.DataFrame, names: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, float]]:
    gazetteer = Gazetteer(units)
    asked = names.select("country", "level", "name", "parent_code")
    matched = gazetteer.match(asked)
    seconds = {}
    for hint in ("right", "none"):
        part = asked.filter(_is_timed(hint, names))
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            gazetteer.match(part)
            runs.append(time.perf_counter() - start)
        seconds[hint] = min(runs) / part.height
    answers = matched.with_columns(
        matched_code=pl.when(pl.col("decision").is_in(["exact", "accepted"])).then(
            "matched_code"
        ),
        shown=pl.col("candidates").list.eval(pl.element().struct.field("code")),
    )
    return names.with_columns(answers.select("matched_code", "shown")), seconds


def _theirs(units: pl.DataFrame, names: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, float]]:
    peer = _peer(units)
    codes: list[str | None] = []
    times: list[float] = []
    for country, name, parent in names.select("country", "name", "parent_code").iter_rows():
        start = time.perf_counter()
        codes.append(peer.get_pcode(country, name, parent=parent)[0])
        times.append(time.perf_counter() - start)
    answered = names.with_columns(
        matched_code=pl.Series(codes, dtype=pl.String),
        shown=pl.Series([[code] for code in codes], dtype=pl.List(pl.String)),
    )
    timed = names.with_columns(seconds=pl.Series(times))
    seconds = {
        hint: float(timed.filter(_is_timed(hint, names))["seconds"].mean() or 0)  # type: ignore[arg-type]
        for hint in ("right", "none")
    }
    return answered, seconds


def _is_timed(hint: str, names: pl.DataFrame) -> pl.Series:
    return names.select((pl.col("hint") == hint) & (pl.col("kind") != "exact")).to_series()


def _peer(units: pl.DataFrame) -> Any:
    from hdx.location.adminlevel import AdminLevel

    logging.disable(logging.CRITICAL)
    peer = AdminLevel(admin_level=2)
    rows = units.select(
        pl.col("country").alias("Location"),
        pl.col("level").cast(pl.String).alias("Admin Level"),
        pl.col("code").alias("P-Code"),
        pl.col("name").alias("Name"),
        pl.col("parent_code").alias("Parent P-Code"),
    )
    peer.setup_from_iterable(rows.iter_rows(named=True))
    return peer


def _judged(answers: pl.DataFrame, column: str) -> pl.DataFrame:
    code = pl.col(column)
    right = (code == pl.col("truth")).fill_null(value=False)
    wrong = code.is_not_null() & ~right
    shown = pl.col("shown").list.contains(pl.col("truth")).fill_null(value=False)
    return answers.group_by("hint", "kind").agg(
        names=pl.len(),
        right=right.mean() * 100,
        wrong=wrong.mean() * 100,
        shown=shown.mean() * 100,
    )


def _print(both: pl.DataFrame) -> None:
    print(f"{'':33}{'waystation':>31}{'hdx-python-country':>26}")
    print(f"{'parent':7}{'kind':26}{'names':>6}{'right':>9}{'wrong':>8}{'shown':>8}", end="")
    print(f"{'right':>13}{'wrong':>8}   % of names")
    for hint in ("right", "none"):
        rows = {row["kind"]: row for row in both.filter(hint=hint).iter_rows(named=True)}
        for kind in (kind for kind in ORDER if kind in rows):
            row = rows[kind]
            print(f"{hint:7}{kind:26}{row['names']:6}{row['right']:9.1f}", end="")
            print(f"{row['wrong']:8.1f}{row['shown']:8.1f}", end="")
            print(f"{row['right_peer']:13.1f}{row['wrong_peer']:8.1f}")


if __name__ == "__main__":
    main()
