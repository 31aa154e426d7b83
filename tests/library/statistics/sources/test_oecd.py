"""OECD: SDMX-CSV 2.0 with labels, old files, and DIOC."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.errors import UnknownLayout
from waystation.statistics.sources import dioc, oecd

SDMX = (
    "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,CITIZENSHIP,"
    "Citizenship,FREQ,Frequency of observation,MEASURE,Measure,SEX,Sex,BIRTH_PLACE,"
    "Place of birth,EDUCATION_LEV,Education level,UNIT_MEASURE,Unit of measure,TIME_PERIOD,"
    "Time period,OBS_VALUE,Observation value,OBS_STATUS,Observation status,UNIT_MULT,"
    "Unit multiplier\n"
)


def row(citizen="W", measure="B11", sex="_T", birth="_Z", value="1.5", status="A", power="3"):
    return (
        "DATAFLOW,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),International migration database,I,"
        f"GRC,Greece,{citizen},Name of {citizen},A,Annual,{measure},x,{sex},x,{birth},x,_Z,x,"
        f"PS,Persons,2014,,{value},,{status},x,{power},x\n"
    )


def layout(name):
    return next(found for found in (*oecd.layouts(), *dioc.layouts()) if found.name == name)


def read(folder, *rows, head=SDMX, name="oecd-sdmx-csv", file="x.csv"):
    path = folder / file
    path.write_text(head + "".join(rows), "utf-8")
    assert layout(name).recognises(path)
    return layout(name).read(path)


def test_figures_are_multiplied_by_their_power_of_ten(tmp_path):
    clean = read(tmp_path, row())
    assert clean.observations["value"].to_list() == [1500.0]
    assert clean.observations["measure"].to_list() == ["inflows_foreign_population"]


def test_the_world_is_no_counterpart_and_a_citizenship_is(tmp_path):
    clean = read(tmp_path, row(), row("AFG"), row("W", birth="SYR", measure="B14"))
    assert clean.observations["counterpart"].to_list() == [None, "AFG", "SYR"]
    names = dict(clean.areas.select("code", "name").rows())
    assert names["AFG"] == "Name of AFG"
    assert names["GRC"] == "Greece"


@pytest.mark.parametrize(
    ("status", "flag"),
    [("A", "observed"), ("B", "break"), ("E", "estimated"), ("P", "provisional"),
     ("I", "imputed"), ("C", "confidential")],
)  # fmt: skip
def test_the_status_of_an_observation_becomes_its_flag(tmp_path, status, flag):
    rows = read(tmp_path, row(status=status)).observations
    assert rows.select("flag", "producer_flags").rows() == [(flag, status)]


def test_a_missing_figure_is_not_reported(tmp_path):
    rows = read(tmp_path, row(value="", status="M")).observations
    assert rows.select("value", "flag").rows() == [(None, "not_reported")]


def test_an_unknown_status_and_sex_are_findings(tmp_path):
    clean = read(tmp_path, row(status="Y"), row(sex="X"))
    assert clean.findings["code"].to_list() == ["STA-202", "STA-205"]
    assert clean.observations.height == 1


def test_an_unknown_measure_keeps_its_code(tmp_path):
    rows = read(tmp_path, row(measure="B99")).observations
    assert rows["measure"].to_list() == ["oecd_b99"]


def test_a_renamed_column_is_refused_with_what_was_found(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(SDMX.replace("OBS_VALUE", "VALUE_OBS") + row(), "utf-8")
    with pytest.raises(UnknownLayout, match=r"OBS_VALUE.*VALUE_OBS"):
        layout("oecd-sdmx-csv").read(path)


def test_the_old_files_are_read(tmp_path):
    clean = read(
        tmp_path,
        '"AFG","Afghanistan","B11","Inflows","TOT","Total","AUS","Australia","2000","2000",'
        '887,"e","Estimated"\n',
        '"TOT","Total","B14","Stock","WMN","Women","AUS","Australia","2000","2000",12,"",""\n',
        head='"CO2","Country of birth/nationality","VAR","Variable","GEN","Gender","COU",'
        '"Country","YEA","Year","Value","Flag Codes","Flags"\n',
        name="oecd-old",
    )
    shown = clean.observations.select("measure", "area", "counterpart", "sex", "value", "flag")
    assert shown.rows() == [
        ("inflows_foreign_population", "AUS", "AFG", "both", 887, "estimated"),
        ("stock_foreign_born", "AUS", None, "female", 12, "observed"),
    ]


def test_dioc_is_read_with_its_codes_told(tmp_path):
    clean = read(
        tmp_path,
        "AUS,AFG,ASIA,1,2,3,90\nAUS,DEU,EURO,2,99,99,12\n",
        head="country,coub,regb,sex,age,edu_lfs,number\n",
        name="oecd-dioc",
        file="DIOC_2010_11.csv",
    )
    shown = clean.observations.select("counterpart", "sex", "age", "period", "breakdown")
    assert shown.rows() == [
        ("AFG", "male", "15-24", "2010/P2Y", "education=high; region_of_birth=ASIA"),
        ("DEU", "female", "unknown", "2010/P2Y", "education=unknown; region_of_birth=EURO"),
    ]


def test_dioc_without_its_round_is_refused(tmp_path):
    path = tmp_path / "dioc.csv"
    path.write_text(
        "country,coub,regb,sex,age,edu_lfs,number\nAUS,AFG,ASIA,1,2,3,90\n", "utf-8"
    )
    with pytest.raises(UnknownLayout, match="round"):
        layout("oecd-dioc").read(path)


def test_the_real_inflows_have_one_figure_a_country_and_year(statistics_data):
    path = statistics_data / "oecd" / "oecd_imd_inflows_sdmxcsv_2014_2022.csv"
    clean = layout("oecd-sdmx-csv").read(path)
    rows = clean.observations
    assert rows.height == 393
    assert not rows.select("area", "period").is_duplicated().any()
    assert rows["counterpart"].null_count() == 393
    greece = rows.filter((pl.col("area") == "GRC") & (pl.col("year") == 2014))
    assert greece["value"].to_list() == [29_510]
