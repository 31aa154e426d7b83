"""What was asked of the field, for each enumerator, on paper and as a file."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from waystation.web.accounts.roles import Action
from waystation.web.tracking import cleaning_log as logs
from waystation.web.tracking import findings
from waystation.web.tracking.views.reviewing import words
from waystation.web.tracking.views.reviewing.frame import address, may_see, round_context
from waystation.web.tracking.views.reviewing.log import TYPES, attachment

MOST = 2000


@login_required
@require_GET
def questions(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show the questions that wait for an answer, by enumerator."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    context = round_context(request, round_, "questions")
    asked = _asked(context["desk"])
    groups: list[dict[str, Any]] = []
    for row in asked.head(MOST).iter_rows(named=True):
        if not groups or groups[-1]["key"] != row["of"]:
            groups.append({"key": row["of"], "questions": []})
        groups[-1]["questions"].append(
            {
                "item": row,
                "title": words.check_title(row["code"]),
                "column": words.column_label(row["column"]) if row["column"] else "",
                "url": address("finding", round_, row["key"]),
            }
        )
    context |= {"groups": groups, "count": asked.height, "left": max(0, asked.height - MOST)}
    return render(request, "tracking/reviewing/questions.html", context)


@login_required
@require_GET
def questions_file(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Return the questions as csv, with room for the answers; no name of a person in it."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    asked = _asked(findings.desk_of_round(round_))
    titles = {code: words.check_title(code) for code in asked["code"].unique()}
    frame = asked.select(
        pl.col("enumerator"), pl.col("file"), pl.col("sheet"), pl.col("row"),
        pl.col("submission_id").alias("id"), pl.col("location_id"),
        pl.col("location_name").alias("location"),
        pl.col("code").alias("check"),
        pl.col("code").replace_strict(titles, default=None, return_dtype=pl.String)
        .alias("finding"),
        pl.col("column").alias("question"), pl.col("reported").alias("old"),
        pl.col("expected"), pl.col("note").alias("asked"),
        pl.lit("").alias("new"), pl.lit("").alias("answer"),
    )  # fmt: skip
    content = logs.table_file(frame, "csv", name="questions")
    return attachment(content, f"questions_{round_.key}.csv", TYPES["csv"])


def _asked(desk: findings.Desk | None) -> pl.DataFrame:
    if desk is None:
        return pl.DataFrame()
    nobody = _("Enumerator not named")
    return (
        desk.items.filter(pl.col("state") == "asked")
        .with_columns(of=pl.coalesce("enumerator", "file", pl.lit(nobody)))
        .sort("of", "file", "sheet", "row", nulls_last=True)
    )
