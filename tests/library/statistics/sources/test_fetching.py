"""Datasets of the catalogue fetched by name, from a server on this machine."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from waystation.errors import InvalidChoice
from waystation.statistics import catalogue, fetching
from waystation.statistics.sources import eurostat
from waystation.statistics.sources.download import Fetcher

TSV = (
    "freq,citizen,agedef,age,unit,sex,geo\\TIME_PERIOD\t2023 \n"
    "A,TOTAL,COMPLET,TOTAL,NR,T,AT\t8 \n"
)


def says(content):
    def answer(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def at_home(monkeypatch, server):
    """Point every address of the catalogue at the server on this machine."""
    known = {}
    for name, entry in catalogue.datasets().items():
        download = entry.download
        if download is not None:
            path = urlsplit(download.address).path
            download = dataclasses.replace(download, address=f"{server.address}{path}")
        known[name] = dataclasses.replace(entry, download=download)
    monkeypatch.setattr(catalogue, "datasets", lambda: known)
    return server


@pytest.fixture
def fetcher():
    return Fetcher(tries=1, timeout=5, today=lambda: dt.date(2026, 11, 24))


def test_a_table_of_eurostat_is_named_so_that_its_layout_knows_it(tmp_path, at_home, fetcher):
    at_home.answers = [says(gzip.compress(TSV.encode()))]
    path = fetching.fetch_dataset(
        "eurostat_migr_imm3ctb", tmp_path, fetcher=fetcher, years=(2020, 2023)
    )
    assert path.name == "eurostat_migr_imm3ctb.tsv.gz"
    asked = urlsplit(at_home.seen[0][0])
    assert asked.path.endswith("/data/migr_imm3ctb")
    assert parse_qs(asked.query)["startPeriod"] == ["2020"]
    layout = next(found for found in eurostat.layouts() if found.recognises(path))
    clean = layout.read(path)
    assert clean.observations["measure"].to_list() == ["immigration_by_birthplace"]
    assert clean.source.retrieved == dt.date(2026, 11, 24)


def test_years_are_left_out_where_none_are_asked_for(tmp_path, at_home, fetcher):
    at_home.answers = [says(gzip.compress(TSV.encode()))]
    fetching.fetch_dataset("eurostat", tmp_path, fetcher=fetcher)
    query = parse_qs(urlsplit(at_home.seen[0][0]).query)
    assert query == {"format": ["TSV"], "compressed": ["true"]}


def test_an_indicator_of_the_world_bank_is_fetched_page_by_page(tmp_path, at_home, fetcher):
    pages = [[{"page": n, "pages": 2}, [{"value": n}]] for n in (1, 2)]
    at_home.answers = [says(json.dumps(page).encode()) for page in pages]
    path = fetching.fetch_dataset(
        "worldbank_wdi", tmp_path, fetcher=fetcher, options={"indicator": "SM.POP.NETM"}
    )
    assert path.name == "worldbank_wdi_SM_POP_NETM.json"
    assert json.loads(path.read_text("utf-8")) == pages
    assert "/indicator/SM.POP.NETM" in at_home.seen[0][0]


def test_a_table_of_unhcr_is_fetched_by_its_name(tmp_path, at_home, fetcher):
    item = {"year": 2023, "coo": "CHI", "coa": "GFR", "refugees": 7, "asylum_seekers": 0}
    at_home.answers = [says(json.dumps({"maxPages": 1, "items": [item]}).encode())]
    path = fetching.fetch_dataset("unhcr_population", tmp_path, fetcher=fetcher)
    assert path.name == "unhcr_population.json"
    assert at_home.seen[0][0].startswith("/population/v1/population?")


def test_a_dataset_given_by_hand_only_is_refused_with_those_that_are_fetched(tmp_path):
    with pytest.raises(InvalidChoice, match="unhcr_population"):
        fetching.fetch_dataset("oecd_dioc", tmp_path)


def test_an_option_that_an_address_needs_is_asked_for(tmp_path, at_home, fetcher):
    with pytest.raises(InvalidChoice, match="--option client=VALUE"):
        fetching.fetch_dataset("idmc_gidd", tmp_path, fetcher=fetcher)
    assert at_home.seen == []


def test_an_option_cannot_change_the_rest_of_an_address(tmp_path, at_home, fetcher):
    with pytest.raises(InvalidChoice, match="letters"):
        fetching.fetch_dataset(
            "worldbank_wdi", tmp_path, fetcher=fetcher, options={"indicator": "../../x?y"}
        )
    assert at_home.seen == []
