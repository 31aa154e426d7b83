"""IOM's own clients, unmodified, against a real server; R's and HDX's requests replayed."""

from __future__ import annotations

import io
from importlib.metadata import version

import dtmapi  # type: ignore[import-untyped]  # it has no types
import openpyxl
import pytest
import requests
from dtmapi.exceptions import (  # type: ignore[import-untyped]  # the same
    DTMApiRequestError,
    DTMAuthenticationError,
)
from dtmapi.hna.exceptions import HNAAuthError  # type: ignore[import-untyped]  # the same

pytest_plugins = ["tests.clients.dtm_server"]
BASE = "https://dtmapi.iom.int"
V2 = [
    "id", "operation", "admin0Name", "admin0Pcode", "admin1Name", "admin1Pcode", "admin2Name",
    "admin2Pcode", "numPresentIdpInd", "reportingDate", "yearReportingDate",
    "monthReportingDate", "roundNumber", "assessmentType",
]  # fmt: skip
V3 = [
    *V2[:-1], "displacementReason", "numberMales", "numberFemales", "idpOriginAdmin1Name",
    "idpOriginAdmin1Pcode", "assessmentType",
]  # fmt: skip
HNA_YEAR = 2026


@pytest.fixture
def get(pointed):
    """Ask as R and the HDX scraper do: with a key in the header, through the proxy."""

    def got(path, **query):
        headers = {"Ocp-Apim-Subscription-Key": pointed.key}
        return requests.get(f"{BASE}{path}", query, headers=headers, timeout=30)

    return got


def test_it_is_the_client_that_people_install():
    assert version("dtmapi") == "0.2.1"


@pytest.mark.parametrize(("api_version", "columns"), [("v2", V2), ("v3", V3)])
def test_dtmapi_reads_countries_operations_and_all_levels(pointed, api_version, columns):
    client = dtmapi.DTMApi(subscription_key=pointed.key, api_version=api_version)
    countries = client.get_all_countries()
    assert list(countries.columns) == ["admin0Name", "admin0Pcode"]
    assert countries["admin0Pcode"].tolist() == ["XWS"]
    operations = client.get_all_operations()
    assert operations["operation"].tolist() == ["Exercise"]
    assert operations["operationStatus"].tolist() == ["Active"]
    sums = []
    for level, absent in (
        (0, {"id", "admin1Name", "admin1Pcode", "admin2Name", "admin2Pcode"}),
        (1, {"admin2Name", "admin2Pcode"}),
        (2, set()),
    ):
        read = getattr(client, f"get_idp_admin{level}_data")
        frame = read(CountryName=countries["admin0Name"][0])
        assert list(frame.columns) == [name for name in columns if name not in absent]
        assert frame["numPresentIdpInd"].dtype == "int64"
        sums.append(frame.groupby(["roundNumber", "reportingDate"])["numPresentIdpInd"].sum())
        assert len(frame) == len(read(Operation="Exercise")) == len(read(Admin0Pcode="XWS"))
    assert sums[0].equals(sums[1])
    assert sums[1].equals(sums[2])


def test_dtmapi_filters_by_place_date_and_round(pointed):
    client = dtmapi.DTMApi(subscription_key=pointed.key)
    whole = client.get_idp_admin2_data(Operation="Exercise")
    one = whole.iloc[-1]
    days = sorted(whole["reportingDate"].str[:10].unique())
    for named, expected in (
        ({"Admin1Pcode": one["admin1Pcode"]}, whole["admin1Pcode"] == one["admin1Pcode"]),
        ({"Admin2Name": one["admin2Name"]}, whole["admin2Name"] == one["admin2Name"]),
        ({"FromRoundNumber": 2}, whole["roundNumber"] >= 2),
        ({"FromRoundNumber": 1, "ToRoundNumber": 1}, whole["roundNumber"] == 1),
        (
            {"FromReportingDate": days[0], "ToReportingDate": days[0]},
            whole["reportingDate"].str[:10] == days[0],
        ),
    ):
        found = client.get_idp_admin2_data(Admin0Pcode="XWS", **named)
        assert found["id"].tolist() == whole.loc[expected, "id"].tolist()
        assert len(found)


def test_a_country_that_is_not_there_is_an_empty_frame(pointed):
    client = dtmapi.DTMApi(subscription_key=pointed.key)
    assert client.get_idp_admin1_data(Admin0Pcode="BHS").shape == (0, 0)


def test_a_key_comes_from_the_environment_and_a_wrong_one_is_said(pointed, monkeypatch):
    monkeypatch.setenv("DTMAPI_SUBSCRIPTION_KEY", pointed.key)
    assert len(dtmapi.DTMApi().get_all_countries()) == 1
    with pytest.raises(DTMAuthenticationError, match="401"):
        dtmapi.DTMApi(subscription_key="wst_wrong").get_all_countries()
    with pytest.raises(HNAAuthError, match="401"):
        dtmapi.DTMHnaApi(subscription_key="wst_wrong").get_all_countries()


def test_what_the_client_lets_through_and_we_refuse_is_no_retry(pointed):
    client = dtmapi.DTMApi(subscription_key=pointed.key)
    with pytest.raises(DTMApiRequestError, match="400"):
        client._fetch_data(f"{BASE}/v3/displacement/admin0", {"FromReportingDate": "soon"})


def test_dtmapi_reads_household_needs(pointed, tmp_path):
    client = dtmapi.DTMHnaApi(subscription_key=pointed.key)
    assert client.get_all_countries()["admin0Pcode"].tolist() == ["XWS"]
    catalog = client.get_hna_data_catalog()
    assert list(catalog.columns) == [
        "indicator_category", "indicator_name", "description", "data_type",
    ]  # fmt: skip
    needs = catalog[catalog["indicator_category"] == "Priority Needs"]["indicator_name"]
    assert "pct_hh_m2730_hh_priority_needs_food" in set(needs)
    data = client.get_all_hna_admin2_data(Admin0Pcode="XWS", Year=HNA_YEAR)
    assert set(needs) <= set(data.columns)
    assert set(data["m2788_loc_assessment_strata"]) == {"IDP"}
    first = client.get_hna_admin2_data(
        Admin0Pcode="XWS", Year=HNA_YEAR, PopulationGroup=["IDP"]
    )
    assert len(first) == min(len(data), 100)
    assert client.get_hna_admin2_data(Admin0Pcode="XWS", Year=1999).empty
    pointer = client.get_hna_download_url(Admin0Pcode="XWS", Year=HNA_YEAR)
    assert pointer["downloadUrl"].startswith(f"{BASE}/HNA/v1/files/")
    assert pointer["expires_at"].utcoffset() is not None
    path = client.download_hna_data(Admin0Pcode="XWS", Year=HNA_YEAR, file_path=tmp_path)
    assert path.name.startswith(f"Report_XWS_{HNA_YEAR}__")
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    assert book["Data"].max_row == len(data) + 1


def test_requests_of_r_0_0_2_need_no_key_and_0_rounds_are_no_filter(pointed):
    for level in (0, 1, 2):
        answer = requests.get(
            f"{BASE}/api/idpAdmin{level}Data/GetAdmin{level}Datav2",
            "CountryName=&Admin0Pcode=XWS&FromRoundNumber=0&ToRoundNumber=0",
            timeout=30,
        ).json()
        assert answer["isSuccess"] is True
        assert answer["totalRecordsCount"] == len(answer["result"]) > 0
    for name in ("Country", "Operation"):
        answer = requests.get(f"{BASE}/api/Common/GetAll{name}List", timeout=30).json()
        assert len(answer["result"]) == 1


def test_requests_of_r_0_1_0_with_its_mixed_case(get):
    assert get("/v3/displacement/operation-List").json()["result"][0]["operation"] == "Exercise"
    assert len(get("/v3/displacement/country-List").json()["result"]) == 1
    filtered = get(
        "/v3/displacement/admin2", Operation="Exercise", FromRoundNumber=0, ToRoundNumber=0
    )
    whole = get("/v3/displacement/Admin2", Operation="Exercise")
    assert filtered.json() == whole.json()


def test_the_hdx_scraper_reads_a_list_or_an_empty_list(get):
    """It walks all countries and levels, and reads ``result`` only."""
    for code in ("XWS", "AFG"):
        for level in (0, 1, 2):
            found = get(f"/v3/displacement/admin{level}", Admin0Pcode=code).json()["result"]
            assert isinstance(found, list)
            assert bool(found) == (code == "XWS")


def test_the_wire_compresses_and_says_what_has_not_changed(get, pointed):
    answer = get("/v3/displacement/admin2", Admin0Pcode="XWS")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < len(answer.content) / 4
    headers = {
        "Ocp-Apim-Subscription-Key": pointed.key, "If-None-Match": answer.headers["ETag"]
    }  # fmt: skip
    again = requests.get(answer.url, headers=headers, timeout=30)
    assert (again.status_code, again.content) == (304, b"")
    head = requests.head(answer.url, headers=dict(list(headers.items())[:1]), timeout=30)
    assert (head.status_code, head.content) == (200, b"")
