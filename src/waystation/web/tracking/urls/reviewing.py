"""Addresses of findings, the cleaning log and publication."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.reviewing import bulk, findings, log, publish, questions

_ROUND = "<slug:slug>/rounds/<str:key>"
urlpatterns: list[URLPattern] = [
    path(f"{_ROUND}/review", findings.review, name="review"),
    path(f"{_ROUND}/review/progress", findings.progress, name="review_progress"),
    path(f"{_ROUND}/review/rebuild", findings.rebuild, name="review_rebuild"),
    path(f"{_ROUND}/review/bulk", bulk.bulk, name="review_bulk"),
    path(f"{_ROUND}/review/undo", bulk.undo, name="review_undo"),
    path(f"{_ROUND}/review/questions", questions.questions, name="questions"),
    path(f"{_ROUND}/review/questions.csv", questions.questions_file, name="questions_file"),
    path(f"{_ROUND}/review/finding/<str:finding>", findings.finding, name="finding"),
    path(f"{_ROUND}/log", log.cleaning_log, name="cleaning_log"),
    path(f"{_ROUND}/log/import", log.import_log, name="cleaning_log_import"),
    path(f"{_ROUND}/log.<str:kind>", log.cleaning_log_file, name="cleaning_log_file"),
    path(f"{_ROUND}/publish", publish.publish, name="publish"),
    path(f"{_ROUND}/publish/protection", publish.protection, name="publish_protection"),
    path(f"{_ROUND}/publish/progress", publish.publish_progress, name="publish_progress"),
    path(
        f"{_ROUND}/publish/withdraw/<int:version>",
        publish.withdraw_version,
        name="snapshot_withdraw",
    ),
]
