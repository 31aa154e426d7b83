"""The catalogue: every dataset that this server holds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waystation.web.statistics import queries
from waystation.web.statistics.filters import value_label
from waystation.web.statistics.views.words import citation_of, downloads_of


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """List the datasets, with what is in each and how to take it along."""
    entries = []
    for one in queries.all_held():
        summary = one.summary()
        measures = [value_label("measure", code) for code in summary.measures]
        entries.append(
            {
                "held": one,
                "summary": summary,
                "measures": ", ".join(measures),
                "citation": citation_of(one),
                "files": downloads_of(one),
            }
        )
    return render(request, "statistics/catalogue.html", {"entries": entries})
