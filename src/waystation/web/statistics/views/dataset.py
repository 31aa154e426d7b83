"""One dataset: what it is, where it comes from, what was found in it, its figures."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from waystation.errors import NotFound
from waystation.release.table_files import csv_of_table, workbook_of_table
from waystation.web.statistics import queries
from waystation.web.statistics.filters import Filter, area_label, same_everywhere, value_label
from waystation.web.statistics.views.words import (
    MOST_OF_WORKBOOK,
    addresses_of,
    citation_of,
    downloads_of,
    flag_words,
)

PAGE = 100
MOST_FINDINGS = 200
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@require_safe
def dataset(request: HttpRequest, dataset: str) -> HttpResponse:
    """Show a dataset and its figures."""
    one = queries.held(dataset)
    wanted = Filter.of(one, request.GET)
    rows = wanted.rows()
    count = int(rows.select(pl.len()).collect().item())
    page = Paginator(range(count), PAGE).get_page(request.GET.get("page"))
    first = max(page.start_index() - 1, 0)
    shown = rows.slice(first, PAGE).collect()
    context: dict[str, Any] = {
        "held": one,
        "summary": one.summary(),
        "measures": ", ".join(value_label("measure", m) for m in one.summary().measures),
        "citation": citation_of(one),
        "files": downloads_of(one),
        "addresses": addresses_of(request, one),
        "findings": _findings(one.findings()),
        "fields": wanted.fields(),
        "is_chosen": bool(wanted.values),
        "page": page,
        "count": count,
        "rows": [_row(row) for row in shown.iter_rows(named=True)],
        "columns": _columns(shown),
        "same": same_everywhere(one),
        "told": ", ".join(same_everywhere(one).values()),
        "query": request.GET.urlencode(),
        "fits_workbook": count <= MOST_OF_WORKBOOK,
    }
    return render(request, "statistics/dataset.html", context)


@require_safe
def download(request: HttpRequest, dataset: str, format: str) -> HttpResponse:
    """Return the figures, or those that fit the filters, as a file to be saved."""
    one = queries.held(dataset)
    if format not in MEDIA:
        raise NotFound(what="format", name=format)
    wanted = Filter.of(one, request.GET)
    rows = wanted.rows()
    if format == "xlsx":
        rows = rows.head(MOST_OF_WORKBOOK + 1)
    frame = rows.collect()
    if format == "xlsx" and frame.height > MOST_OF_WORKBOOK:
        context = {"held": one, "most": MOST_OF_WORKBOOK}
        return render(request, "statistics/too_many.html", context, status=413)
    answer = HttpResponse(_file(frame, format, dataset), content_type=MEDIA[format])
    part = "-part" if wanted.values else ""
    name = f"{dataset}-{one.tag}{part}.{format}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["ETag"] = f'"{one.tag}-{format}"'
    patch_cache_control(answer, public=True, no_cache=True)
    return answer


def _file(frame: pl.DataFrame, format: str, name: str) -> bytes:
    if format == "csv":
        return csv_of_table(frame)
    if format == "xlsx":
        return workbook_of_table(frame, sheet=name)
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def _columns(shown: pl.DataFrame) -> dict[str, bool]:
    """Return which columns have something to show on this page."""
    return {
        "counterpart": shown["counterpart"].null_count() < shown.height,
        "breakdown": "breakdown" in shown.columns
        and shown["breakdown"].null_count() < shown.height,
        "producer_flags": shown["producer_flags"].null_count() < shown.height,
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    is_whole = value is None or float(value).is_integer()
    flag = row["flag"]
    return {
        **row,
        "area_name": area_label(row["area"]),
        "counterpart_name": value_label("counterpart", row["counterpart"]),
        "measure_name": value_label("measure", row["measure"]),
        "sex_name": value_label("sex", row["sex"]),
        "unit_name": value_label("unit", row["unit"]),
        "age_name": value_label("age", row["age"]),
        "decimals": 0 if is_whole else 2,
        "flag_word": flag_words().get(flag, ""),
        "is_missing": value is None,
    }


def _findings(found: pl.DataFrame) -> dict[str, Any]:
    """Return findings, the worst first, and how many are left out."""
    rank = {"error": 0, "warning": 1, "info": 2}
    order = pl.col("severity").cast(pl.String).replace_strict(rank, default=3)
    rows = found.sort(order, "code", maintain_order=True)
    return {
        "rows": rows.head(MOST_FINDINGS).to_dicts(),
        "count": found.height,
        "more": max(found.height - MOST_FINDINGS, 0),
    }
