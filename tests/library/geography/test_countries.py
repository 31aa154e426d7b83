"""Countries by code and by name, as forms write them."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.geography.countries import (
    LANGUAGES,
    country_by_prefix,
    country_codes,
    country_name,
    iso2_of,
    iso3_by_text,
    iso3_of,
)


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("NA", "NAM"),
        ("NGA", "NGA"),
        ("nga", "NGA"),
        ("Bahamas (the)", "BHS"),
        ("Republic of Armenia", "ARM"),
        ("RCA", "CAF"),
        ("CAR", "CAF"),
        ("Sudan (the)", "SDN"),
        ("South Sudan", "SSD"),
        ("السودان\u200e", "SDN"),
        ("Mali (le)", "MLI"),
        ("Tchad", "TCD"),
        ("Cote d'Ivoire", "CIV"),
        ("Congo", "COG"),
        ("Congo (the Democratic Republic of the)", "COD"),
        ("Moldova (the Republic of)", "MDA"),
        ("Iran, Islamic Republic of", "IRN"),
        ("Korea (the Democratic People's Republic of)", "PRK"),
        ("XWS", "XWS"),
        ("Saint Martin (French part)", "MAF"),
    ],
)
def test_codes_and_names_in_four_languages_are_known(text, iso3):
    assert iso3_of(text) == iso3


@pytest.mark.parametrize("text", ["no", "", " ", None, "Borno", "ABC", "man", "الخرطوم"])
def test_what_is_no_country_is_none(text):
    assert iso3_of(text) is None


def test_each_country_is_found_by_its_codes_and_by_its_name_in_each_language():
    for iso2, iso3 in country_codes().iter_rows():
        assert iso3_of(iso2) == iso3_of(iso3) == iso3
        assert iso2_of(iso3) == iso2
        for language in LANGUAGES:
            assert iso3_of(country_name(iso3, language)) == iso3, (iso3, language)


def test_the_concordance_holds_all_of_iso_3166_and_kosovo():
    codes = country_codes()
    assert codes.height == 249 + 1
    assert codes["iso2"].n_unique() == codes["iso3"].n_unique() == 250


def test_a_column_of_texts_keeps_its_order_and_its_nulls():
    texts = pl.Series("country", ["NA", None, "Tchad", "nowhere", "NA"])
    assert iso3_by_text(texts).to_list() == ["NAM", None, "TCD", None, "NAM"]
    assert iso3_by_text(texts).name == "country"


@pytest.mark.parametrize(
    ("code", "country"),
    [("NGA008", "NGA"), ("ng008", "NGA"), ("LSA", "LSO"), ("XWS01", "XWS"), ("3501", None)],
)
def test_a_place_code_tells_its_country(code, country):
    assert country_by_prefix(code) == country
