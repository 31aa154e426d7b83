"""Checks of who said it: enumerators, key informants, access, and the needs they named."""

from __future__ import annotations

import math

import polars as pl

from waystation.tracking.indicators import dimensions
from waystation.tracking.quality.figures import MOSTLY
from waystation.tracking.quality.reports import Reports, compared_stocks, findings_by_rules
from waystation.tracking.quality.wording import (
    Rule,
    figure,
    place_name,
    row_findings,
)

FEWEST_INFORMANTS = 2
COMMON = 0.05  # share of a file's rows, above which few informants are how it works there
LOW_CREDIBILITY = 0.5
SAME_FIGURES = 4  # so many figures above 0 do not agree by accident
ROUND_BY_ACCIDENT = 1e-5  # how improbable a run of round figures must be
NO_ACCESS = ("no", "non", "none", "inaccessible", "لا")


def check_people(reports: Reports) -> list[pl.DataFrame]:
    """Return findings on enumerators, informants and needs (TRK-125, 147, 180 to 186)."""
    found = findings_by_rules(
        reports, [*_rules_of_informants(reports), *_rules_of_needs(reports)]
    )
    return found + _identical_answers(reports) + _round_figures(reports)


def _any_people(reports: Reports) -> pl.Expr:
    if not reports.totals:
        return pl.lit(value=False)
    return pl.any_horizontal(pl.col(name) > 0 for name in reports.totals)


def _rules_of_informants(reports: Reports) -> list[Rule]:
    informants, credibility = pl.col("key_informants"), pl.col("credibility")
    return [
        Rule(
            "TRK-180",
            informants < FEWEST_INFORMANTS,
            pl.format("{} key informants interviewed", figure(informants)),
            column="key_informants",
            reported=figure(informants),
            limit=COMMON,
            file_says=f"fewer than {FEWEST_INFORMANTS} key informants interviewed",
        ),
        Rule(
            "TRK-181",
            credibility < LOW_CREDIBILITY,
            pl.format("credibility of the key informants is {} of 1", figure(credibility)),
            column="credibility",
            reported=figure(credibility),
            limit=COMMON,
        ),
        Rule(
            "TRK-182",
            pl.col("access").str.to_lowercase().is_in(NO_ACCESS) & _any_people(reports),
            pl.lit("figures are reported, and access is said to be none"),
            column="access",
            reported=pl.col("access"),
            limit=MOSTLY,
        ),
    ]


def _rules_of_needs(reports: Reports) -> list[Rule]:
    """Return the rules on needs; each distinct answer is judged once."""
    answers = reports.rows.select(pl.col("priority_needs").unique()).drop_nulls().collect()
    if not len(answers):
        return []
    known = list(dimensions()["need"].categories)
    words = (
        pl.col("priority_needs")
        .str.split(" ")
        .list.eval(pl.element().filter(pl.element() != ""))
    )
    judged = answers.with_columns(words=words).with_columns(
        unique=pl.col("words").list.unique(maintain_order=True),
        unknown=pl.col("words").list.set_difference(known),
    )
    twice = judged.filter(pl.col("unique").list.len() < pl.col("words").list.len())
    unknown = judged.filter(pl.col("unknown").list.len() > 0)
    needs = pl.col("priority_needs")

    def rule(code: str, bad: pl.DataFrame, says: str, expected: str, limit: float) -> Rule:
        wrong = bad["priority_needs"]
        return Rule(
            code,
            needs.is_in(wrong.implode()),
            pl.format(says, needs),
            column="priority_needs",
            reported=needs,
            expected=needs.replace_strict(
                wrong, bad[expected].list.join(" "), default=None, return_dtype=pl.String
            ),
            limit=limit,
        )

    known_only = unknown.with_columns(
        known=pl.col("words").list.set_intersection(known).list.join(" ")
    )
    rules = []
    if len(twice):
        rules.append(
            rule("TRK-185", twice, "a need is given twice in '{}'", "unique", limit=MOSTLY)
        )
    if len(known_only):
        says = "a need of '{}' is not in the code list"
        rules.append(
            Rule(
                "TRK-186",
                needs.is_in(known_only["priority_needs"].implode()),
                pl.format(says, needs),
                column="priority_needs",
                reported=needs,
                limit=MOSTLY,
            )
        )
    return rules


def _identical_answers(reports: Reports) -> list[pl.DataFrame]:
    """Return the places where one enumerator wrote the same figures as elsewhere (TRK-125)."""
    if not reports.totals:
        return []
    people = pl.sum_horizontal(reports.totals)
    marked = reports.rows.select(
        "_index",
        matters=pl.col("_who").is_not_null() & (people >= 20),
        same=(pl.col("_who") + pl.col("_screen").hash()).is_duplicated(),
    )
    index = marked.filter(pl.col("matters") & pl.col("same")).select("_index").collect()
    rows = reports.rows_at(index.sort("_index"), ["_place", "_who"])
    rows = pl.concat([rows, compared_stocks(reports, rows["_index"])], how="horizontal")
    rows = rows.filter(pl.col("_told") >= SAME_FIGURES).with_columns(
        _answer=pl.struct("_who", "_stocks").hash()
    )
    rows = rows.filter(pl.col("_answer").is_duplicated())
    if not len(rows):
        return []
    hits = reports.rows_at(rows, ["enumerator"]).with_columns(name=place_name())
    hits = hits.with_columns(
        first=pl.col("name").first().over("_answer"),
        places=pl.col("_place").n_unique().over("_answer"),
        rank=pl.int_range(pl.len()).over("_answer"),
    ).filter((pl.col("places") > 1) & (pl.col("rank") > 0))
    says = pl.format(
        "enumerator {} gave exactly the figures of {} ({} places in all)",
        "enumerator",
        "first",
        "places",
    )
    return [row_findings("TRK-125", hits, says, column="enumerator")]


def _round_figures(reports: Reports) -> list[pl.DataFrame]:
    """Return enumerators whose totals are nearly all round (TRK-147).

    Key informants round, and some operations round more than others: the share of round
    figures is held against the share usual in these submissions. The finding stands at the
    enumerator's first row.
    """
    found = []
    for total in reports.totals:
        value = pl.col(total)
        groups = (
            reports.rows.filter((value >= 10) & pl.col("_who").is_not_null())
            .group_by("_who")
            .agg(
                pl.col("_index").min(),
                rows=pl.len(),
                hits=(value % 10 == 0).sum(),
                lowest=value.min(),
                highest=value.max(),
            )
            .collect()
        )
        if not len(groups):
            continue
        # The share usual among the others: an enumerator is no witness of their own habit.
        others = pl.col("rows").sum() - pl.col("rows")
        usual = ((pl.col("hits").sum() - pl.col("hits")) / others).fill_nan(0.1).clip(0.1, 0.99)
        # Chance of so many round figures among so many, bounded from above (Chernoff).
        share = pl.col("hits") / pl.col("rows")
        rest = pl.when(share < 1).then((1 - share) * ((1 - share) / (1 - usual)).log())
        surprise = pl.col("rows") * (share * (share / usual).log() + rest.fill_null(0.0))
        odd = groups.filter(
            (share >= 0.8)
            & (share > usual)
            & (surprise > -math.log(ROUND_BY_ACCIDENT))
            & (pl.col("lowest") < pl.col("highest"))
        ).sort("_index")
        says = pl.format(
            "{} of the {} totals of enumerator {} in this round are multiples of 10",
            "hits",
            "rows",
            "enumerator",
        )
        rows = reports.rows_at(odd, ["enumerator"])
        found.append(row_findings("TRK-147", rows, says, column=total))
    return found
