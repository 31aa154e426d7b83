"""What the checks share: rows keyed by place and moment, and each place's history in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from waystation.errors import MissingColumns
from waystation.tracking.indicators import Kind, indicator_by_code, is_indicator
from waystation.tracking.quality.wording import (
    PLACE_COLUMNS,
    Rule,
    file_findings,
    row_findings,
)
from waystation.tracking.submissions import Submissions

SNAPSHOT = ("country", "operation", "component", "round_number", "reference_date")
SAME_ROUND = dt.timedelta(days=150)  # dates of one round lie no further apart
FEW_ROWS = 20  # fewer rows with a problem are named one by one, whatever their share


@dataclass(frozen=True, slots=True)
class Reports:
    """Submissions made ready for checking.

    Attributes:
        frame: The submissions, declared columns first, and helpers: ``_index`` (row of the
            frame), ``_file``, ``_snapshot``, ``_place`` (country, operation, component and
            location), ``_order`` (of the snapshot among those of the same three), ``_who``
            (enumerator and snapshot, null without one), ``_screen`` (equal where stocks are,
            seldom elsewhere).
        counted: Which of its rows are counted; the others are not checked again.
        figures: Indicator columns present.
        totals: Stocks of persons among them, without breakdowns.
        snapshots: One a row: ``SNAPSHOT``, ``_snapshot``, ``_series``, ``_order``, ``_wave``.
        files: One a row: ``_file``, ``file``, ``rows`` (counted ones).
        history: One row a place and moment, sorted by the two; see ``history_of``.
        news: The rows of ``history`` in which a place begins, or has another name, unit or
            position than before: what stays is said once.
    """

    frame: pl.DataFrame
    counted: pl.Series
    figures: tuple[str, ...]
    totals: tuple[str, ...]
    snapshots: pl.DataFrame
    files: pl.DataFrame
    history: pl.DataFrame
    news: pl.DataFrame

    @property
    def totals_of_all(self) -> tuple[str, ...]:
        """Every indicator that breakdowns or columns of the frame speak of."""
        return tuple(dict.fromkeys(name.partition("__")[0] for name in self.figures))

    @property
    def rows(self) -> pl.LazyFrame:
        """The counted rows."""
        lazy = self.frame.lazy()
        return lazy if self.counted.all() else lazy.filter(pl.lit(self.counted))

    def waves(self) -> pl.DataFrame:
        """Return the history's ``_index``, ``_place``, ``_series`` and ``_wave``."""
        at = self.history["_snapshot"]
        return self.history.select("_index", "_place").with_columns(
            self.snapshots["_series"].gather(at), self.snapshots["_wave"].gather(at)
        )

    def has(self, *columns: str) -> bool:
        """Return whether all columns are present."""
        return all(column in self.frame.columns for column in columns)

    def rows_at(self, hits: pl.DataFrame, columns: Sequence[str] = ()) -> pl.DataFrame:
        """Return hits (with ``_index``) beside the columns that words need."""
        wanted = [c for c in dict.fromkeys((*PLACE_COLUMNS, *columns)) if c not in hits.columns]
        return pl.concat([hits, self.frame.select(wanted)[hits["_index"]]], how="horizontal")


def reports_from_submissions(submissions: pl.DataFrame) -> Reports:
    """Return the submissions ready for checking.

    Raises:
        MissingColumns: If a column that cannot be null is absent.
    """
    frame = with_all_columns(submissions)
    figures = tuple(figures_of(frame))
    counted = frame["is_counted"].fill_null(value=True)
    frame, snapshots = _with_moments(frame)
    frame = frame.with_columns(_screen(figures), _who(frame)).with_row_index("_index")
    totals = tuple(name for name in figures if _is_stock_of_persons(name))
    rows = frame.lazy() if counted.all() else frame.lazy().filter(pl.lit(counted))
    files = rows.group_by("_file").agg(pl.col("file").first(), rows=pl.len()).collect()
    history = history_of(rows, totals)
    return Reports(frame, counted, figures, totals, snapshots, files, history, _news(history))


def _news(history: pl.DataFrame) -> pl.DataFrame:
    kept = ("_place", "_name", "_unit", "latitude", "longitude")
    stays = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in kept)
    return history.filter(~stays)


def figures_of(frame: pl.DataFrame) -> list[str]:
    """Return the indicator columns of submissions."""
    declared = set(Submissions.column_names())
    return [name for name in frame.columns if name not in declared and is_indicator(name)]


def with_all_columns(submissions: pl.DataFrame) -> pl.DataFrame:
    """Return submissions with every declared column, absent nullable ones as nulls."""
    frame = Submissions.complete(submissions)
    missing = [name for name in Submissions.column_names() if name not in frame.columns]
    if missing:
        raise MissingColumns(table="Submissions", columns=", ".join(missing))
    return frame


def _who(frame: pl.DataFrame) -> pl.Expr:
    if frame["enumerator"].null_count() == len(frame):
        return pl.lit(None, dtype=pl.UInt64).alias("_who")
    marked = pl.struct("_snapshot", "enumerator").hash()
    return pl.when(pl.col("enumerator").is_not_null()).then(marked).alias("_who")


def _is_stock_of_persons(name: str) -> bool:
    indicator = indicator_by_code(name)
    return (
        indicator.total is None and indicator.kind is Kind.STOCK and indicator.unit == "persons"
    )


def key_of_place(frame: pl.DataFrame) -> pl.Expr:
    """Return what names a place across rounds, also where places are not resolved yet."""
    if not frame["location_key"].null_count():
        return pl.col("location_key")
    unit = pl.coalesce("admin3_code", "admin2_code", "admin1_code", "admin1_reported_code")
    named = pl.concat_str(unit, "location_name", separator="/", ignore_nulls=True)
    named = pl.when(unit.is_not_null() | pl.col("location_name").is_not_null()).then(named)
    return pl.coalesce("location_key", "location_id", named, pl.lit(""))


def mark_of(frame: pl.DataFrame, names: Sequence[str], *more: pl.Expr) -> pl.Expr:
    """Return a hash of columns, those that are the same in every row left out for speed."""
    columns = [pl.col(name) for name in names]
    constant = frame.select(
        (c.is_null().all() | (c == c.first()).all() & c.is_not_null().all()) for c in columns
    ).row(0)
    varying = [c for c, same in zip(columns, constant, strict=True) if not same]
    return pl.struct(*varying, *more).hash() if varying or more else pl.lit(0, pl.UInt64)


def _with_moments(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the frame with its helper keys, and its snapshots in order."""
    frame = frame.with_columns(
        _moment=mark_of(frame, SNAPSHOT),
        _file=pl.col("file").cast(pl.Categorical).to_physical(),
        _key=key_of_place(frame).cast(pl.Categorical).to_physical().cast(pl.UInt64),
    )
    snapshots = (
        frame.select("_moment", *SNAPSHOT)
        .unique("_moment", keep="first")
        .sort("country", "operation", "component", "reference_date", "round_number")
        .with_columns(_series=pl.struct(SNAPSHOT[:3]).rle_id().cast(pl.UInt64))
        .with_columns(
            _order=pl.int_range(pl.len(), dtype=pl.UInt64).over("_series"),
            _snapshot=pl.int_range(pl.len(), dtype=pl.UInt32),
        )
    )
    snapshots = _with_waves(snapshots)
    places = int(frame["_key"].max() or 0) + 1  # type: ignore[arg-type]
    moments = snapshots["_moment"]
    looked_up = (
        pl.col("_moment").replace_strict(moments, snapshots[name], return_dtype=dtype)
        for name, dtype in (
            ("_snapshot", pl.UInt32),
            ("_order", pl.UInt64),
            ("_series", pl.UInt64),
        )
    )
    snapshot, order, series = looked_up
    keyed = frame.with_columns(
        _snapshot=snapshot, _order=order, _place=series * places + pl.col("_key")
    )
    return keyed.drop("_moment", "_key"), snapshots.drop("_moment")


def _with_waves(snapshots: pl.DataFrame) -> pl.DataFrame:
    """Return snapshots with ``_wave``: those of one round count as one, in order of time.

    A round can carry several dates; a number that comes again months later is another round.
    """
    previous = pl.col("reference_date").shift().over("_series", "round_number")
    is_new = (pl.col("reference_date") - previous > SAME_ROUND).fill_null(value=False)
    same = ["_series", "round_number", "_again"]
    first = pl.col("_order").min().over(same)
    return (
        snapshots.with_columns(_again=is_new.cum_sum().over("_series", "round_number"))
        .with_columns(_wave=first.rank("dense").over("_series").cast(pl.Int64) - 1)
        .drop("_again")
    )


def stocks_of(figures: Sequence[str]) -> list[str]:
    """Return the indicators that count who is there, breakdowns included."""
    return [name for name in figures if indicator_by_code(name).kind is Kind.STOCK]


def _screen(figures: Sequence[str]) -> pl.Expr:
    """Return a number that is equal where all stocks are, made of a few of them.

    Weights that whole figures seldom balance: fractions of an irrational. What passes this
    screen is compared in full.
    """
    stocks = stocks_of(figures)
    few = stocks[:: max(1, len(stocks) // 6)]
    terms = [
        pl.col(name).fill_null(-1.0) * (1.0 + (0.6180339887498949 * (at + 1)) % 1.0)
        for at, name in enumerate(few)
    ]
    return sum(terms, start=pl.lit(0.0)).alias("_screen")


def compared_stocks(reports: Reports, index: pl.Series) -> pl.DataFrame:
    """Return, of rows, ``_stocks`` (a hash of all stocks) and ``_told`` (how many above 0)."""
    stocks = stocks_of(reports.figures)
    above = [(pl.col(name) > 0).fill_null(value=False).cast(pl.UInt16) for name in stocks]
    return reports.frame.select(stocks)[index].select(
        _stocks=pl.struct(stocks).hash(), _told=pl.sum_horizontal(above)
    )


def flows_and_households(totals: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the columns that explain a change of the totals, of those present."""
    households = [indicator_by_code(total).households for total in totals]
    flows = ["arrival_individuals", "departure_individuals"]
    return [name for name in (*households, *flows) if name is not None and name in columns]


def history_of(rows: pl.LazyFrame, totals: Sequence[str]) -> pl.DataFrame:
    """Return one row a place and moment, sorted by place and order.

    Rows that name areas only are split by reason and origin and add up; of places with a
    name one row is counted, so that nothing changes for them.

    Returns:
        ``_index`` of the (first) row, the keys, ``latitude``, ``longitude``, ``_name``,
        ``_unit`` and ``_area`` (admin 2; hashes: told apart, not shown), the totals, their
        households, and flows.
    """
    columns = rows.collect_schema().names()
    summed = [*totals, *flows_and_households(totals, columns)]
    others = ["_index", "_place", "_order", "_snapshot", "_screen"]
    unit = pl.coalesce("admin3_code", "admin2_code", "admin1_code")
    keyed = rows.select(
        *others,
        *summed,
        "latitude",
        "longitude",
        _name=_marked(pl.col("location_name")),
        _unit=_marked(unit),
        _area=_marked(pl.coalesce("admin2_code", "admin1_code")),
        packed=pl.col("_place") * (pl.col("_order").max() + 1) + pl.col("_order"),
    ).collect()
    others += ["latitude", "longitude", "_name", "_unit", "_area"]
    keyed = keyed.sort("packed")
    several = keyed["packed"] == keyed["packed"].shift()
    if several.any():
        several = keyed["packed"].is_duplicated()
        added = [
            pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)
            for name in summed
        ]
        kept = [pl.col(name).first() for name in others]
        one = keyed.filter(several).group_by("packed").agg(*kept, *added)
        keyed = pl.concat([keyed.filter(~several), one.select(keyed.columns)]).sort("packed")
    return keyed.drop("packed")


def _marked(text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_not_null()).then(text.hash())


def findings_by_rules(reports: Reports, rules: Sequence[Rule]) -> list[pl.DataFrame]:
    """Return the findings of row checks; masks first, words only for rows with a problem."""
    if not rules:
        return []
    masks = (
        reports.frame.lazy()
        .select(
            rule.holds.fill_null(value=False).alias(str(at)) for at, rule in enumerate(rules)
        )
        .collect()
    )
    found = []
    for mask, rule in zip(masks, rules, strict=True):
        found += findings_of_mask(reports, rule, mask)
    return found


def findings_of_mask(reports: Reports, rule: Rule, mask: pl.Series) -> list[pl.DataFrame]:
    """Return the findings of a rule whose rows are known already."""
    counted = mask & reports.counted
    return findings_of_rule(reports, rule, counted.arg_true()) if counted.any() else []


def findings_of_rule(reports: Reports, rule: Rule, index: pl.Series) -> list[pl.DataFrame]:
    """Return one finding a row, or a file where too many of its rows have the problem."""
    hits = pl.DataFrame({"_index": index})
    found = []
    if len(hits) >= FEW_ROWS:
        hits = hits.with_columns(_file=reports.frame["_file"].gather(index))
        by_file = hits.group_by("_file").agg(hits=pl.len()).join(reports.files, on="_file")
        full = by_file.filter(
            (pl.col("hits") >= FEW_ROWS) & (pl.col("hits") > rule.limit * pl.col("rows"))
        )
        if len(full):
            hits = hits.join(full, on="_file", how="anti")
            column = rule.column if isinstance(rule.column, str) else None
            found.append(file_findings(rule.code, full, rule.file_says, column=column))
    rows = reports.rows_at(hits.select("_index"), sorted(rule.needs()))
    found.append(
        row_findings(
            rule.code,
            rows,
            rule.says,
            column=rule.column,
            reported=rule.reported,
            expected=rule.expected,
        )
    )
    return found
