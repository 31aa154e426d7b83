"""The DTM API as programs ask it: four generations of addresses, keys, filters, bad input."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest
from django.test import Client

from waystation.web.accounts.actions import create_key, withdraw_key
from waystation.web.accounts.models import ApiKey
from waystation.web.tracking.models.operations import Visibility

KEY = "Ocp-Apim-Subscription-Key"
V3 = [
    "id", "operation", "admin0Name", "admin0Pcode", "admin1Name", "admin1Pcode", "admin2Name",
    "admin2Pcode", "numPresentIdpInd", "reportingDate", "yearReportingDate",
    "monthReportingDate", "roundNumber", "displacementReason", "numberMales", "numberFemales",
    "idpOriginAdmin1Name", "idpOriginAdmin1Pcode", "assessmentType",
]  # fmt: skip
ONLY_V3 = set(V3[13:18])
ABSENT = {0: {"id", *V3[4:8]}, 1: set(V3[6:8]), 2: set()}
ADDRESSES = {
    "v1": "/api/idpAdmin{0}Data/GetAdmin{0}Datav2",
    "v2": "/v2/IdpAdmin{0}Data",
    "v3": "/v3/displacement/admin{0}",
}
WHO = {"Admin0Pcode": "XWS"}


@pytest.fixture
def key(exercise):
    return create_key("dashboard", by=None)


@pytest.fixture
def get(client, key):
    def got(address, query=WHO, **headers):
        return client.get(address, query, headers={KEY: key, **headers})

    return got


def columns(level, generation):
    absent = ABSENT[level] | (ONLY_V3 if generation != "v3" else set())
    return [name for name in V3 if name not in absent]


@pytest.mark.parametrize("generation", ADDRESSES)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_rows_have_the_fields_of_their_generation_in_order(get, generation, level):
    answer = get(ADDRESSES[generation].format(level))
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == [
        "result", "statusCode", "isSuccess", "errorMessages", "totalRecordsCount"
    ]  # fmt: skip
    assert (body["statusCode"], body["isSuccess"], body["errorMessages"]) == (200, True, [])
    rows = body["result"]
    assert body["totalRecordsCount"] == len(rows) > 0
    for row in rows:
        assert list(row) == columns(level, generation)
        day = dt.datetime.strptime(row["reportingDate"], "%Y-%m-%dT00:00:00")  # noqa: DTZ007
        assert (day.year, day.month) == (row["yearReportingDate"], row["monthReportingDate"])
        assert type(row["numPresentIdpInd"]) is int
        assert row["numPresentIdpInd"] >= 1
        assert row["assessmentType"] in {"BA", "SA", "ETT"}


@pytest.mark.parametrize("level", [0, 1, 2])
def test_our_rows_have_the_keys_and_types_of_recorded_answers(get, field_data, level):
    path = field_data / "api" / f"displacement-admin{level}-admin0pcode-tcd.json"
    recorded = json.loads(path.read_text("utf-8"))
    ours = get(ADDRESSES["v3"].format(level)).json()
    assert list(ours) == list(recorded)
    assert [list(ours["result"][0])] == [list(recorded["result"][0])]
    nullable = {"numberMales", "numberFemales"}
    for name, value in recorded["result"][0].items():
        kinds = {type(row[name]) for row in ours["result"]}
        assert kinds <= ({int, type(None)} if name in nullable else {type(value)}), name


@pytest.mark.parametrize("name", ["country", "operation"])
def test_our_lists_have_the_keys_of_recorded_answers(get, field_data, name):
    path = field_data / "api" / f"displacement-{name}-list.json"
    recorded = json.loads(path.read_text("utf-8"))
    ours = get(f"/v3/displacement/{name}-list").json()
    assert list(ours) == list(recorded)
    assert list(ours["result"][0]) == list(recorded["result"][0])


def test_levels_agree_and_a_reading_by_hand_of_the_edition_agrees(get, exercise):
    totals = []
    for level in (0, 1, 2):
        rows = get(ADDRESSES["v3"].format(level)).json()["result"]
        sums: dict[tuple[object, ...], int] = {}
        for row in rows:
            name = (row["roundNumber"], row["reportingDate"], row["assessmentType"])
            sums[name] = sums.get(name, 0) + row["numPresentIdpInd"]
        totals.append(sums)
    assert totals[0] == totals[1] == totals[2]


def test_lists_of_countries_and_operations_in_all_generations(get, client, exercise):
    country = {"admin0Name": "XWS", "admin0Pcode": "XWS"}
    for address in (
        "/api/Common/GetAllCountryList", "/v2/CountryList", "/v3/displacement/country-list"
    ):  # fmt: skip
        [found] = get(address).json()["result"]
        assert found["admin0Pcode"] == "XWS"
        assert list(found) == list(country)
    for address in (
        "/api/Common/GetAllOperationList", "/v2/OperationList",
        "/v3/displacement/operation-List",
    ):  # fmt: skip
        [found] = get(address).json()["result"]
        assert list(found) == ["operation", "operationStatus", "admin0Name", "admin0Pcode"]
        assert (found["operation"], found["operationStatus"]) == ("Exercise", "Active")
    exercise.is_active = False
    exercise.save()
    [found] = get("/v2/OperationList").json()["result"]
    assert found["operationStatus"] == "Inactive"


@pytest.mark.parametrize(
    "address",
    [
        "/V3/Displacement/Admin2", "/v3/DISPLACEMENT/admin2", "/v2/idpadmin2data",
        "/v2/idpAdmin2Data", "/api/IdpAdmin2Data/GetAdmin2Datav2",
        "/API/IDPADMIN2DATA/GETADMIN2DATAV2", "/v3/displacement/admin2/",
    ],
)  # fmt: skip
def test_the_case_of_an_address_does_not_matter(get, address):
    assert get(address).json()["totalRecordsCount"] > 0


def test_the_two_numbers_in_an_old_address_are_the_same(get):
    assert get("/api/idpAdmin1Data/GetAdmin2Datav2").status_code == 404
    assert get("/v3/displacement/admin3").status_code == 404


def test_filters_choose_what_a_reading_of_all_rows_chooses(get):
    address = ADDRESSES["v3"].format(2)
    everything = get(address, {}).json()["result"]
    days = sorted({row["reportingDate"][:10] for row in everything})
    one = everything[len(everything) // 2]
    other_areas = [r for r in everything if r["admin1Pcode"] != one["admin1Pcode"]]
    assert len(days) > 1
    assert other_areas
    cases = {
        "Operation=Exercise": lambda _row: True,
        "operation=eXercise&CountryName=" + one["admin0Name"]: lambda _row: True,
        "Admin0Pcode=xws": lambda _row: True,
        "Admin0Pcode=XWT": lambda _row: False,
        f"Admin1Pcode={one['admin1Pcode']}": lambda r: r["admin1Pcode"] == one["admin1Pcode"],
        f"ADMIN1NAME={one['admin1Name']}": lambda r: r["admin1Name"] == one["admin1Name"],
        f"Admin2Pcode={one['admin2Pcode']}": lambda r: r["admin2Pcode"] == one["admin2Pcode"],
        f"Admin2Name={one['admin2Name']}": lambda r: r["admin2Name"] == one["admin2Name"],
        f"FromReportingDate={days[1]}": lambda r: r["reportingDate"][:10] >= days[1],
        f"ToReportingDate={days[0]}": lambda r: r["reportingDate"][:10] <= days[0],
        f"fromreportingdate={days[0]}&toreportingdate={days[0]}": (
            lambda r: r["reportingDate"][:10] == days[0]
        ),
        "FromRoundNumber=2": lambda r: r["roundNumber"] >= 2,
        "ToRoundNumber=1": lambda r: r["roundNumber"] <= 1,
        "FromRoundNumber=2&ToRoundNumber=0": lambda r: r["roundNumber"] >= 2,
        "FromRoundNumber=0&ToRoundNumber=0": lambda _row: True,
        "Admin1Name=&FromRoundNumber=&Operation=": lambda _row: True,
        f"Admin1Pcode={one['admin1Pcode']}&ToRoundNumber=1": (
            lambda r: r["admin1Pcode"] == one["admin1Pcode"] and r["roundNumber"] == 1
        ),
        "FromRoundNumber=1000000000000000000": lambda _row: False,
    }
    for query, is_expected in cases.items():
        expected = [row for row in everything if is_expected(row)]
        for encoding in ("gzip, deflate", "identity"):
            answer = get(f"{address}?{query}", None, **{"Accept-Encoding": encoding})
            body = answer.content
            if encoding != "identity":
                assert answer["Content-Encoding"] == "gzip"
                body = gzip.decompress(body)
            found = json.loads(body)
            assert found["result"] == expected, query
            assert found["totalRecordsCount"] == len(expected)


def test_an_empty_result_is_a_success(get):
    body = get(ADDRESSES["v3"].format(2), {"Admin0Pcode": "BHS"}).json()
    assert body == {
        "result": [], "statusCode": 200, "isSuccess": True, "errorMessages": [],
        "totalRecordsCount": 0,
    }  # fmt: skip


def test_who_may_read_what(client, exercise, key):
    """No key: public operations, by the oldest addresses; a key: all; a wrong one: nothing."""
    withdrawn = create_key("old", by=None)
    withdraw_key(ApiKey.objects.get(name="old"), by=None)
    keys = {"none": None, "right": key, "wrong": "wst_no", "empty": "", "withdrawn": withdrawn}
    rows, refused = "rows", 401
    truth = {
        # who         public: v1    v2       v3       partners: v1   v2       v3
        "none": ((rows, refused, refused), ([], refused, refused)),
        "right": ((rows, rows, rows), (rows, rows, rows)),
        "wrong": ((refused,) * 3, (refused,) * 3),
        "empty": ((refused,) * 3, (refused,) * 3),
        "withdrawn": ((refused,) * 3, (refused,) * 3),
    }
    for turn, visibility in enumerate((Visibility.PUBLIC, Visibility.PARTNERS)):
        exercise.visibility = visibility
        exercise.save()
        for who, sent in keys.items():
            headers = {} if sent is None else {KEY: sent}
            for address, expected in zip(ADDRESSES.values(), truth[who][turn], strict=True):
                answer = client.get(address.format(1), WHO, headers=headers)
                if expected == refused:
                    assert answer.status_code == refused, (who, address)
                    body = answer.json()
                    assert list(body) == ["statusCode", "message"]
                    assert body["statusCode"] == refused
                    assert body["message"].startswith("Access denied due to ")
                    assert KEY in answer["WWW-Authenticate"]
                else:
                    found = answer.json()["result"]
                    assert bool(found) == (expected == rows), (who, address, visibility)


@pytest.mark.parametrize(
    ("header", "form"), [(KEY, "{}"), ("Authorization", "Bearer {}"), ("X-API-Key", "{}")]
)
def test_a_key_is_accepted_in_three_headers(client, key, header, form):
    answer = client.get("/v2/CountryList", headers={header: form.format(key)})
    assert answer.status_code == 200


def test_nothing_is_served_before_it_is_published(client, exercise, key):
    exercise.edition = 0
    exercise.save()
    for address in ("/v2/CountryList", "/v2/OperationList", "/v2/IdpAdmin0Data"):
        assert client.get(address, headers={KEY: key}).json()["result"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FromReportingDate", "2026-02-31"), ("FromReportingDate", "31/01/2026"),
        ("ToReportingDate", "yesterday"), ("ToReportingDate", "2026-1-1"),
        ("ToReportingDate", "0000-00-00"), ("ToReportingDate", "٢٠٢٦-٠١-٠١"),
        ("FromRoundNumber", "-1"), ("FromRoundNumber", "1.5"), ("ToRoundNumber", "one"),
        ("ToRoundNumber", "9" * 5000), ("ToRoundNumber", "٣"), ("FromRoundNumber", "1\x01"),
        ("FromRoundNumber", "NaN"), ("FromRoundNumber", "1' OR '1'='1"),
        ("FromReportingDate", "<script>alert(1)</script>"), ("ToReportingDate", "\x01"),
    ],
)  # fmt: skip
def test_what_is_no_date_and_no_number_is_refused_in_the_envelope(get, name, value):
    answer = get(ADDRESSES["v3"].format(1), {**WHO, name: value})
    assert answer.status_code == 400
    body = answer.json()
    assert (body["statusCode"], body["isSuccess"], body["result"]) == (400, False, [])
    [message] = body["errorMessages"]
    assert name in message
    assert len(message) < 300
    assert answer["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    "query",
    ["FromReportingDate=2026-02-01&ToReportingDate=2026-01-01",
     "FromRoundNumber=3&ToRoundNumber=2"],
)  # fmt: skip
def test_a_range_that_ends_before_it_begins_is_refused(get, query):
    assert get(f"{ADDRESSES['v3'].format(0)}?{query}", None).status_code == 400


@pytest.mark.parametrize(
    "value",
    ["\x01", "'; DROP TABLE x; --", "<b>", "𝕏" * 3000, "\ud800".encode("utf-8", "replace"),
     "%", "../../etc/passwd", "İı", "null", "[]", "{}", "a" * 20000],
)  # fmt: skip
def test_odd_text_finds_nothing_and_breaks_nothing(get, value):
    for name in ("Operation", "CountryName", "Admin0Pcode", "Admin1Name", "Admin2Pcode"):
        answer = get(ADDRESSES["v3"].format(2), {name: value})
        assert (answer.status_code, answer.json()["result"]) == (200, [])


@pytest.mark.parametrize(
    "query", ["%01=%01", "Admin0Pcode=%ff%fe", "&&&=", "a[]=1&Page=x", ";"]
)
def test_odd_queries_are_read_as_far_as_they_go(get, query):
    assert get(f"{ADDRESSES['v3'].format(0)}?{query}", None).status_code == 200


def test_more_parameters_than_a_request_may_have_are_refused(client, exercise):
    query = "&".join(f"a{n}=1" for n in range(1500))
    client.raise_request_exception = False
    assert client.get(f"{ADDRESSES['v1'].format(0)}?{query}").status_code == 400


@pytest.mark.parametrize("value", ["wst_\x00", "ключ", "x" * 9000, " ", "Bearer"])
def test_odd_keys_are_wrong_keys(client, exercise, value):
    for header in (KEY, "X-API-Key"):
        assert client.get("/v2/CountryList", headers={header: value}).status_code == 401


def test_an_answer_that_the_client_has_is_not_sent_again(get, client, exercise):
    address = ADDRESSES["v3"].format(2)
    first = get(address)
    etag = first["ETag"]
    again = get(address, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == etag
    assert get(address, {**WHO, "ToRoundNumber": 1})["ETag"] != etag
    assert get(address, **{"If-None-Match": '"other"'}).status_code == 200
    exercise.edition -= 1
    exercise.save()
    assert get(address, **{"If-None-Match": etag}).status_code == 200


def test_answers_to_a_key_are_private_and_public_data_is_for_every_page(get, client):
    keyed = get(ADDRESSES["v3"].format(0))
    assert keyed["Cache-Control"] == "private, no-cache"
    assert "Access-Control-Allow-Origin" not in keyed
    assert KEY in keyed["Vary"]
    public = client.get(ADDRESSES["v1"].format(0), WHO)
    assert public["Cache-Control"] == "public, max-age=60"
    assert public["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in public
    with_key = get(ADDRESSES["v1"].format(0))
    assert "Access-Control-Allow-Origin" not in with_key


def test_methods(client, exercise, key):
    address = ADDRESSES["v1"].format(0)
    asked = client.get(address, WHO)
    head = client.head(address, WHO)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(asked.content))
    options = client.options(address)
    assert (options.status_code, options["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert options["Access-Control-Allow-Origin"] == "*"
    strict = Client(enforce_csrf_checks=True)
    for method in (strict.post, strict.put, strict.delete, strict.patch):
        refused = method(address)
        assert refused.status_code == 405
        assert refused.json()["isSuccess"] is False
        assert refused["Allow"] == "GET, HEAD, OPTIONS"


def test_identifiers_differ_between_operations_and_rows_and_stay(get):
    rows = get(ADDRESSES["v3"].format(2)).json()["result"]
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert ids == [row["id"] for row in get(ADDRESSES["v2"].format(2)).json()["result"]]
