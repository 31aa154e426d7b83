"""Words of headings, in the languages missions write."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.tracking.proposal.vocabulary import heading_of, plain, rounds_in, slug, words_of


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        (
            "Total Number of IDP individuals in the settlement",
            {"subject.idp", "unit.individuals"},
        ),
        ("B1a. Nombre TOTAL de Ménages PDI actuels", {"subject.idp", "unit.households"}),
        ("Número de agregados familiares deslocados", {"subject.displaced", "unit.households"}),
        ("Personas desplazadas", {"subject.displaced"}),
        ("عدد الأسر النازحة", {"subject.idp", "unit.households"}),
        (
            "إجمالي أفراد العائدين من الخارج",
            {"subject.returnee", "unit.individuals", "way.abroad"},
        ),
        ("pdi_nombre_pdi_ret_ext", {"subject.returnee", "subject.idp", "way.abroad"}),
        ("Migrants Childern", {"subject.migrant", "age.children"}),  # as misspelt in a workbook
        ("HHbet2011n2017", {"unit.households"}),
        ("IDPsInd", {"subject.idp", "unit.individuals"}),
    ],
)
def test_a_heading_names_concepts(text, concepts):
    assert concepts <= heading_of(text).concepts


@pytest.mark.parametrize(
    ("text", "band", "sex"),
    [
        ("18-59F", (18, 59), "sex.female"),
        ("lessthan1M", (0, 0), "sex.male"),
        ("h_Personnes âgées(60 ans et +)", (60, None), "sex.male"),
        ("female_13_to_17_retET", (13, 17), "sex.female"),
        ("ذكور 6 حتى 17", (6, 17), "sex.male"),
    ],
)
def test_ages_and_sexes_stand_in_headings_in_many_forms(text, band, sex):
    heading = heading_of(text)
    assert heading.band == band
    assert sex in heading.concepts


def test_months_and_years_are_no_ages():
    assert heading_of("Arrived 1 to 6 months ago").band is None
    assert heading_of("PDI arrivés en 2013_2019").band is None
    assert heading_of("PDI arrivés en 2013_2019").years == (2013, 2019)


@pytest.mark.parametrize(
    ("text", "rounds"),
    [
        ("dtm_baseline_assessment_round_68", (68,)),
        ("IDP estimates R14", (14,)),
        ("تقرير الجولة ٧", (7,)),
        ("Rodada 3", (3,)),
        ("Differences R22-R21", (22, 21)),
        ("Area 51", ()),
        ("around 12 km", ()),
    ],
)
def test_rounds_are_named_in_many_ways(text, rounds):
    assert rounds_in(text) == rounds


def test_numbering_before_a_heading_says_nothing():
    assert heading_of("1.1.d.2: Total number of IDP individuals").words[0] == "total"
    assert heading_of("_a4_gps_latitude").words == ("gps", "latitude")


def test_an_unknown_word_is_reported():
    assert heading_of("IDPs with zebras").unknown == ("zebra",)


def test_arabic_forms_of_letters_are_one():
    assert words_of("الأُسَر") == words_of("اسر")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_heading(text):
    heading = heading_of(text)
    assert 0 <= heading.coverage <= 1
    assert plain(plain(text)) == plain(text)
    assert "__" not in slug(text)
