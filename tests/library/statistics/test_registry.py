"""One door for every file: found by content, or refused with what is missing."""

from __future__ import annotations

import pytest

from waystation.errors import InvalidChoice, NotFound, UnknownLayout
from waystation.statistics.sources.registry import layout_named, layouts, read_source


def test_names_of_layouts_are_their_own():
    names = [layout.name for layout in layouts()]
    assert len(set(names)) == len(names)
    assert layout_named("undesa-stock").producer.startswith("United Nations")
    with pytest.raises(InvalidChoice, match="undesa-stock-origin"):
        layout_named("undesa")


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        read_source(tmp_path / "absent.xlsx")


def test_the_name_of_a_file_does_not_decide(tmp_path):
    path = tmp_path / "WPP2024.csv"
    path.write_text("year,sex,origin,destination,stock\n2020,both,NAM,ZAF,1\n")
    assert read_source(path).observations["measure"].to_list() == ["migrant_stock"]


def test_a_table_of_something_else_is_refused_with_all_layouts(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("shoes,size\nred,41\n")
    with pytest.raises(UnknownLayout) as raised:
        read_source(path)
    for layout in layouts():
        assert layout.name in str(raised.value)


@pytest.mark.parametrize(
    ("file", "layout"),
    [
        ("undesa/ims2019_clean_stepladder.csv", "undesa-csv-origin-columns"),
        ("undesa/ims2019_destination_origin_male_wide.csv", "undesa-csv-origin-columns"),
        ("undesa/ims2019_migrants_by_age_sex.csv", "undesa-csv-age"),
        ("undesa/ims2019_refugee_stock.csv", "undesa-csv-refugees"),
        ("undesa/ims2020_origin_destination_by_sex_long.csv.gz", "undesa-csv-long"),
        ("undesa/undesa_pd_2019_migrant_stock_total_dataset.xlsx", "undesa-stock"),
        ("undesa/undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx", "undesa-stock"),
        ("wpp/WPP2019_Period_Indicators_Medium.csv", "wpp-periods"),
        ("wpp/wpp2022_births_deaths_rates_netmig_annual.csv", "wpp-annual-extract"),
        ("worldbank/gbmd_1960_2000_by_sex.csv.gz", "worldbank-gbmd"),
        ("remittances/bilateral_remittance_matrix_2018_oct2019.csv", "knomad-matrix"),
        ("unhcr/refugees_countries.csv.gz", None),
        ("undesa/dict_ims_area_codes.csv", None),
    ],
)
def test_a_real_file_is_of_one_layout(statistics_data, file, layout):
    own = ("undesa", "wpp", "worldbank", "knomad")
    found = [
        known.name
        for known in layouts()
        if known.name.startswith(own) and known.recognises(statistics_data / file)
    ]
    assert found == ([layout] if layout else [])
