"""How pages write numbers, days and states."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils.html import strip_tags
from django.utils.translation import override

from waystation.web.project.digits import DIGITS


def written(source, language="en", **values):
    with override(language):
        text = Template("{% load waystation %}" + source).render(Context(values))
    return " ".join(strip_tags(text).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1,204,518"),
        ("fr", "1\u202f204\u202f518"),
        ("es", "1.204.518"),
        ("ar", "1,204,518"),
    ],
)
def test_a_figure_has_the_separators_of_the_language(language, text):
    assert written("{{ n|figure }}", language, n=1_204_518) == " ".join(text.split())


def test_what_was_not_reported_is_never_a_zero():
    for empty in (None, "", float("nan")):
        assert written("{{ n|figure }}", n=empty) == "—not reported"
    assert written("{{ n|figure }}", n=0) == "0"


def test_the_digits_a_reader_chose_hold_on_arabic_pages_only():
    token = DIGITS.set("arab")
    try:
        assert written("{{ n|figure }}", "ar", n=1204) == "١٬٢٠٤"
        assert "٢٠٢٦" in written("{{ d|day }}", "ar", d=dt.date(2026, 11, 23))
        assert written("{{ d|day }}", "en", d=dt.date(2026, 11, 23)) == "23 Nov 2026"
    finally:
        DIGITS.reset(token)


@pytest.mark.parametrize(
    ("number", "language", "text"),
    [
        (1_204_518, "en", "1.2 million"),
        (43_210, "en", "43,210"),
        (310_000, "en", "310 thousand"),
        (1_204_518, "fr", "1,2 million"),
        (None, "en", "—not reported"),
    ],
)
def test_prose_rounds_what_is_large(number, language, text):
    assert written("{{ n|prose_figure }}", language, n=number) == text


@pytest.mark.parametrize(
    ("change", "text"), [(1204, "+1,204"), (-310, "\u2212310"), (0, "0"), (-0.2, "0")]
)
def test_a_change_has_its_sign(change, text):
    assert written("{{ n|signed }}", n=change) == text


def test_days_take_the_form_of_the_language():
    day = dt.date(2026, 11, 23)
    assert written("{{ d|day }}", d=day) == "23 Nov 2026"
    assert written("{{ d|day }}", d="2026-11-23") == "23 Nov 2026"
    assert written("{{ d|day }}", "fr", d=day) == "23 nov. 2026"
    assert written("{{ d|day }}", d="soon") == "—not reported"


def test_a_share_is_a_percentage():
    assert written("{{ n|share }}", n=0.423) == "42%"
    assert written("{{ n|share:1 }}", n=0.423) == "42.3%"


def test_a_state_has_a_mark_and_words():
    page = Template("{% load waystation %}{% state_mark s %}").render(
        Context({"s": "estimated"})
    )
    assert "estimated" in page
    assert 'class="mark"' in page
    assert written("{% state_mark s %}{% state_badge s %}", s="observed") == ""


def test_a_figure_says_as_of_when_and_how_sure():
    source = (
        '{% include "components/figure.html" with label="Displaced" value=1200 unit="persons" '
        'as_of="2026-09-30" change=-40 status="estimated" %}'
    )
    text = written(source)
    for part in ("1,200", "persons", "30 Sep 2026", "\u221240", "estimated"):
        assert part in text
