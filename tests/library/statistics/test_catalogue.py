"""The catalogue agrees with the layouts, and says what may be added."""

from __future__ import annotations

import dataclasses

import pytest

from waystation.errors import InvalidChoice, InvalidTable
from waystation.statistics import catalogue
from waystation.statistics.catalogue import (
    citation_of,
    dataset_named,
    datasets,
    measures,
    producers,
    require_addable,
    require_agreement,
)
from waystation.statistics.sources.registry import layouts


def test_every_layout_has_a_dataset_and_every_dataset_its_layouts():
    require_agreement(layouts())


def test_a_layout_without_a_dataset_is_named():
    extra = dataclasses.replace(layouts()[0], name="of-nobody")
    with pytest.raises(InvalidTable, match="of-nobody has no dataset"):
        require_agreement((*layouts(), extra))


def test_a_dataset_whose_layout_is_gone_is_named():
    with pytest.raises(InvalidTable, match="unhcr_population names layout unhcr-population"):
        require_agreement(x for x in layouts() if x.name != "unhcr-population")


def test_every_entry_says_what_a_reader_must_know():
    for entry in datasets().values():
        assert entry.producer in producers()
        for text in (entry.title, entry.licence, entry.citation, entry.periods,
                     entry.definition, entry.limits):  # fmt: skip
            assert text.strip()
        assert entry.measures
        assert not any(entry.dataset.startswith(f"{x}-") for x in datasets())


def test_addresses_of_downloads_are_encrypted():
    found = [d.download for d in datasets().values() if d.download]
    assert len(found) >= 12
    assert all(download.address.startswith("https://") for download in found)


def test_a_dataset_is_found_with_its_revision():
    assert dataset_named("undesa_stock_2020").dataset == "undesa_stock"
    assert dataset_named("undesa_stock_origin_2020").dataset == "undesa_stock_origin"
    assert dataset_named("eurostat_migr_imm1ctz").dataset == "eurostat"
    with pytest.raises(InvalidChoice, match="wpp"):
        dataset_named("nothing")


def test_a_citation_names_revision_day_and_licence():
    assert citation_of("unhcr_population", revision="2025-06", retrieved="2026-11-24") == (
        "UNHCR, Refugee Population Statistics Database, revision 2025-06, "
        "retrieved 2026-11-24. Licence: CC BY 4.0."
    )


@pytest.mark.parametrize(
    "codes",
    [
        ("idps_conflict", "new_displacements_conflict"),
        ("migrant_stock", "immigration"),
        ("refugees", "remittances_received"),
        ("migrant_share", "migrant_share"),
        ("dtm_idp_individuals", "dtm_idp_households"),
    ],
)
def test_a_stock_is_never_added_to_a_flow_nor_people_to_money(codes):
    with pytest.raises(InvalidTable, match="must not be added"):
        require_addable(codes)


def test_two_stocks_of_people_may_be_added():
    require_addable(("idps_conflict", "idps_disaster"))
    with pytest.raises(InvalidChoice):
        require_addable(("idps_conflict", "unheard_of"))


def test_measures_of_indicators_are_declared():
    from waystation.statistics.indicators import indicators

    needed = {code for entry in indicators().values() for code in entry.measures}
    assert needed <= set(measures())


def test_the_folder_of_the_catalogue_is_part_of_the_package():
    assert catalogue.producers()["unhcr"].startswith("United Nations High Commissioner")
