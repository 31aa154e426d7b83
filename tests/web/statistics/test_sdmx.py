"""SDMX over HTTP: what is answered, in which format, and how refusals read."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.library.statistics.made_up import SOURCE, keep_made_up

pytestmark = pytest.mark.django_db
BASE = "application/vnd.sdmx."
DATA = "/sdmx/2.1/data/MADE_UP_2024"
DATA_3 = "/sdmx/3.0/data/dataflow/WAYSTATION/MADE_UP_2024/1.0"


def get(address, **headers):
    return Client(headers=headers).get(address)


def lines_of(answer):
    return answer.content.decode().splitlines()[1:]


@pytest.mark.parametrize(
    ("address", "accept", "expected"),
    [
        (DATA, "*/*", "genericdata+xml;version=2.1"),
        (DATA, "", "genericdata+xml;version=2.1"),
        (DATA, "application/json", "data+json;version=1.0.0"),
        (DATA, "text/csv", "data+csv;version=1.0.0"),
        (DATA, f"{BASE}data+csv", "data+csv;version=1.0.0"),
        (DATA, f"{BASE}data+csv; version=2.0.0; labels=both", "data+csv;version=2.0.0"),
        (DATA, f"{BASE}data+json;version=2.0", "data+json;version=2.0.0"),
        (DATA, f"{BASE}structurespecificdata+xml", "structurespecificdata+xml;version=2.1"),
        (DATA, "text/html, application/xml;q=0.9, */*;q=0.8", "genericdata+xml;version=2.1"),
        (DATA, "text/csv;q=0.2, application/json;q=0.9", "data+json;version=1.0.0"),
        (DATA, "text/csv;q=0, */*;q=0.1", "genericdata+xml;version=2.1"),
        (DATA_3, "*/*", "data+xml;version=3.0.0"),
        (DATA_3, "application/json", "data+json;version=2.0.0"),
        (DATA_3, "text/csv", "data+csv;version=2.0.0"),
        ("/sdmx/2.1/dataflow", "*/*", "structure+xml;version=2.1"),
        ("/sdmx/2.1/dataflow", "application/json", "structure+json;version=1.0.0"),
        ("/sdmx/3.0/structure/dataflow", "*/*", "structure+xml;version=3.0.0"),
        ("/sdmx/3.0/structure/dataflow", "application/json", "structure+json;version=2.0.0"),
        (
            "/sdmx/2.1/dataflow",
            f"{BASE}structure+xml;version=3.0.0",
            "structure+xml;version=3.0.0",
        ),
    ],
)
def test_the_format_is_the_one_asked_for(held, address, accept, expected):
    answer = get(address, accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, BASE + expected)
    assert "Accept" in answer["Vary"]


def test_the_parameter_format_goes_before_the_header(held):
    answer = get(f"{DATA}?format=csv", accept="application/json")
    assert answer["Content-Type"] == f"{BASE}data+csv;version=1.0.0"
    assert len(lines_of(answer)) == 9


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/sdmx/2.1/data/NOTHING", 404, 100),
        ("/sdmx/2.1/data/made_up_2024", 404, 100),
        ("/sdmx/2.1/data/OTHER,MADE_UP_2024", 404, 100),
        ("/sdmx/2.1/data/WAYSTATION,MADE_UP_2024,2.0", 404, 100),
        (f"{DATA}/all/OTHER", 404, 100),
        (f"{DATA}/.XXX......", 404, 100),
        (f"{DATA}?startPeriod=2050", 404, 100),
        (f"{DATA}?updatedAfter=2999-01-01T00:00:00Z", 404, 100),
        ("/sdmx/2.1/codelist/OTHER", 404, 100),
        ("/sdmx/2.1/codelist/WAYSTATION/CL_SEX/9.9", 404, 100),
        ("/sdmx/2.1/categoryscheme", 404, 100),
        (f"{DATA}/A.B", 400, 140),
        (f"{DATA}?startPeriod=soon", 400, 140),
        (f"{DATA}?updatedAfter=soon", 400, 140),
        (f"{DATA}?detail=all", 400, 140),
        (f"{DATA}?firstNObservations=0", 400, 140),
        (f"{DATA}?lastNObservations=٣", 400, 140),
        (f"{DATA}?dimensionAtObservation=NOTHING", 400, 140),
        (f"{DATA}/all/all/all/all", 400, 140),
        (f"{DATA_3}/*?c[NOTHING]=1", 400, 140),
        (f"{DATA_3}/*?c[TIME_PERIOD]=ge:soon", 400, 140),
        ("/sdmx/2.1/nonsense", 400, 140),
        ("/sdmx/2.1/dataflow?references=nonsense", 400, 140),
        ("/sdmx/2.1/dataflow?detail=nonsense", 400, 140),
        (f"{DATA}?format=pdf", 406, 140),
        ("/sdmx/3.0/data/datastructure/WAYSTATION/MIGRATION/1.0/*", 501, 501),
        ("/sdmx/2.1/schema/dataflow/WAYSTATION/MADE_UP_2024/1.0", 501, 501),
        ("/sdmx/3.0/metadata/dataflow/a/b/c", 501, 501),
    ],
)
def test_a_refusal_says_what_is_wrong_as_clients_read_it(held, address, status, code):
    answer = get(address)
    assert answer.status_code == status
    assert f'<mes:ErrorMessage code="{code}">' in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    told = json.loads(get(address, accept="application/json").content)
    assert (told["errors"][0]["code"], told["errors"][0]["status"]) == (code, status)


def test_a_refusal_is_never_broken_by_what_was_asked(held):
    import xml.etree.ElementTree as ET

    answer = get("/sdmx/2.1/%3Cb%3E&\x0b\u202e\U0001f600")
    assert answer.status_code == 400
    ET.fromstring(answer.content)


def test_too_much_for_xml_is_refused_and_csv_is_not(held, monkeypatch):
    from waystation.web.statistics.api.sdmx import data

    monkeypatch.setattr(data, "MOST_OF_OTHERS", 8)
    assert get(DATA).status_code == 413
    assert get(f"{DATA}?lastNObservations=1").status_code == 200
    assert get(f"{DATA}?format=csv").status_code == 200


def test_an_answer_is_kept_until_the_figures_change(held, settings):
    answer = get(DATA)
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Access-Control-Allow-Origin"] == "*"
    tag, changed = answer["ETag"], answer["Last-Modified"]
    again = get(DATA, if_none_match=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert get(DATA, if_modified_since=changed).status_code == 304
    assert get(DATA, if_none_match='"other"', if_modified_since=changed).status_code == 200
    assert get(f"{DATA}?format=csv", if_none_match=tag).status_code == 200
    keep_made_up(settings.DATA, source=replace(SOURCE, sha256="cd" * 32))
    assert get(DATA, if_none_match=tag).status_code == 200


def test_structures_are_kept_until_a_dataset_comes(held, settings):
    tag = get("/sdmx/2.1/dataflow")["ETag"]
    assert get("/sdmx/2.1/dataflow", if_none_match=tag).status_code == 304
    keep_made_up(settings.DATA, dataset="another")
    answer = get("/sdmx/2.1/dataflow", if_none_match=tag)
    assert answer.content.decode().count("<str:Dataflow ") == 2


def test_answers_are_compressed_for_those_who_read_gzip(held):
    answer = get(DATA, accept_encoding="gzip")
    assert answer["Content-Encoding"] == "gzip"
    assert b"GenericData" in gzip.decompress(answer.content)
    assert get(DATA, accept_encoding="gzip", if_none_match=answer["ETag"]).status_code == 304


def test_only_reading_is_answered(held):
    client = Client(enforce_csrf_checks=True)
    assert client.post(DATA).status_code == 405
    assert client.options(DATA)["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    head = client.head(DATA)
    assert (head.status_code, head.content) == (200, b"")


def test_programs_may_not_ask_too_often(held, settings):
    settings.RATE_LIMIT = 2
    client = Client()
    answers = [client.get("/sdmx/2.1/dataflow") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Limit"] == "2"


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        ("none", {"Dataflow"}),
        ("children", {"Dataflow", "DataStructure"}),
        ("descendants", {"Dataflow", "DataStructure", "Codelist", "ConceptScheme"}),
        ("parents", {"Dataflow", "ContentConstraint"}),
        ("codelist", {"Dataflow", "Codelist"}),
        ("contentconstraint", {"Dataflow", "ContentConstraint"}),
        (
            "all",
            {"Dataflow", "DataStructure", "Codelist", "ConceptScheme", "ContentConstraint"},
        ),
    ],
)
def test_references_bring_what_belongs_to_a_structure(held, settings, references, expected):
    keep_made_up(settings.DATA, dataset="another")
    address = f"/sdmx/2.1/dataflow/WAYSTATION/MADE_UP_2024/latest?references={references}"
    content = get(address).content.decode()
    kinds = ("Dataflow", "DataStructure", "Codelist", "ConceptScheme", "ContentConstraint")
    assert {kind for kind in kinds if f"<str:{kind} " in content} == expected
    assert 'id="ANOTHER"' not in content


def test_a_scheme_can_be_asked_for_some_of_its_items(held):
    content = get("/sdmx/2.1/codelist/WAYSTATION/CL_SEX/1.0/M+F").content.decode()
    assert content.count("<str:Code ") == 2
    assert 'isPartial="true"' in content
    stubs = get("/sdmx/2.1/codelist?detail=allstubs").content.decode()
    assert stubs.count("<str:Codelist ") == 9
    assert "<str:Code " not in stubs


def test_what_is_there_is_told_for_a_part(held):
    content = get(
        "/sdmx/2.1/availableconstraint/MADE_UP_2024/.SDN....../all/SEX"
    ).content.decode()
    assert content.count("<com:KeyValue ") == 1
    assert content.count("<com:Value>") == 1
    told = json.loads(
        get(
            "/sdmx/3.0/availability/dataflow/WAYSTATION/MADE_UP_2024/1.0/*.SDN?format=json"
        ).content
    )
    (constraint,) = told["data"]["dataConstraints"]
    values = {
        k["id"]: [v["value"] for v in k["values"]]
        for k in constraint["cubeRegions"][0]["keyValues"]
    }
    assert values["TIME_PERIOD"] == ["2010", "2015-07-01/P5Y", "2020"]
    assert values["SEX"] == ["_T"]
    counts = {a["id"]: a["title"] for a in constraint["annotations"]}
    assert counts == {"obs_count": "3", "series_count": "2"}


@pytest.mark.parametrize(
    ("question", "count"),
    [
        (f"{DATA}/A.TCD.SDN.....?format=csv", 3),
        (f"{DATA}/A.TCD.SDN+CIV.._T...?format=csv", 3),
        (f"{DATA}/all/WAYSTATION?format=csv&startPeriod=2015&endPeriod=2015", 3),
        (f"{DATA}?format=csv&firstNObservations=1", 7),
        (f"{DATA}?format=csv&detail=serieskeysonly", 7),
        (f"{DATA_3}?format=csv&limit=2&offset=8", 1),
        (f"{DATA_3}/A.SDN,A.TCD.CIV?format=csv", 4),
        (f"{DATA_3}/*?format=csv&c[SEX]=M,F&c[REF_AREA]=TCD", 2),
        ("/sdmx/3.0/data/dataflow/WAYSTATION/MADE_UP_2024?format=csv&attributes=none", 9),
        ("/sdmx/3.0/data/*/*/MADE_UP_2024/~/*?format=csv", 9),
    ],
)
def test_a_part_of_the_figures_can_be_asked_for(held, question, count):
    assert len(lines_of(get(question))) == count


@hypothesis_settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    part=st.text(max_size=40),
    key=st.text(alphabet=".+*,:[]AT0_\x00é\u202e ", max_size=30),
    value=st.text(max_size=30),
)
def test_whatever_is_asked_the_server_does_not_fail(held, part, key, value):
    client = Client()
    for address in (
        f"/sdmx/2.1/{part}", f"{DATA}/{key}", f"{DATA_3}/{key}",
        f"/sdmx/3.0/structure/{part}/{key}", f"/sdmx/2.1/availableconstraint/{part}/{key}",
    ):  # fmt: skip
        query = {"startPeriod": value, "c[REF_AREA]": value, "references": value}
        assert client.get(address).status_code < 500
        assert client.get(address, query).status_code < 500


def test_huge_questions_are_answered(held):
    assert get(f"{DATA}/{'A' * 20_000}").status_code == 400
    assert get(f"{DATA}/{'A+' * 20_000}.......").status_code < 500
    assert get(f"{DATA_3}/*?c[REF_AREA]={'A,' * 20_000}A").status_code == 400
    assert get(f"/sdmx/2.1/dataflow/{'A+' * 20_000}").status_code == 404
