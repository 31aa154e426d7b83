"""Sums of flows: by area, by pair, by group of areas, and with small ones put together."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from waystation.errors import CoverageMismatch, InvalidChoice, UnusableArray
from waystation.statistics.tables import Flows

OTHER = "other"


def area_sums(flows: pl.DataFrame) -> pl.DataFrame:
    """Add up what leaves and enters each area.

    Args:
        flows: Shape ``Flows``; flows within an area are left out.

    Returns:
        One row for each area in order of first appearance: ``area``, ``out_migration``,
        ``in_migration``, ``turnover`` (both) and ``net_migration`` (in less out), persons.

    Raises:
        InvalidTable: If the table does not keep its schema.
    """
    frame = Flows.require(flows)
    areas = _areas(frame)
    between = frame.filter(pl.col("origin") != pl.col("destination"))
    for side, name in (("origin", "out_migration"), ("destination", "in_migration")):
        sums = between.group_by(pl.col(side).alias("area")).agg(pl.sum("persons").alias(name))
        areas = areas.join(sums, on="area", how="left", maintain_order="left")
    # An area without a flow on one side has none among those in the table: 0, not unknown.
    return areas.with_columns(
        pl.col("out_migration", "in_migration").fill_null(0.0)
    ).with_columns(
        turnover=pl.col("in_migration") + pl.col("out_migration"),
        net_migration=pl.col("in_migration") - pl.col("out_migration"),
    )


def pair_sums(flows: pl.DataFrame) -> pl.DataFrame:
    """Set each flow beside the one that goes the other way.

    Args:
        flows: Shape ``Flows``; flows within an area are left out.

    Returns:
        The flows with ``counterflow``, ``net_flow`` (flow less counterflow) and
        ``interchange`` (both), persons; null where the other way is not in the table.

    Raises:
        InvalidTable: If the table does not keep its schema.
    """
    frame = Flows.require(flows).select("origin", "destination", "persons")
    back = frame.select(
        origin="destination", destination="origin", counterflow=pl.col("persons")
    )
    between = frame.filter(pl.col("origin") != pl.col("destination"))
    return between.join(
        back, on=["origin", "destination"], how="left", maintain_order="left"
    ).with_columns(
        net_flow=pl.col("persons") - pl.col("counterflow"),
        interchange=pl.col("persons") + pl.col("counterflow"),
    )


def with_group_sums(
    flows: pl.DataFrame, groups: Mapping[str, str], *, groups_first: bool = True
) -> pl.DataFrame:
    """Add rows for groups of areas, from and to each other and each single area.

    Args:
        flows: Shape ``Flows``, of single areas; flows within an area are kept.
        groups: Group of each area; no group may have the name of an area.
        groups_first: Whether a group stands before its areas rather than after them.

    Returns:
        Shape ``Flows`` with a column ``is_sum``, in order of groups and areas. Do not add
        its rows up: each flow is in as many as four of them.

    Raises:
        InvalidTable: If the table does not keep its schema.
        CoverageMismatch: If an area has no group.
        InvalidChoice: If a group has the name of an area.
    """
    frame = Flows.require(flows)
    areas = _areas(frame)["area"].to_list()
    without = [area for area in areas if area not in groups]
    if without:
        raise CoverageMismatch(what="areas", missing=f"no group for {', '.join(without)}")
    shared = sorted(set(areas) & {groups[a] for a in areas})
    if shared:
        raise InvalidChoice(value=shared[0], option="group", choices="names that no area has")
    order: list[str] = []
    for group in dict.fromkeys(groups[area] for area in areas):
        members = [area for area in areas if groups[area] == group]
        order += [group, *members] if groups_first else [*members, group]
    single = frame.select("origin", "destination", "persons")
    up = {side: pl.col(side).replace_strict(dict(groups)) for side in ("origin", "destination")}
    tables = [
        single.with_columns(is_sum=pl.lit(False)),
        single.with_columns(up["origin"], is_sum=pl.lit(True)),
        single.with_columns(up["destination"], is_sum=pl.lit(True)),
        single.with_columns(up["origin"], up["destination"], is_sum=pl.lit(True)),
    ]
    rank = {name: place for place, name in enumerate(order)}
    return (
        pl.concat(tables)
        .group_by("origin", "destination", "is_sum")
        .agg(pl.sum("persons"))
        .sort(pl.col("origin").replace_strict(rank), pl.col("destination").replace_strict(rank))
        .select("origin", "destination", "persons", "is_sum")
    )


def lumped_flows(
    flows: pl.DataFrame, threshold: float, *, by: tuple[str, ...] = ("flow",)
) -> pl.DataFrame:
    """Put small flows, or flows of small areas, together as "other".

    Args:
        flows: Shape ``Flows``.
        threshold: Persons below which something is small.
        by: ``"flow"`` puts single small flows together, ``"in"`` destinations whose inflow
            is small, ``"out"`` origins whose outflow is; several may be named.

    Returns:
        Shape ``Flows``, "other" last. Their sum is that of ``flows``.

    Raises:
        InvalidTable: If the table does not keep its schema.
        InvalidChoice: If ``by`` names something else.
        UnusableArray: If an area is called "other" already.
    """
    frame = Flows.require(flows).select("origin", "destination", "persons")
    wrong = [name for name in by if name not in ("flow", "in", "out")]
    if wrong or not by:
        raise InvalidChoice(
            value=wrong[0] if wrong else by, option="by", choices="flow, in, out"
        )
    areas = _areas(frame)["area"].to_list()
    if OTHER in areas:
        raise UnusableArray(name="flows", reason=f'an area is called "{OTHER}" already')
    for name, side in (("in", "destination"), ("out", "origin")):
        if name in by:
            is_small = pl.sum("persons").over(f"{side}_given") < threshold
            frame = frame.with_columns(pl.col(side).alias(f"{side}_given"))
            frame = frame.with_columns(
                pl.when(is_small).then(pl.lit(OTHER)).otherwise(pl.col(side)).alias(side)
            ).drop(f"{side}_given")
    if "flow" in by:
        frame = _sums_by_pair(frame)
        is_small = pl.col("persons") < threshold
        frame = frame.with_columns(
            pl.when(is_small).then(pl.lit(OTHER)).otherwise(pl.col(side)).alias(side)
            for side in ("origin", "destination")
        )
    rank = {name: place for place, name in enumerate([*areas, OTHER])}
    return _sums_by_pair(frame).sort(
        pl.col("origin").replace_strict(rank), pl.col("destination").replace_strict(rank)
    )


def _sums_by_pair(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("origin", "destination", maintain_order=True).agg(pl.sum("persons"))


def _areas(frame: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([frame["origin"].alias("area"), frame["destination"].alias("area")])
    return both.unique(maintain_order=True).to_frame()
