"""Downloads: what leaves over HTTP reads back as the edition, once made and then kept."""

from __future__ import annotations

import io
import json
import zipfile

import polars as pl
import pytest
from django.test import Client
from django.utils import timezone
from tests.web.tracking.closer import BASE, ROUND_1, STOCK, content_of, frames

from waystation.release.formats import FORMATS
from waystation.web.audit.models import Event
from waystation.web.tracking import downloads
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.models import Upload
from waystation.web.tracking.models.operations import Visibility


def get(what, **headers):
    return Client().get(f"{BASE}/{what}", headers=headers)


def unzipped(answer):
    whole = zipfile.ZipFile(io.BytesIO(content_of(answer)))
    return {name: whole.read(name) for name in whole.namelist()}


@pytest.mark.parametrize("kind", [*FORMATS, "package"])
def test_every_format_is_an_attachment_that_is_kept_until_the_edition_changes(exercise, kind):
    answer = get(f"download/{kind}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert content_of(answer)
    again = get(f"download/{kind}", **{"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_csv_and_parquet_hold_the_matrix_of_the_edition(exercise):
    matrix = frames(exercise)["matrix"]
    key = ["round_number", "location_id", "indicator"]
    expected = matrix.select(*key, "value").sort(key)
    csv = pl.read_csv(unzipped(get("download/csv"))["matrix.csv"], infer_schema_length=None)
    parquet = pl.read_parquet(unzipped(get("download/parquet"))["matrix.parquet"])
    for found in (csv, parquet):
        assert found.select(*key, "value").cast(expected.schema).sort(key).equals(expected)


def test_geojson_and_geopackage_hold_the_same_figures(exercise, tmp_path):
    import pyogrio

    layer = json.loads(unzipped(get("download/geojson"))["admin1.geojson"])
    figures = {f["properties"]["code"]: f["properties"][STOCK] for f in layer["features"]}
    totals = frames(exercise)["totals"].filter(
        pl.col("round_number") == 2, pl.col("admin_level") == 1, pl.col("indicator") == STOCK
    )
    assert figures == dict(totals.select("code", "value").iter_rows())
    path = tmp_path / "places.gpkg"
    path.write_bytes(content_of(get("download/geopackage")))
    assert [name for name, _ in pyogrio.list_layers(path)] == [
        "admin0", "admin1", "admin2", "admin3", "locations",
    ]  # fmt: skip


def test_a_file_is_made_once(exercise, monkeypatch):
    first = content_of(get("download/hapi"))

    def never(*_args, **_kwargs):
        raise AssertionError

    monkeypatch.setattr(downloads, "write_kind", never)
    assert content_of(get("download/hapi")) == first


def test_a_version_is_downloaded_from_its_permanent_address(exercise):
    found = unzipped(get(f"download/csv?round={ROUND_1}&version=1"))
    rows = pl.read_csv(found["matrix.csv"], infer_schema_length=None)
    assert rows["round_number"].unique().to_list() == [1]


@pytest.mark.parametrize(
    "what",
    [
        "download/exe", "download/..", "download/csv?version=foo", "download/csv?version=1",
        "download/csv?round=foo&version=1", f"download/csv?round={ROUND_1}&version=9",
        f"download/csv?round={ROUND_1}&version={'9' * 60}", "download/csv?round=%01&version=1",
    ],
)  # fmt: skip
def test_what_is_no_download_is_not_found(exercise, what):
    assert get(what).status_code == 404


def test_the_report_is_a_pdf_in_the_readers_language_of_the_round_chosen(exercise):
    latest, first = get("report.pdf"), get(f"report.pdf?round={ROUND_1}")
    assert content_of(latest).startswith(b"%PDF")
    assert content_of(first).startswith(b"%PDF")
    assert latest["ETag"] != first["ETag"]
    arabic = get("report.pdf", **{"Accept-Language": "ar"})
    assert content_of(arabic) != content_of(get("report.pdf"))
    assert arabic["ETag"].endswith('-ar"')
    assert get("report.pdf?round=foo").status_code == 422


def test_downloads_tell_nothing_of_who_reported(exercise):
    names = [upload.name.encode() for upload in Upload.objects.all()]
    for kind in (*FORMATS, "package"):
        whole = content_of(get(f"download/{kind}"))
        parts = [whole]
        if zipfile.is_zipfile(io.BytesIO(whole)):
            archive = zipfile.ZipFile(io.BytesIO(whole))
            parts = [archive.read(name) for name in archive.namelist()]
        for part in parts:
            assert b"ENUM-" not in part
            assert not any(name in part for name in names)


def test_a_download_of_what_is_for_partners_is_told_to_the_audit(exercise, as_person):
    exercise.visibility = Visibility.PARTNERS
    exercise.save(update_fields=["visibility"])
    client = as_person("mei")
    for address in ("download/csv", "table.csv", "compare.csv", "report.pdf", "table.xlsx"):
        before = Event.objects.filter(verb="release.download").count()
        answer = client.get(f"{BASE}/{address}")
        assert answer.status_code == 200
        assert content_of(answer)
        assert "private" in answer.get("Cache-Control", "private")
        assert Event.objects.filter(verb="release.download").count() == before + 1
    event = Event.objects.filter(verb="release.download").latest("number")
    assert str(event.actor) == "mei"
    assert Client().get(f"{BASE}/download/csv").status_code == 404


def test_a_download_of_what_is_public_is_not(exercise):
    assert content_of(get("download/csv"))
    assert not Event.objects.filter(verb="release.download").exists()


@pytest.mark.parametrize("what", ["download/csv", "report.pdf"])
def test_a_file_that_takes_long_is_made_in_the_background_once_for_all(
    exercise, monkeypatch, what
):
    monkeypatch.setattr(downloads, "LARGE", 0)
    downloads.is_large.cache_clear()
    for _ in range(3):
        assert get(what).status_code == 202
    assert exercise.jobs.filter(kind="make_file").count() == 1
    part = get(what, **{"HX-Request": "true"})
    assert part.status_code == 202
    assert b"<html" not in part.content
    finish_jobs()
    ready = get(what, **{"HX-Request": "true"})
    assert ready.status_code == 286  # asks no more
    assert content_of(get(what))
    assert exercise.jobs.filter(kind="make_file").count() == 1
    downloads.is_large.cache_clear()


def test_a_file_that_could_not_be_made_is_said_and_not_tried_at_every_look(
    exercise, monkeypatch
):
    monkeypatch.setattr(downloads, "LARGE", 0)
    downloads.is_large.cache_clear()
    get("download/xlsx")
    job = exercise.jobs.get(kind="make_file")
    job.state, job.ended_at = "failed", timezone.now()
    job.save()
    answer = get("download/xlsx")
    assert b"could not be made" in answer.content
    assert exercise.jobs.filter(kind="make_file").count() == 1
    downloads.is_large.cache_clear()
