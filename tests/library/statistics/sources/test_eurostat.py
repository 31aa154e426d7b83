"""Eurostat: TSV, SDMX-CSV and labels only."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from waystation.errors import UnknownLayout, UnreadableFile
from waystation.statistics.sources import eurostat

TSV = (
    "freq,citizen,agedef,age,unit,sex,geo\\TIME_PERIOD\t2021 \t2022 \t2023 \n"
    "A,TOTAL,COMPLET,TOTAL,NR,T,EL\t1234 bep\t: \t: c\n"
    "A,SYR,COMPLET,Y_LT5,NR,F,UK\t10 \t0 \t12 p\n"
    "A,SYR,REACH,Y_GE85,NR,M,XK\t3 \t4 d\t5 u\n"
)


def layout(name):
    return next(found for found in eurostat.layouts() if found.name == name)


def tsv(folder, text=TSV, name="estat_migr_imm1ctz.tsv"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_flags_of_several_letters_are_kept_whole_and_the_gravest_counts(tmp_path):
    rows = layout("eurostat-tsv").read(tsv(tmp_path)).observations
    greece = rows.filter(pl.col("area") == "EL").select(
        "year", "value", "flag", "producer_flags"
    )
    assert greece.rows() == [
        (2021, 1234, "break", "bep"),
        (2022, None, "not_reported", None),
        (2023, None, "confidential", "c"),
    ]


def test_a_zero_is_a_zero_and_a_colon_is_not(tmp_path):
    rows = layout("eurostat-tsv").read(tsv(tmp_path)).observations
    assert rows.filter((pl.col("area") == "UK") & (pl.col("year") == 2022))["value"][0] == 0
    assert rows.filter(pl.col("value").is_null()).height == 2


def test_ages_sexes_and_counterparts_are_read(tmp_path):
    rows = layout("eurostat-tsv").read(tsv(tmp_path)).observations
    shown = (
        rows.select("area", "counterpart", "sex", "age")
        .unique(maintain_order=True)
        .sort("area")
    )
    assert shown.rows() == [
        ("EL", None, "both", "total"),
        ("UK", "SYR", "female", "0-4"),
        ("XK", "SYR", "male", "85+"),
    ]  # fmt: skip


def test_the_two_definitions_of_age_are_two_measures(tmp_path):
    clean = layout("eurostat-tsv").read(tsv(tmp_path))
    assert set(clean.observations["measure"]) == {
        "immigration_by_citizenship",
        "immigration_by_citizenship_age_reached",
    }
    assert clean.findings["code"].to_list() == ["STA-221"]


def test_codes_of_greece_the_united_kingdom_and_kosovo_are_known(tmp_path):
    areas = layout("eurostat-tsv").read(tsv(tmp_path)).areas
    assert dict(areas.select("code", "iso3").rows()) == {
        "EL": "GRC", "UK": "GBR", "XK": "XKX", "SYR": None,
    }  # fmt: skip


def test_population_stocks_are_of_the_first_of_january(tmp_path):
    head = "freq,c_birth,agedef,age,unit,sex,geo\\TIME_PERIOD\t2015 \n"
    text = head + "A,TOTAL,COMPLET,TOTAL,NR,T,AT\t8 \n"
    clean = layout("eurostat-tsv").read(tsv(tmp_path, text, "migr_pop3ctb.tsv"))
    assert clean.observations["period"].to_list() == ["2015-01-01"]
    assert clean.observations["measure"].to_list() == ["population_by_birthplace"]


def test_months_stay_months(tmp_path):
    head = "freq,citizen,sex,age,applicant,unit,geo\\TIME_PERIOD\t2024-03 \n"
    text = head + "M,SYR,T,TOTAL,FRST,PER,AT\t8 \n"
    clean = layout("eurostat-tsv").read(tsv(tmp_path, text, "migr_asyappctzm.tsv"))
    row = clean.observations.row(0, named=True)
    assert (row["period"], row["year"], row["breakdown"]) == ("2024-03", 2024, "applicant=FRST")


def test_a_packed_file_is_the_same_file(tmp_path):
    packed = tmp_path / "estat_migr_imm1ctz.tsv.gz"
    packed.write_bytes(gzip.compress(TSV.encode()))
    assert layout("eurostat-tsv").recognises(packed)
    one = layout("eurostat-tsv").read(packed).observations
    assert one.equals(layout("eurostat-tsv").read(tsv(tmp_path)).observations)


def test_a_cell_with_something_else_is_a_finding_and_no_figure(tmp_path):
    clean = layout("eurostat-tsv").read(tsv(tmp_path, TSV.replace("1234 bep", "12x4 !")))
    found = clean.findings.filter(pl.col("code") == "STA-201").row(0, named=True)
    assert (found["row"], found["reported"]) == (2, "12x4 !")
    assert clean.observations.filter(pl.col("area") == "EL")["value"].null_count() == 3


def test_an_unknown_flag_is_a_finding(tmp_path):
    clean = layout("eurostat-tsv").read(tsv(tmp_path, TSV.replace("1234 bep", "1234 bq")))
    assert "STA-205" in clean.findings["code"].to_list()


def test_a_tsv_file_without_the_code_of_its_dataset_is_refused(tmp_path):
    with pytest.raises(UnknownLayout, match="migr_imm1ctz"):
        layout("eurostat-tsv").read(tsv(tmp_path, name="download.tsv"))


def test_a_first_column_that_is_not_the_dimensions_is_refused(tmp_path):
    path = tsv(tmp_path, TSV.replace("\\TIME_PERIOD", ""))
    assert not layout("eurostat-tsv").recognises(path)
    with pytest.raises(UnknownLayout, match="first cell"):
        layout("eurostat-tsv").read(path)


def test_a_web_page_in_place_of_the_table_is_refused(tmp_path):
    path = tsv(tmp_path, "<html><body>503</body></html>")
    with pytest.raises(UnreadableFile, match="web page"):
        layout("eurostat-tsv").read(path)


SDMX = (
    "DATAFLOW,LAST UPDATE,freq,citizen,agedef,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,"
    "CONF_STATUS\n"
    "ESTAT:MIGR_IMM1CTZ(1.0),29/11/24 11:00:00,A,NA,COMPLET,TOTAL,NR,T,AT,2011,7,,\n"
    "ESTAT:MIGR_IMM1CTZ(1.0),29/11/24 11:00:00,A,NA,COMPLET,TOTAL,NR,T,AT,2012,,,C\n"
    "ESTAT:MIGR_IMM1CTZ(1.0),29/11/24 11:00:00,A,NA,COMPLET,TOTAL,NR,T,AT,2013,8,bep,\n"
)


def test_namibia_is_a_citizenship_and_no_blank(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(SDMX, "utf-8")
    clean = layout("eurostat-sdmx-csv").read(path)
    assert clean.observations.select("counterpart", "value", "flag").rows() == [
        ("NA", 7, "observed"), ("NA", None, "confidential"), ("NA", 8, "break"),
    ]  # fmt: skip
    assert dict(clean.areas.select("code", "iso3").rows())["NA"] == "NAM"
    assert clean.source.version == "2024-11-29"


def test_an_unknown_dataflow_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(SDMX.replace("MIGR_IMM1CTZ", "NAMA_10_GDP"), "utf-8")
    with pytest.raises(UnknownLayout, match="nama_10_gdp"):
        layout("eurostat-sdmx-csv").read(path)


def test_the_real_immigration_table_has_each_country_once_a_year(statistics_data):
    path = statistics_data / "eurostat" / "estat_tps00176_en.csv"
    assert [x.name for x in eurostat.layouts() if x.recognises(path)] == ["eurostat-sdmx-csv"]
    clean = layout("eurostat-sdmx-csv").read(path)
    assert clean.observations.height == 848
    completed = clean.observations.filter(pl.col("measure") == "immigration")
    assert not completed.select("area", "period").is_duplicated().any()
    austria = completed.filter((pl.col("area") == "AT") & (pl.col("year") == 2011))
    assert austria["value"].to_list() == [82_230]
    flags = clean.observations["producer_flags"].value_counts()
    assert dict(flags.drop_nulls().rows()) == {"b": 20, "bep": 10, "bp": 2, "e": 30, "ep": 20,
                                               "p": 45}  # fmt: skip


def test_the_real_table_of_labels_is_read_row_by_row(statistics_data):
    path = statistics_data / "eurostat" / "migr_imm1ctz_by_citizenship.csv.gz"
    clean = layout("eurostat-labels").read(path)
    assert clean.observations.height == 133_311
    assert clean.findings.is_empty()
