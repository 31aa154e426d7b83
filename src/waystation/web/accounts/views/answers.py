"""What pages of accounts share: who asks, files to save, words shown once."""

from __future__ import annotations

from typing import cast

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waystation.release.tabular import escaped, flat
from waystation.web.accounts.models import User
from waystation.web.attachments import disposition


def person_of(request: HttpRequest) -> User:
    """Return who is signed in; for views behind ``login_required``."""
    return cast("User", request.user)


def csv_to_save(frame: pl.DataFrame, name: str) -> HttpResponse:
    """Return a table as a file to save, safe to open in a spreadsheet program."""
    text = "\ufeff" + escaped(flat(frame)).write_csv()
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = disposition(name)
    answer["Cache-Control"] = "no-store, private"
    return answer


def shown_once(request: HttpRequest, secret: str, context: dict[str, object]) -> HttpResponse:
    """Return the page of a password or a key that cannot be shown again, and is not kept."""
    answer = render(request, "accounts/shown_once.html", {"secret": secret, **context})
    answer["Cache-Control"] = "no-store, private"
    return answer
