"""World Population Prospects: periods of 2019, years of 2022 and 2024."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.errors import MissingColumns, MixedRevisions, UnknownLayout
from waystation.statistics.judged import judged_from_clean
from waystation.statistics.sources.registry import read_source
from waystation.statistics.sources.wpp import demography_from_observations

PERIODS = """LocID,Location,VarID,Variant,Time,CBR,Births,Deaths,DeathsMale,DeathsFemale,\
NetMigrations,SRB
516,Namibia,2,Medium,1990-1995,38.1,255.006,65.5,35.25,30.25,-2.1,1.03
660,Anguilla,2,Medium,1990-1995,,,,,,,
516,Namibia,3,High,2020-2025,30,300,70,36,34,-2,1.03
"""
YEARS = """SortOrder,LocID,ISO3_code,Location,VarID,Variant,Time,TPopulation1Jan,\
TPopulation1July,TPopulationMale1July,TPopulationFemale1July,\
Births,Deaths,DeathsMale,DeathsFemale,NetMigrations,CNMR,SRB
1,516,NAM,Namibia,2,Medium,1990,1400.5,1425,700,725,50,12,6,6,-1,-0.7,1.03
1,516,NAM,Namibia,2,Medium,1991,1450,1475,725,750,52,13,7,6,-1,-0.7,1.03
"""


def test_periods_are_totals_in_persons_from_july_to_july(tmp_path):
    path = tmp_path / "periods.csv"
    path.write_text(PERIODS)
    clean = read_source(path)
    rows = clean.observations.filter(area="516", year=1990)
    found = {(r["measure"], r["sex"]): (r["value"], r["unit"]) for r in rows.to_dicts()}
    assert found["births", "both"] == (255_006, "persons")
    assert found["deaths", "female"] == (30_250, "persons")
    assert found["net_migration", "both"] == (-2_100, "persons")
    assert found["sex_ratio_at_birth", "both"] == (1.03, "males per female")
    assert set(rows["period"]) == {"1990-07-01/P5Y"}
    assert set(rows["dataset"]) == {"wpp_2019"}
    small = clean.observations.filter(area="660", measure="births")
    assert small.select("value", "flag").rows() == [(None, "not_reported")]
    assert set(clean.observations.filter(year=2020)["dataset"]) == {"wpp_2019_high"}
    judged = judged_from_clean(clean)
    assert set(judged.observations["area"]) == {"NAM", "AIA"}
    assert judged.findings.height == 0


def test_years_have_population_on_two_days(tmp_path):
    path = tmp_path / "WPP2024_Demographic_Indicators_Medium.csv"
    path.write_text(YEARS)
    clean = read_source(path)
    assert clean.source.version == "2024"
    assert clean.findings["code"].to_list() == ["STA-102"]  # only its name says so
    people = clean.observations.filter(measure="population", sex="both", year=1990)
    assert people.select("period", "value").rows() == [
        ("1990-01-01", 1_400_500), ("1990-07-01", 1_425_000),
    ]  # fmt: skip
    births = clean.observations.filter(measure="births", year=1990)
    assert births.select("period", "value").rows() == [("1990", 50_000)]


def test_half_of_the_first_and_last_year_count(tmp_path):
    path = tmp_path / "extract.csv"
    lines = [f"516,{year},{10 + year - 1990},38,9,{5},0.1,-1" for year in range(1990, 2022)]
    path.write_text(
        "country_code,year,births,cbr,cdr,deaths,growthrate,mig\n" + "\n".join(lines)
    )
    clean = read_source(path)
    assert clean.source.version == "2022"
    table = demography_from_observations(clean.observations, start=1990, end=1995)
    # 10/2 + 11 + 12 + 13 + 14 + 15/2 = 62.5 thousand births, 5 x 5 thousand deaths
    assert table.rows() == [("516", 62_500, 25_000)]
    assert demography_from_observations(clean.observations, start=2020, end=2025).height == 0


def test_births_of_two_revisions_are_not_mixed(tmp_path):
    path = tmp_path / "periods.csv"
    path.write_text(PERIODS)
    rows = read_source(path).observations
    with pytest.raises(MixedRevisions, match="wpp_2019_high"):
        demography_from_observations(rows, start=1990, end=1995)
    one = rows.filter(dataset="wpp_2019")
    assert demography_from_observations(one, start=1990, end=1995).rows() == [
        ("516", 255_006, 65_500)
    ]
    with pytest.raises(MissingColumns, match="period"):
        demography_from_observations(one.drop("period"), start=1990, end=1995)


def test_a_renamed_column_is_named(tmp_path):
    path = tmp_path / "periods.csv"
    path.write_text(PERIODS.replace("Births", "LiveBirths"))
    with pytest.raises(UnknownLayout, match=r"missing: 'Births'.*'LiveBirths'"):
        read_source(path)
    path.write_text(PERIODS.replace("SRB", "SexRatio"))
    with pytest.raises(UnknownLayout, match="SRB"):
        read_source(path)


def test_the_births_of_the_world(statistics_data):
    folder = statistics_data / "wpp"
    rows = read_source(folder / "WPP2019_Period_Indicators_Medium.csv").observations
    asked = {"area": "900", "measure": "births", "sex": "both", "year": 1990}
    assert rows.filter(**asked)["value"].to_list() == [669_030_915]
    small = rows.filter(measure="births", year=1990)
    assert small["value"].null_count() > 0  # small areas have population only
    for revision, births in (("2022", 142_451_012), ("2024", 143_461_425)):
        path = folder / f"wpp{revision}_births_deaths_rates_netmig_annual.csv"
        clean = read_source(path)
        assert clean.source.version == revision
        assert clean.observations.filter(**asked)["value"].to_list() == [births]
        judged = judged_from_clean(clean)
        assert "STA-110" not in set(judged.findings["code"])
        table = demography_from_observations(judged.observations, start=2010, end=2015)
        assert table.filter(pl.col("area") == "USA").height == 1
