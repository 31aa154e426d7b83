"""The exercise through the door: every writer works, levels agree, nobody is in the bytes."""

from __future__ import annotations

import itertools
import zipfile

import polars as pl
import pypdf
import pytest

from waystation.release.api_rows import dtm_rows, hapi_rows
from waystation.release.disclosure import DisclosureRule, Method, protected_build
from waystation.release.package import write_release
from waystation.release.report.page import write_report_page
from waystation.release.report.pdf import write_report_pdf
from waystation.tracking.build import BuildChoices, build_matrix
from waystation.tracking.build_folder import read_build, write_build
from waystation.tracking.exercise import create_exercise
from waystation.tracking.summary import summary_of_build

RULES = {
    "rounded": DisclosureRule(method=Method.ROUNDING, seed="kept in the safe"),
    "units": DisclosureRule(method=Method.WITHHOLDING, seed="kept in the safe"),
}


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    """Return the build of a small exercise."""
    paths = create_exercise(tmp_path_factory.mktemp("exercise"), seed=1, sites=120, rounds=3)
    choices = BuildChoices(
        pcodes=(paths.pcodes,), boundaries=(paths.boundaries,), producer="The mission"
    )
    return build_matrix([paths.field], choices)[0]


@pytest.fixture(scope="module", params=RULES)
def safe(request, exercise):
    """Return the exercise as it leaves by each rule."""
    return protected_build(exercise, RULES[request.param])[0]


@pytest.fixture(scope="module")
def released(safe, tmp_path_factory):
    """Return the folder of everything that can be written."""
    folder = tmp_path_factory.mktemp("released")
    write_release(safe, folder)
    write_report_pdf(safe, folder / "report.pdf")
    write_report_page(safe, folder / "report.html")
    return folder


def test_stocks_agree_at_every_level_of_every_answer(safe):
    levels = [
        dtm_rows(safe, level).group_by("roundNumber").agg(pl.col("numPresentIdpInd").sum())
        for level in (0, 1, 2)
    ]
    by_round = [dict(frame.sort("roundNumber").iter_rows()) for frame in levels]
    assert by_round[0] == by_round[1] == by_round[2]
    assert all(value % 5 == 0 and value > 0 for value in by_round[0].values())
    hapi = hapi_rows(safe).group_by("reporting_round", "admin_level")
    for number, _, people in hapi.agg(pl.col("population").sum()).iter_rows():
        assert by_round[0][number] == people
    rows = dtm_rows(safe, 2)
    sexes = rows.filter(pl.col("numberMales").is_not_null())
    assert sexes.height
    assert (sexes["numberMales"] % 5 == 0).all()


def test_nothing_of_reports_is_in_any_file(exercise, released):
    own = exercise.submissions
    secrets = {
        *own["enumerator"].drop_nulls().unique(),
        *own["file"].unique(),
        *(name.rsplit(".", 1)[0] for name in own["file"].unique()),
        *own["record_uuid"].drop_nulls().unique(),
        *(id_ for id_ in own["submission_id"].unique() if "/" in id_),
    }
    assert len(secrets) > 5
    for name, content in _contents(released):
        for secret in secrets:
            assert secret.encode() not in content, (name, secret)


def _contents(folder):
    """Yield every file's bytes, and what is inside packed ones."""
    for path in folder.iterdir():
        yield path.name, path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as packed:
                yield from ((name, packed.read(name)) for name in packed.namelist())
        elif path.suffix == ".pdf":
            pages = pypdf.PdfReader(path).pages
            yield path.name, "\n".join(page.extract_text() for page in pages).encode()
        elif path.suffix == ".parquet":
            yield path.name, pl.read_parquet(path).write_json().encode()


def test_every_document_says_how_figures_were_protected(safe, released):
    content = dict(_contents(released))
    said = ["multiples of 5"]
    if safe.deepest_level is not None:
        said.append("below administrative level 2 are not published")
    for name in ("report.html", "xl/sharedStrings.xml", "datapackage.json", "report.pdf"):
        text = " ".join(content[name].decode("utf-8", "replace").split())
        assert all(words in text for words in said), name


def test_locations_are_named_only_where_they_are_not_withheld(exercise, safe, released):
    names = [name.encode() for name in exercise.locations["location_id"]]
    naming = {file for file, content in _contents(released) if any(n in content for n in names)}
    assert bool(naming) is (safe.deepest_level is None), naming


def test_a_protected_build_is_kept_and_read_back(safe, tmp_path):
    write_build(safe, tmp_path / "kept", summary=summary_of_build(safe), mappings=[])
    back = read_build(tmp_path / "kept")
    assert (back.rounded_to, back.deepest_level) == (safe.rounded_to, safe.deepest_level)
    for name in ("matrix", "totals", "changes", "parts", "assessments"):
        assert getattr(back, name).equals(getattr(safe, name))
    assert back.sources == safe.sources


def test_a_build_kept_before_there_were_such_frames_is_read(exercise, tmp_path):
    write_build(exercise, tmp_path / "old", summary=summary_of_build(exercise), mappings=[])
    for name in ("parts", "assessments"):
        (tmp_path / "old" / f"{name}.parquet").unlink()
    back = read_build(tmp_path / "old")
    assert back.parts.is_empty()
    assert back.matrix.equals(exercise.matrix)
    assert back.rounded_to is None


def test_a_corrected_version_shows_little_but_the_correction(exercise):
    """Two versions of a snapshot: figures that were not corrected hardly move."""
    first, _ = protected_build(exercise, RULES["rounded"])
    is_one = (pl.col("indicator") == "idp_individuals") & (pl.col("value") > 20)
    row = exercise.matrix.with_row_index().filter(is_one)["index"][0]
    value = exercise.matrix["value"].clone()
    value = value.scatter(row, [value[int(row)] + 13])
    changed = exercise.matrix.with_columns(value=value)
    second, _ = protected_build(
        type(exercise)(
            **{
                name: getattr(exercise, name)
                for name in exercise.__dataclass_fields__
                if name != "matrix"
            },
            matrix=changed,
        ),
        RULES["rounded"],
    )
    place = exercise.matrix.row(int(row), named=True)
    others = pl.col("location_id") != place["location_id"]
    both = first.matrix.with_columns(after=second.matrix["value"]).filter(others)
    moved = both.filter(pl.col("value").ne_missing(pl.col("after")))
    wholes = moved.filter(pl.col("indicator") == "idp_individuals")
    assert wholes.height <= 6
    assert moved["indicator"].str.starts_with("idp_individuals").all()
    assert set(itertools.chain(moved["round_number"])) <= {place["round_number"]}
