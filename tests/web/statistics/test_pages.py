"""The catalogue and the page of a dataset."""

from __future__ import annotations

import io

import polars as pl
import pytest
from django.test import Client
from tests.library.statistics.made_up import SOURCE, keep_made_up, made_observations

pytestmark = pytest.mark.django_db
PAGE = "/statistics/made_up_2024/"


def text_of(answer):
    return answer.content.decode()


def test_where_nothing_is_held_the_page_says_how_to_import(settings, tmp_path):
    settings.DATA = tmp_path
    answer = Client().get("/statistics/")
    assert answer.status_code == 200
    assert "waystation statistics import" in text_of(answer)
    assert Client().get(PAGE).status_code == 404


def test_the_catalogue_tells_what_is_held_and_how_to_cite_it(held):
    text = text_of(Client().get("/statistics/"))
    for told in (SOURCE.title, SOURCE.producer, SOURCE.licence, "2010–2020", "Migrant stock"):
        assert told in text
    assert (
        "Office of Made-up Figures. Migrants of nowhere, revision 2024, received 2026-01-02"
        in text
    )
    assert "/statistics/made_up_2024/download/parquet" in text
    assert "/sdmx/2.1/data/MADE_UP_2024/all?format=csv" in text


def test_a_dataset_shows_its_source_findings_and_figures(held):
    text = text_of(Client().get(PAGE))
    assert SOURCE.sha256 in text
    assert "STA-112" in text
    assert "&lt;b&gt;TCD&lt;/b&gt; stands twice" in text
    assert text.index("STA-112") < text.index("STA-113")  # the worst first
    assert "12,345,678,901" in text
    assert "confidential" in text
    assert "http://testserver/sdmx/3.0/structure/dataflow/WAYSTATION/MADE_UP_2024/1.0" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 9), ("?sex=male", 1), ("?area=SDN&period=2020", 1), ("?counterpart=*", 1),
        ("?sex=nobody", 0), ("?breakdown=x", 0), ("?other=1&page=99", 9),
        (f"?area={'x' * 5000}", 0), ("?area=%F0%9F%98%80", 0),
    ],
)  # fmt: skip
def test_the_table_shows_what_was_chosen(held, query, count):
    answer = Client().get(PAGE + query)
    assert answer.status_code == 200
    assert answer.context["count"] == len(answer.context["rows"]) == count


def test_where_there_is_too_much_to_choose_from_the_reader_writes(settings, tmp_path):
    settings.DATA = tmp_path
    several = pl.concat([made_observations()] * 80).with_row_index("place")
    several = several.with_columns(breakdown=pl.format("place={}", "place")).drop("place")
    keep_made_up(tmp_path, observations=several)
    answer = Client().get(f"{PAGE}?breakdown=place=71")
    field = next(f for f in answer.context["fields"] if f.name == "breakdown")
    assert (field.choices, field.value) == ((), "place=71")
    assert answer.context["count"] == 11
    assert '<input id="id_breakdown"' in text_of(answer)


def test_a_figure_that_is_not_there_is_never_written_as_a_number(held):
    rows = Client().get(f"{PAGE}?counterpart=CIV").context["rows"]
    assert [(row["value"], row["flag_word"]) for row in rows] == [
        (None, "not reported"),
        (None, "confidential"),
    ]


def test_names_of_areas_are_in_the_language_of_the_reader(held):
    client = Client(headers={"accept-language": "fr"})
    assert "Soudan" in text_of(client.get(PAGE))


def test_downloads_hold_the_figures_as_they_are(held):
    client = Client()
    parquet = client.get(f"{PAGE}download/parquet")
    assert pl.read_parquet(io.BytesIO(parquet.content)).equals(made_observations())
    csv = pl.read_csv(io.BytesIO(client.get(f"{PAGE}download/csv").content))
    assert csv["value"].null_count() == 2
    assert "attachment" in parquet["Content-Disposition"]
    part = client.get(f"{PAGE}download/csv?sex=male")
    assert pl.read_csv(io.BytesIO(part.content)).height == 1
    book = pl.read_excel(io.BytesIO(client.get(f"{PAGE}download/xlsx").content))
    assert book["value"].to_list() == made_observations()["value"].to_list()
    assert client.get(f"{PAGE}download/pdf").status_code == 404


def test_too_much_for_a_workbook_is_said(held, monkeypatch):
    from waystation.web.statistics.views import dataset, words

    monkeypatch.setattr(dataset, "MOST_OF_WORKBOOK", 8)
    monkeypatch.setattr(words, "MOST_OF_WORKBOOK", 8)
    assert Client().get(f"{PAGE}download/xlsx").status_code == 413
    assert Client().get(f"{PAGE}download/xlsx?sex=male").status_code == 200
    assert "download/xlsx" not in text_of(Client().get(PAGE))


def test_a_dataset_without_findings_or_figures_has_a_page(settings, tmp_path):
    settings.DATA = tmp_path
    holdings = keep_made_up(tmp_path, observations=made_observations()[:0], dataset="empty")
    assert holdings.datasets() == ("empty",)
    assert Client().get("/statistics/").status_code == 200
    assert Client().get("/statistics/empty/").status_code == 200
    assert Client().get("/sdmx/2.1/data/EMPTY").status_code == 404
    assert Client().get("/sdmx/2.1/dataflow/all/all?references=all").status_code == 200
