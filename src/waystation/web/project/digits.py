"""The digits a reader chose for Arabic pages, kept for the length of a request."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

DIGITS: ContextVar[str] = ContextVar("digits", default="latn")


class Digits:
    """Let filters know the numbering system that the cookie ``digits`` names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the digits of this reader."""
        chosen = request.COOKIES.get("digits") == "arab"
        token = DIGITS.set("arab" if chosen else "latn")
        try:
            return self.get_response(request)
        finally:
            DIGITS.reset(token)
