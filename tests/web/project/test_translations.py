"""Every word that people see exists in the four languages, and pages read the latest."""

from __future__ import annotations

import re

import pytest

from waystation.web.project.messages import (
    LOCALE,
    TRANSLATED,
    compiled,
    read_catalogue,
    words_in_source,
)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_word_is_translated(language):
    catalogue = read_catalogue(language)
    words = [message.id for message in words_in_source() if message.id]
    assert len(words) > 50
    missing = [w for w in words if not (w in catalogue and catalogue[w].string)]
    assert missing == [], "translate these, then run python -m waystation.web.project.messages"
    assert not any(catalogue[word].fuzzy for word in words)


@pytest.mark.parametrize("language", TRANSLATED)
def test_names_of_values_stay_as_they_are(language):
    names = re.compile(r"%\(\w+\)s|\{\w*\}")
    for message in read_catalogue(language):
        if message.id:
            assert sorted(names.findall(str(message.id))) == sorted(
                names.findall(str(message.string))
            )


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_pages_read_is_what_was_translated(language):
    kept = (LOCALE / language / "LC_MESSAGES" / "django.mo").read_bytes()
    assert kept == compiled(read_catalogue(language))
