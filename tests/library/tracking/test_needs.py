"""Shares of households by area, worked by hand; what is withheld; files that are no survey."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import BrokenRules, InvalidTable, NothingToRead
from waystation.release.hna_rows import hna_catalogue, hna_rows
from waystation.tracking.needs import NeedsByArea, protected_needs, read_needs

# Worked by hand. AAA01: weights 1, 2, 1; food is named by the first two: 3 of 4 = 75 %.
# Severity 3 or more in wash: the second only: 2 of 4 = 50 %. The fourth household of AAA01 did
# not answer on needs; in AAA02 one household, of the other group.
HOUSEHOLDS = """m0302_meta_adm0_pcode,m0303_meta_adm1_pcode,m0304_meta_adm2_pcode,\
m3695_meta_adm2_name,m2788_loc_assessment_strata,m1855_meta_assessment_date,hh_size,\
m2730_hh_priority_needs,hh_severity_wash,weight
AAA,AAA0,AAA01,First,IDP,2026-05-01,4,food water,1,1
AAA,AAA0,AAA01,First,IDP,2026-05-02,3,food,3,2
AAA,AAA0,AAA01,First,IDP,2026-05-02,2,water,0,1
AAA,AAA0,AAA01,First,IDP,2026-05-02,2,NULL,NULL,5
AAA,AAA0,AAA02,Second,non-displaced,2026-05-03,1,cash,4,1
"""
FOOD = "pct_hh_m2730_hh_priority_needs_food"
WATER = "pct_hh_m2730_hh_priority_needs_water"
CASH = "pct_hh_m2730_hh_priority_needs_cash"
WASH = "pct_hh_hh_severity_wash_severe"


@pytest.fixture
def written(tmp_path):
    def write(text, name="survey.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def shares(needs):
    return {
        (row["admin2_code"], row["indicator"]): (
            row["percent"], row["households"], row["interviewed"]
        )
        for row in needs.iter_rows(named=True)
    }  # fmt: skip


def test_households_become_weighted_shares_of_those_who_answered(written):
    needs = read_needs(written(HOUSEHOLDS))
    assert shares(needs) == {
        ("AAA01", FOOD): (75.0, 3, 4),
        ("AAA01", WATER): (50.0, 3, 4),
        ("AAA01", CASH): (0.0, 3, 4),
        ("AAA01", WASH): (50.0, 3, 4),
        ("AAA02", FOOD): (0.0, 1, 1),
        ("AAA02", WATER): (0.0, 1, 1),
        ("AAA02", CASH): (100.0, 1, 1),
        ("AAA02", WASH): (100.0, 1, 1),
    }
    assert set(needs["year"]) == {2026}
    assert set(needs["stratum"]) == {"IDP", "non-displaced"}


def test_a_share_that_rests_on_few_households_is_withheld_with_its_number(written):
    needs = protected_needs(read_needs(written(HOUSEHOLDS)), fewest=4)
    # Four were interviewed in AAA01, three answered: their share is withheld, not the four.
    assert shares(needs)[("AAA01", FOOD)] == (None, None, 4)
    assert shares(needs)[("AAA02", CASH)] == (None, None, None)
    assert (
        protected_needs(read_needs(written(HOUSEHOLDS)), fewest=3)["percent"].null_count() == 4
    )


AREAS = """m0302_meta_adm0_pcode,m0304_meta_adm2_pcode,m3695_meta_adm2_name,\
m2788_loc_assessment_strata,year,num_households,pct_hh_m2730_hh_priority_needs_food,pct_hh_other
AAA,AAA01,First,IDP,2025,40,62.5,10
AAA,AAA01,First,IDP returnee,2025,9,50,NULL
"""


def test_a_table_by_area_is_taken_as_it_is(written):
    needs = read_needs(written(AREAS))
    assert needs.select("stratum", "indicator", "percent", "households").rows() == [
        ("IDP", FOOD, 62.5, 40),
        ("IDP", "pct_hh_other", 10.0, 40),
        ("IDP returnee", FOOD, 50.0, 9),
    ]


def test_rows_are_laid_out_one_an_area_and_group(written):
    rows = hna_rows(protected_needs(read_needs(written(AREAS))))
    assert rows.to_dicts() == [
        {
            "m0302_meta_adm0_pcode": "AAA",
            "m0303_meta_adm1_pcode": None,
            "m0304_meta_adm2_pcode": "AAA01",
            "m3695_meta_adm2_name": "First",
            "m2788_loc_assessment_strata": group,
            "year": 2025,
            "num_households": households,
            FOOD: food,
            "pct_hh_other": other,
        }
        for group, households, food, other in (
            ("IDP", 40, 62.5, 10.0),
            ("IDP returnee", None, None, None),
        )
    ]


def test_areas_are_named_by_the_units_where_the_survey_does_not(written):
    survey = "\n".join(
        ",".join(cell for n, cell in enumerate(line.split(",")) if n != 2)
        for line in AREAS.splitlines()
    )
    units = pl.DataFrame(
        {"level": [2, 1], "code": ["AAA01", "AAA0"], "name": ["Prime", "One"], "name_en": None}
    )
    rows = hna_rows(read_needs(written(survey)), units.cast({"name_en": pl.String}))
    assert set(rows["m3695_meta_adm2_name"]) == {"Prime"}


def test_a_table_without_rows_has_the_columns_of_areas():
    assert hna_rows(NeedsByArea.empty_frame()).columns[-1] == "num_households"


def test_the_catalogue_says_what_each_column_holds():
    rows = hna_catalogue([FOOD, WASH, "pct_hh_other"])
    assert [(r["indicator_category"], r["indicator_name"], r["data_type"]) for r in rows] == [
        ("Sample", "num_households", "Integer"),
        ("Severity", WASH, "Float"),
        ("Priority Needs", FOOD, "Float"),
        ("Other", "pct_hh_other", "Float"),
    ]
    assert "food" in rows[2]["description"]


def test_year_and_group_are_asked_for_only_where_the_table_does_not_say(written):
    bare = "meta_adm0_pcode,meta_adm2_pcode,hh_severity_wash\nAAA,AAA01,4\n"
    with pytest.raises(InvalidTable, match="year"):
        read_needs(written(bare))
    needs = read_needs(written(bare), year=2024, stratum="Returnee")
    assert needs.select("year", "stratum", "percent").rows() == [(2024, "Returnee", 100.0)]
    assert read_needs(written(bare), year=2024)["stratum"].to_list() == ["IDP"]
    told = read_needs(written(HOUSEHOLDS), year=1999, stratum="Returnee")
    assert set(told["year"]) == {2026}
    assert "Returnee" not in set(told["stratum"])


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ("a,b\n1,2\n", NothingToRead),
        ("meta_adm0_pcode,meta_adm2_pcode,year,hh_name\nAAA,AAA01,2026,Omar\n", NothingToRead),
        (AREAS.replace("62.5", "many"), InvalidTable),
        (AREAS.replace("62.5", "262.5"), BrokenRules),
        (AREAS.replace("62.5", "NaN"), InvalidTable),
        (AREAS.replace("62.5", "0.6").replace("50", "0.5").replace("10", "0.1"), InvalidTable),
        (AREAS.replace("AAA,", "Aland,"), BrokenRules),
        (AREAS + AREAS.splitlines()[1] + "\n", BrokenRules),
        (AREAS.replace("2025", "25"), BrokenRules),
        (HOUSEHOLDS.replace(",4,1\n", ",4,-1\n"), InvalidTable),
        (HOUSEHOLDS.replace(",4,1\n", ",4,heavy\n"), InvalidTable),
    ],
)  # fmt: skip
def test_what_is_no_table_of_needs_is_refused(written, table, error):
    with pytest.raises(error):
        read_needs(written(table))


def test_weights_of_nothing_give_no_share(written):
    needs = read_needs(written(HOUSEHOLDS.replace(",4,1\n", ",4,0\n")))
    assert shares(needs)[("AAA02", CASH)] == (None, 1, 1)


def test_what_could_name_people_is_not_looked_at(written):
    survey = HOUSEHOLDS.replace("hh_size", "hh_head_name").replace(",4,food", ",omar,food")
    assert not [n for n in read_needs(written(survey))["indicator"] if "omar" in n]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=20),
       st.integers(1, 20))  # fmt: skip
def test_no_share_that_is_left_rests_on_few(pairs, fewest):
    cells = [(f"A{n}", min(asked, there), there) for n, (asked, there) in enumerate(pairs)]
    needs = pl.DataFrame(
        {
            "country": "AAA", "admin1_code": None, "admin2_code": [c[0] for c in cells],
            "admin2_name": None, "stratum": "IDP", "year": 2026, "indicator": "pct_x",
            "percent": 50.0, "households": [c[1] for c in cells],
            "interviewed": [c[2] for c in cells],
        },
        schema_overrides={"admin1_code": pl.String, "admin2_name": pl.String},
    )  # fmt: skip
    left = protected_needs(needs, fewest=fewest)
    assert left.height == len(cells)
    known = left.drop_nulls("percent")
    assert known.is_empty() or known["households"].min() >= fewest
    assert left["percent"].null_count() == sum(asked < fewest for _, asked, _ in cells)
