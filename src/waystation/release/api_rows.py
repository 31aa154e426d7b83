"""The row layouts that others read: the DTM API's (version 3) and HDX HAPI's.

Both hold one indicator, the stock of internally displaced persons. The DTM API splits an area's
stock into rows by reason and area of origin, so that an area is the sum of its rows; HAPI sums
both away.

Source:
    Responses of the DTM API v3 (``/v3/displacement/admin0`` to ``admin2``) and of the HDX HAPI
    ``idps`` table, as read by their public clients.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from waystation.release.snapshots import SNAPSHOT, country_name, unit_names
from waystation.tracking.aggregates import STOCK, stock_parts_from_submissions
from waystation.tracking.build import Build
from waystation.tracking.indicators import breakdown_code, dimensions

UNKNOWN = "Not available"
ASSESSMENT_TYPES = {
    "baseline_area": "BA",
    "baseline_location": "BA",
    "site_assessment": "SA",
    "event": "ETT",
}
# As the API writes them; reasons of ours that it has no word for are its "Other reason".
REASONS = {
    "conflict": "Conflict",
    "communal": "Conflict",
    "insecurity": "Insecurity",
    "disaster": "Natural disaster",
    "climate": "Natural disaster",
}
NO_REASON = "No reason for displacement reported"
DTM_COLUMNS = (
    "id", "operation", "admin0Name", "admin0Pcode", "admin1Name", "admin1Pcode", "admin2Name",
    "admin2Pcode", "numPresentIdpInd", "reportingDate", "yearReportingDate",
    "monthReportingDate", "roundNumber", "displacementReason", "numberMales", "numberFemales",
    "idpOriginAdmin1Name", "idpOriginAdmin1Pcode", "assessmentType",
)  # fmt: skip
HAPI_COLUMNS = (
    "location_code", "has_hrp", "in_gho", "provider_admin1_name", "provider_admin2_name",
    "admin1_code", "admin1_name", "admin2_code", "admin2_name", "admin_level", "operation",
    "assessment_type", "population", "reporting_round", "reference_period_start",
    "reference_period_end", "dataset_hdx_id", "resource_hdx_id", "warning", "error",
)  # fmt: skip
DUPLICATE = "Duplicate row"
_UNIT = ("admin_level", "code", "parent_code")
_KEY = (*SNAPSHOT, *_UNIT)


def stock_by_unit(build: Build) -> pl.DataFrame:
    """Return the reported stock of every unit and snapshot, levels 0 to 2, with names.

    Zero and "not reported" are left out, as the DTM API leaves them out. What could not be
    placed at a level keeps a row whose name and code are null, so that levels agree.

    Returns:
        Columns of the snapshot, ``admin_level``, ``code``, ``parent_code``, ``admin1_code``,
        ``admin1_name``, ``admin2_code``, ``admin2_name`` and ``persons`` (whole).
    """
    rows = (
        build.totals.filter(pl.col("indicator") == STOCK, pl.col("admin_level") <= 2)
        .sort(*SNAPSHOT, "admin_level", "parent_code", "code", nulls_last=True)
        .with_columns(_parent(), persons=_whole_persons())
        .filter(pl.col("persons") > 0)
    )
    level, code = pl.col("admin_level"), pl.col("code")
    coded = rows.with_columns(
        admin1_code=pl.when(level == 1).then(code).when(level == 2).then("parent_code"),
        admin2_code=pl.when(level == 2).then(code),
    )
    for number in (1, 2):
        names = unit_names(build.units, number).rename(
            {"code": f"admin{number}_code", "name": f"listed{number}"}
        )
        coded = coded.join(names, on=f"admin{number}_code", how="left", maintain_order="left")
    own = pl.when(pl.col("code").is_not_null()).then("name")
    return coded.with_columns(
        admin1_name=pl.coalesce("listed1", pl.when(level == 1).then(own)),
        admin2_name=pl.coalesce("listed2", pl.when(level == 2).then(own)),
    ).select(
        *_KEY, "admin1_code", "admin1_name", "admin2_code", "admin2_name", "persons"
    )  # fmt: skip


def _whole_persons() -> pl.Expr:
    """Return figures as whole numbers whose sum is the rounded total at every level.

    Whole figures stay as they are; fractions (persons estimated from households) are rounded in
    a running sum, so that what one gains another gives.
    """
    value = pl.col("value")
    places = [*SNAPSHOT, "admin_level"]
    running = pl.when(value % 1 != 0).then(value).otherwise(0.0).cum_sum()
    # Halves go up: "to even" would depend on the figures beside them.
    rounded = (running + 0.5).floor()
    before = rounded.shift(1).fill_null(0.0)
    whole = pl.when(value % 1 != 0).then((rounded - before).over(places)).otherwise(value)
    return whole.cast(pl.Int64)


def _parent() -> pl.Expr:
    """Return the unit above, kept where it is needed to name what could not be placed."""
    return pl.when(pl.col("admin_level") == 2).then("parent_code").alias("parent_code")


def dtm_rows(build: Build, admin_level: int) -> pl.DataFrame:
    """Return the rows of one level of the DTM API, version 3.

    A unit's stock is split by reason and origin where these are known and do not exceed it, and
    is one row otherwise. Males and females are given where the unit is one row and both are
    known.

    Args:
        build: The build.
        admin_level: 0, 1 or 2.

    Returns:
        Columns as the API serves them at that level, sorted by operation, date and unit.
    """
    units = stock_by_unit(build).filter(pl.col("admin_level") == admin_level)
    parts = _parts(build, units)
    sexes = _sexes(build)
    rows = (
        units.join(parts, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
        .join(sexes, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            is_whole=pl.col("part").is_null() | (pl.col("part") == pl.col("persons")),
            numPresentIdpInd=pl.coalesce("part", "persons"),
        )
        .sort("operation", "reference_date", "round_number", "code", "reason", nulls_last=True)
        .with_row_index("id", offset=1)
    )
    admin0 = country_name(build.country, build.units)
    origins = unit_names(build.units, 1).rename({"code": "origin", "name": "origin_name"})
    served = rows.join(origins, on="origin", how="left", maintain_order="left").select(
        pl.col("id").cast(pl.Int64),
        "operation",
        admin0Name=pl.when(pl.col("country") == build.country)
        .then(pl.lit(admin0))
        .otherwise("country"),
        admin0Pcode="country",
        admin1Name=pl.col("admin1_name").fill_null(UNKNOWN),
        admin1Pcode=pl.col("admin1_code").fill_null(UNKNOWN),
        admin2Name=pl.col("admin2_name").fill_null(UNKNOWN),
        admin2Pcode=pl.col("admin2_code").fill_null(UNKNOWN),
        numPresentIdpInd="numPresentIdpInd",
        reportingDate=pl.col("reference_date").dt.strftime("%Y-%m-%dT00:00:00"),
        yearReportingDate=pl.col("reference_date").dt.year().cast(pl.Int64),
        monthReportingDate=pl.col("reference_date").dt.month().cast(pl.Int64),
        roundNumber="round_number",
        displacementReason=pl.col("reason").fill_null(NO_REASON),
        numberMales=pl.when("is_whole").then("males"),
        numberFemales=pl.when("is_whole").then("females"),
        idpOriginAdmin1Name=pl.coalesce("origin_name", "origin").fill_null(UNKNOWN),
        idpOriginAdmin1Pcode=pl.col("origin").fill_null(UNKNOWN),
        assessmentType=pl.col("component").replace_strict(ASSESSMENT_TYPES, default="BA"),
    )
    absent: dict[int, tuple[str, ...]] = {
        0: ("id", "admin1Name", "admin1Pcode", "admin2Name", "admin2Pcode")
    }
    absent[1] = ("admin2Name", "admin2Pcode")
    return served.select(DTM_COLUMNS).drop(absent.get(admin_level, ()))


def _parts(build: Build, units: pl.DataFrame) -> pl.DataFrame:
    """Return the rows by reason and origin of units, each unit's adding up to it.

    Where reports are about one reason or origin each and add up, both are known together;
    otherwise the breakdown by reason is used, with a row for people whose reason nobody said.
    A unit whose reasons add up to more than it has no rows here.
    """
    stock = units.select(*_KEY, "persons")

    def compared(parts: pl.DataFrame) -> pl.DataFrame:
        known = parts.join(stock, on=_KEY, how="inner", nulls_equal=True)
        return known.with_columns(rest=pl.col("persons") - pl.col("part").sum().over(_KEY))

    reports = compared(_parts_of_reports(build)).filter(pl.col("rest") == 0)
    breakdown = compared(_parts_of_breakdown(build)).filter(pl.col("rest") >= 0)
    breakdown = breakdown.join(reports, on=_KEY, how="anti", nulls_equal=True)
    # People of places that did not say the reason.
    unsaid = breakdown.filter(pl.col("rest") > 0).unique(_KEY)
    unsaid = unsaid.with_columns(part="rest", reason=pl.lit(None, pl.String))
    parts = pl.concat([frame.select(reports.columns) for frame in (reports, breakdown, unsaid)])
    return parts.drop("persons", "rest")


def _parts_of_reports(build: Build) -> pl.DataFrame:
    """Sum the counted reports of places by unit, reason and origin."""
    places = build.parts
    if places.is_empty():
        places = stock_parts_from_submissions(build.submissions)
    named = places.with_columns(reason=_api_reason(pl.col("reason")))
    levels = [
        named.group_by(
            *SNAPSHOT,
            admin_level=pl.lit(level, pl.Int64),
            code=pl.col(code) if code != "country" else pl.col("country").alias("code"),
            parent_code=pl.col(parent) if parent else pl.lit(None, pl.String),
            reason="reason",
            origin="origin",
        ).agg(part=pl.col("value").sum().round().cast(pl.Int64))
        for level, code, parent in (
            (0, "country", None),
            (1, "admin1_code", None),
            (2, "admin2_code", "admin1_code"),
        )
    ]
    return pl.concat(levels).filter(pl.col("part") > 0)


def _parts_of_breakdown(build: Build) -> pl.DataFrame:
    """Return the totals by reason, in the API's words."""
    codes = {
        breakdown_code(STOCK, "reason", category): category
        for category in dimensions()["reason"].categories
    }
    return (
        build.totals.filter(pl.col("indicator").is_in(list(codes)), pl.col("value") > 0)
        .with_columns(
            _parent(),
            reason=_api_reason(pl.col("indicator").replace_strict(codes)),
            origin=pl.lit(None, pl.String),
        )
        .group_by(*_KEY, "reason", "origin")
        .agg(part=pl.col("value").sum().round().cast(pl.Int64))
    )


def _api_reason(ours: pl.Expr) -> pl.Expr:
    known = ours.replace_strict(REASONS, default="Other reason", return_dtype=pl.String)
    return (
        pl.when(ours.is_null() | (ours == "unknown")).then(pl.lit(NO_REASON)).otherwise(known)
    )


def _sexes(build: Build) -> pl.DataFrame:
    """Return males and females of units where both are reported."""
    codes = {breakdown_code(STOCK, "sex", sex): f"{sex}s" for sex in ("male", "female")}
    found = build.totals.filter(pl.col("indicator").is_in(list(codes)))
    value = pl.col("value").round().cast(pl.Int64)
    return (
        found.with_columns(_parent())
        .group_by(_KEY)
        .agg(
            value.filter(pl.col("indicator") == code).first().alias(name)
            for code, name in codes.items()
        )
        .filter(pl.col("males").is_not_null() & pl.col("females").is_not_null())
    )


def dtm_envelope(rows: pl.DataFrame) -> dict[str, Any]:
    """Return rows in the envelope that the API answers with."""
    return {
        "result": rows.to_dicts(),
        "statusCode": 200,
        "isSuccess": True,
        "errorMessages": [],
        "totalRecordsCount": rows.height,
    }


def hapi_rows(build: Build) -> pl.DataFrame:
    """Return the stock of displaced persons in the row layout of HDX HAPI.

    Rows of one place, assessment type, round, operation and date that occur more than once are
    all kept and marked ``Duplicate row``, as HAPI does. Rounds below 1 are left out, since HAPI
    refuses them. Whether the country has a response plan is not known here and stays empty.

    Returns:
        One row a unit (levels 0 to 2) and snapshot, text columns empty rather than null.
    """
    rows = stock_by_unit(build).filter(pl.col("round_number") > 0)
    level = pl.col("admin_level")
    empty = pl.lit("")
    laid_out = rows.select(
        location_code="country",
        has_hrp=empty,
        in_gho=empty,
        provider_admin1_name=pl.col("admin1_name").fill_null(""),
        provider_admin2_name=pl.when(level < 2)
        .then(empty)
        .otherwise(pl.col("admin2_name").fill_null(" ")),
        admin1_code=pl.col("admin1_code").fill_null(""),
        admin1_name=pl.col("admin1_name").fill_null(""),
        admin2_code=pl.col("admin2_code").fill_null(""),
        admin2_name=pl.col("admin2_name").fill_null(""),
        admin_level="admin_level",
        operation="operation",
        assessment_type=pl.col("component").replace_strict(ASSESSMENT_TYPES, default="BA"),
        population="persons",
        reporting_round="round_number",
        reference_period_start="reference_date",
        reference_period_end="reference_date",
        dataset_hdx_id=empty,
        resource_hdx_id=empty,
        warning=empty,
    )
    key = (
        "location_code", "admin1_code", "admin2_code", "provider_admin1_name",
        "provider_admin2_name", "admin_level", "assessment_type", "reporting_round",
        "operation", "reference_period_start",
    )  # fmt: skip
    repeated = pl.struct(key).is_duplicated()
    return (
        laid_out.with_columns(error=pl.when(repeated).then(pl.lit(DUPLICATE)).otherwise(empty))
        .sort(
            "operation", "reference_period_start", "admin_level", "admin1_code", "admin2_code"
        )
        .select(HAPI_COLUMNS)
    )
