"""The SDMX clients sdmx1 and pysdmx, unchanged, read a running server, in 2.1 and 3.0."""

from __future__ import annotations

import math
import warnings

import pandas as pd
import pytest
from tests.browser.conftest import running_server
from tests.library.statistics.made_up import keep_made_up, made_observations

from waystation.release.sdmx.figures import DIMENSIONS, figures_from_observations

FLOW = "MADE_UP_2024"
VALUE, STATUS, NOTES = "OBS_VALUE", "OBS_STATUS", "PRODUCER_FLAGS"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Give the address of a server that holds the made-up dataset."""
    folder = tmp_path_factory.mktemp("sdmx")
    keep_made_up(folder)
    with running_server(folder) as address:
        yield address


@pytest.fixture(autouse=True)
def _their_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def put_in():
    """Return what was put in: by key, the value (None where there is none), status, notes."""
    rows = figures_from_observations(made_observations()).rows
    return {
        tuple(row[name] for name in DIMENSIONS): (row[VALUE], row[STATUS], row[NOTES])
        for row in rows.iter_rows(named=True)
    }


def taken_out(rows):
    def plain(value):
        is_nothing = value is None or value is pd.NA or value == ""
        is_nan = value == "NaN" or (isinstance(value, float) and math.isnan(value))
        return None if is_nothing or is_nan else value

    def number(value):
        return None if plain(value) is None else float(value)

    return {
        tuple(str(row[name]) for name in DIMENSIONS): (
            number(row[VALUE]), str(row[STATUS]), plain(row.get(NOTES)),
        )
        for row in rows
    }  # fmt: skip


def sdmx1(address, version="2.1", kind="XML"):
    import sdmx
    import sdmx.reader.xml.v30  # sdmx1 cannot import it once it read a message of 2.1
    from sdmx.source import Source

    path = "3.0" if version == "3.0.0" else "2.1"
    source = Source(
        id="WAYSTATION", url=f"{address}/sdmx/{path}", name="Waystation", versions={version},
        data_content_type=kind,
    )  # fmt: skip
    client = sdmx.Client()
    client.source = source
    return client


def rows_of(message):
    import sdmx

    frame = sdmx.to_pandas(message.data[0], attributes="o").reset_index()
    return frame.rename(columns={"value": VALUE}).to_dict("records")


def test_sdmx1_reads_the_structures_of_2_1(address):
    client = sdmx1(address)
    assert set(client.dataflow().dataflow) == {FLOW}
    message = client.dataflow(FLOW)
    structure = message.structure["MIGRATION"]
    assert [d.id for d in structure.dimensions.components] == list(DIMENSIONS)
    assert str(message.codelist["CL_AREA"]["TCD"].name.localizations["ar"]) == "تشاد"
    assert set(message.codelist["CL_AREA"]["TCD"].name.localizations) == {
        "en",
        "fr",
        "es",
        "ar",
    }
    assert message.codelist["CL_SEX"]["F"].name.localizations["fr"] == "Femmes"
    assert "Office of Made-up Figures" in str(message.dataflow[FLOW].description)


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    ],
)
def test_sdmx1_reads_every_figure_of_2_1(address, accept):
    client = sdmx1(address)
    structure = client.dataflow(FLOW).structure["MIGRATION"]
    message = client.data(FLOW, dsd=structure, headers={"Accept": accept})
    assert taken_out(rows_of(message)) == put_in()


def test_sdmx1_reads_every_figure_of_csv(address):
    accept = {"Accept": "application/vnd.sdmx.data+csv;version=2.0.0"}
    message = sdmx1(address).data(FLOW, key={"SEX": ["_T", "M", "F"]}, headers=accept)
    assert taken_out(rows_of(message)) == put_in()


def test_sdmx1_asks_for_a_part_by_its_codes(address):
    key = {"REF_AREA": "TCD", "COUNTERPART_AREA": ["SDN", "CIV"], "SEX": "_T"}
    message = sdmx1(address).data(FLOW, key=key, params={"startPeriod": "2016"})
    expected = {
        k: v for k, v in put_in().items()
        if k[1] == "TCD" and k[2] in {"SDN", "CIV"} and k[3] == "_T" and k[-1] == "2020"
    }  # fmt: skip
    assert taken_out(rows_of(message)) == expected
    assert len(expected) == 2


def test_sdmx1_lists_the_series(address):
    keys = sdmx1(address).preview_data(FLOW, {"REF_AREA": "SDN"})
    assert len(keys) == 2


def test_sdmx1_reads_3_0(address):
    client = sdmx1(address, version="3.0.0")
    message = client.dataflow(
        FLOW, agency_id="WAYSTATION", params={"references": "descendants"}
    )
    structure = message.structure["MIGRATION"]
    assert message.codelist["CL_SEX"]["F"].name.localizations["es"] == "Mujeres"
    answer = client.get(
        "data", FLOW, agency_id="WAYSTATION", version="1.0", key="*", context="dataflow",
        dsd=structure, headers={"Accept": "application/vnd.sdmx.data+xml;version=3.0.0"},
    )  # fmt: skip
    assert taken_out(rows_of(answer)) == put_in()


def service(address, version, **formats):
    from pysdmx.api.qb import ApiVersion, RestService

    path, api = ("3.0", ApiVersion.V2_0_0) if version == 3 else ("2.1", ApiVersion.V1_5_0)
    return RestService(f"{address}/sdmx/{path}", api, timeout=60, **formats)


@pytest.mark.parametrize(
    ("version", "data", "structure"),
    [
        (2, "SDMX_ML_2_1_GEN", "SDMX_ML_2_1"),
        (2, "SDMX_ML_2_1_STR", "SDMX_ML_2_1"),
        (2, "SDMX_CSV_1_0_0", "SDMX_ML_2_1"),
        (2, "SDMX_CSV_2_0_0", "SDMX_JSON_2_0_0"),
        (3, "SDMX_ML_3_0", "SDMX_ML_3_0"),
        (3, "SDMX_CSV_2_0_0", "SDMX_ML_3_0"),
        (3, "SDMX_CSV_2_0_0", "SDMX_JSON_2_0_0"),
    ],
)
def test_pysdmx_reads_structures_and_every_figure(address, version, data, structure):
    from pysdmx.api.qb import (
        DataContext,
        DataFormat,
        DataQuery,
        StructureFormat,
        StructureQuery,
        StructureReference,
        StructureType,
    )
    from pysdmx.io import get_datasets

    asked = service(
        address, version, data_format=DataFormat[data],
        structure_format=StructureFormat[structure],
    )  # fmt: skip
    structures = asked.structure(
        StructureQuery(
            StructureType.DATAFLOW, "WAYSTATION", FLOW, "1.0",
            references=StructureReference.DESCENDANTS,
        )
    )  # fmt: skip
    figures = asked.data(DataQuery(DataContext.DATAFLOW, "WAYSTATION", FLOW, "1.0"))
    (dataset,) = get_datasets(figures.decode(), structures.decode())
    assert taken_out(dataset.data.to_dict("records")) == put_in()
    assert not isinstance(dataset.structure, str)
    assert dataset.structure.components["REF_AREA"].enumeration["TCD"].name == "Chad"


def test_pysdmx_discovers_and_filters_as_its_connector_does(address):
    from pysdmx.api.dc.rest import SdmxConnector

    connector = SdmxConnector(f"{address}/sdmx/3.0", timeout=60)
    (flow,) = connector.dataflows("nowhere")
    assert (flow.id, flow.name) == (FLOW, "Migrants of nowhere")
    told = connector.dataflow(flow)
    assert told.components is not None
    assert [c.id for c in told.components.dimensions] == list(DIMENSIONS)
    found = list(connector.data(flow, "REF_AREA = 'TCD' AND SEX <> 'F'"))
    expected = {k: v for k, v in put_in().items() if k[1] == "TCD" and k[3] != "F"}
    assert taken_out(found) == expected
    late = list(connector.data(flow, "TIME_PERIOD >= '2016'"))
    assert {row["TIME_PERIOD"] for row in late} == {"2020"}


def test_pysdmx_reads_code_lists_as_from_a_registry(address):
    from pysdmx.api.fmr import RegistryClient

    client = RegistryClient(f"{address}/sdmx/3.0")
    sexes = {code.id: code.name for code in client.get_codes("WAYSTATION", "CL_SEX", "1.0")}
    assert sexes == {"_T": "Both sexes", "M": "Male", "F": "Female"}
    schema = client.get_concepts("WAYSTATION", "CONCEPTS", "1.0")
    assert "REF_AREA" in {concept.id for concept in schema}
