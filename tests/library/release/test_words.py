"""The catalogue of sentences is complete, and numbers are written as each language does."""

from __future__ import annotations

import datetime as dt
import re
import string

import pytest
from babel import Locale

from waystation.errors import InvalidChoice, NotFound
from waystation.release.report.words import Words, sentences
from waystation.tracking.indicators import LANGUAGES

INTEGERS = [*range(130), 1_000, 10_000]


def names_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def texts_of(value):
    return list(value.values()) if isinstance(value, dict) else [value]


@pytest.mark.parametrize("name", sorted(sentences()))
def test_every_sentence_speaks_every_language(name):
    assert set(sentences()[name]) == set(LANGUAGES)
    for value in sentences()[name].values():
        assert all(text.strip() for text in texts_of(value))


@pytest.mark.parametrize("name", sorted(sentences()))
def test_every_language_tells_the_same_details(name):
    entry = sentences()[name]
    wanted = names_in(texts_of(entry["en"])[-1])
    for language, value in entry.items():
        told = {name for text in texts_of(value) for name in names_in(text)}
        assert told == wanted, language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_a_language_knows_is_written(language):
    rule = Locale(language).plural_form
    needed = {rule(n) for n in INTEGERS} | {"other"}
    for name, entry in sentences().items():
        value = entry[language]
        if isinstance(value, dict):
            assert needed <= set(value), name


@pytest.mark.parametrize("name", sorted(sentences()))
def test_arabic_is_written_in_arabic(name):
    exempt = {"source_entry"}
    letters = re.compile(r"[\u0600-\u06ff]|^[^A-Za-z]*$")
    for text in texts_of(sentences()[name]["ar"]):
        bare = re.sub(r"\{\w+\}", "", text)
        assert name in exempt or letters.search(bare), text


@pytest.mark.parametrize(
    ("language", "number", "share", "change"),
    [
        ("en", "1,204,518", "12%", "−1,500"),
        ("fr", "1\u202f204\u202f518", "12\u00a0%", "−1\u202f500"),
        ("es", "1.204.518", "12\u00a0%", "−1.500"),
        ("ar", "1,204,518", "\u200e12%\u200e", "\u200e−1,500\u200e"),
    ],
)
def test_numbers_by_locale(language, number, share, change):
    words = Words(language)
    assert words.number(1_204_518) == number
    assert words.percent(0.123) == share
    assert words.signed(-1500) == change


def test_small_shares_keep_a_decimal_and_nearly_all_is_not_all():
    words = Words("en")
    assert [words.percent(s) for s in (0, 0.0123, 0.5, 0.9999, 1)] == [
        "0%", "1.2%", "50%", "99.9%", "100%",
    ]  # fmt: skip


def test_null_is_never_zero():
    assert Words("en").number(None) == "not known"
    assert Words("en").signed(None) == "not known"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "1 person was internally displaced in X on 3 Nov 2026."),
        ("fr", "1 personne était déplacée interne au 3 nov. 2026 (X)."),
        ("es", "1 persona estaba desplazada internamente a 3 nov 2026 (X)."),
    ],
)
def test_one_person_is_one_person(language, sentence):
    told = Words(language).say("stock_idps", n=1, country="X", date=dt.date(2026, 11, 3))
    assert told == sentence


def test_a_million_is_followed_by_de_in_french_and_spanish():
    for language, text in (
        ("fr", "1,2 million de personnes"),
        ("es", "1,2 millones de personas"),
    ):
        told = Words(language).say(
            "stock_idps", n=1_204_518, country="X", date=dt.date(2026, 11, 3)
        )
        assert told.startswith(text)


def test_the_dual_of_arabic_is_spoken():
    assert Words("ar").say("note_blank", n=2) == "موقعان تركاه فارغاً"


def test_unknown_languages_and_sentences_are_refused():
    with pytest.raises(InvalidChoice):
        Words("de")
    with pytest.raises(NotFound):
        Words("en").say("no such sentence")


def test_every_part_state_severity_and_kind_has_its_words():
    from waystation.findings import Severity
    from waystation.release.charts import KIND_FILLS, STATE_FILLS
    from waystation.release.report.figures import FINDING_KINDS
    from waystation.tracking.changes import Part
    from waystation.tracking.matrix import CellStatus
    from waystation.tracking.submissions import Component

    wanted = {f"part_{part.value}" for part in Part}
    wanted |= {f"state_{state}" for state in (*STATE_FILLS, *(s.value for s in CellStatus))}
    wanted |= {f"severity_{severity.value}" for severity in Severity}
    wanted |= {f"kind_{kind}" for kind in KIND_FILLS}
    wanted |= {f"finding_{kind}" for _, kind in FINDING_KINDS} | {"finding_geography"}
    wanted |= {f"component_{component.value}" for component in Component}
    assert wanted <= set(sentences())
