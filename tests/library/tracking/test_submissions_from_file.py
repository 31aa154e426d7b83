"""From a mapped file to reports: sums, blanks, ids, row numbers, rows left out, levels."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import polars as pl
import pytest

from waystation.errors import InvalidMapping, NothingToRead
from waystation.grids import read_grids
from waystation.tracking.intake import submissions_from_file
from waystation.tracking.intake.levels import deepest_level_counted
from waystation.tracking.known_layouts import known_layout
from waystation.tracking.mapping import ColumnMapping, FileMapping, SheetMapping
from waystation.tracking.submissions import Submissions


def mapped(fields, **more):
    """Return a mapping of one sheet: fields by position, headings named after them."""
    columns = tuple(
        ColumnMapping(i, f"Heading {i}", (f,) if isinstance(f, str) else f, 1.0)
        for i, f in enumerate(fields)
        if f
    )
    sheet = SheetMapping(
        sheet=None, columns=columns, first_row=2, header_rows=(1,), country="XWS",
        operation="Test",
    )  # fmt: skip
    return FileMapping("file.csv", (replace(sheet, **more),))


@pytest.fixture
def read(tmp_path):
    """Return a function that reads text as a csv by fields, and gives reports and findings."""

    def read(text, fields, **more):
        path = tmp_path / "file.csv"
        path.write_text(text, "utf-8")
        return submissions_from_file(path, mapped(fields, **more))

    return read


def known(path, **choices):
    (grid,) = read_grids(path)
    mapping = known_layout(grid)
    assert mapping is not None
    return submissions_from_file(path, FileMapping(path.name, (mapping,)), **choices)


# Worked by hand: three places; the second has a blank, which is not a zero.
PLACES = (
    "admin1,site,men,women,abroad,date\n"
    "North,Alder,10,20,1,1/3/2026\n"
    'North,Birch,"1,000",,,2/3/2026\n'
    "South,Cedar,,,,3/3/2026\n"
)
FIELDS = [
    "admin1_name", "location_name", "idp_individuals", "idp_individuals",
    ("idp_previously_abroad_individuals", "idp_individuals"), "collected_on",
]  # fmt: skip


def test_the_worked_example(read):
    reports, findings = read(PLACES, FIELDS)
    assert findings == []
    assert reports["idp_individuals"].to_list() == [31, 1000, None]
    assert reports["idp_previously_abroad_individuals"].to_list() == [1, None, None]
    assert reports["collected_on"].to_list() == [dt.date(2026, 3, day) for day in (1, 2, 3)]
    assert reports["row"].to_list() == [2, 3, 4]
    assert reports["submission_id"].to_list() == ["file.csv//2", "file.csv//3", "file.csv//4"]
    assert reports["is_counted"].all()
    assert Submissions.require(reports).height == 3


def test_declared_columns_come_first_and_indicators_are_numbers(read):
    reports, _ = read(PLACES, FIELDS)
    declared = Submissions.column_names()
    assert reports.columns[: len(declared)] == declared
    assert set(reports.dtypes[len(declared) :]) == {pl.Float64}


def test_text_where_a_number_belongs_is_a_finding_and_counts_as_not_reported(read):
    text = "site,idps,day\nAlder,about 200,soon\nBirch,-,\nCedar,n/a,NaT\nDogwood,5,\n"
    reports, findings = read(text, ["location_name", "idp_individuals", "collected_on"])
    assert reports["idp_individuals"].to_list() == [None, None, None, 5]
    assert [f.code for f in findings] == ["TRK-008", "TRK-003"]
    fault = findings[1]
    assert (fault.row, fault.place, fault.column) == (2, "Alder", "idp_individuals")
    assert (fault.reported, fault.submission_id) == ("about 200", "file.csv//2")
    assert fault.message.startswith("Row 2, Alder: 'Heading 1' holds 'about 200'")


def test_many_such_cells_end_in_one_finding(read):
    text = "site,idps\n" + "".join(f"S{i},word\n" for i in range(1_200)) + "Z,1\n"
    _, findings = read(text, ["location_name", "idp_individuals"])
    assert len(findings) == 1_001
    assert findings[-1].message.startswith("200 more rows, from row 1002 on")


def test_namibia_stays_where_a_country_is_and_is_blank_where_a_number_is(read):
    text = "country,code,name,idps\nNA,NA01,NA,NA\nNA,NA,Hardap,5\n"
    fields = ["country", "admin1_reported_code", "admin1_name", "idp_individuals"]
    reports, findings = read(text, fields, country=None)
    assert reports["country"].to_list() == ["NAM", "NAM"]
    assert reports["admin1_reported_code"].to_list() == ["NA01", "NA"]
    assert reports["admin1_name"].to_list() == ["NA", "Hardap"]
    assert reports["idp_individuals"].to_list() == [None, 5]
    assert findings == []


def test_totals_notes_headings_and_tags_are_no_reports(read):
    text = (
        "admin1,site,households,idps\n"
        "#adm1+name,#loc+name,#affected+hh,#affected+idps\n"
        "North,Alder,2,10\n"
        "North,,,\n"
        "North,Birch,4,20\n"
        "Total North,,6,30\n"
        "admin1,site,households,idps\n"
        ",,,\n"
        "South,Cedar,1,5\n"
        "Grand Total,,7,35\n"
        "Source: key informants,,,\n"
    )
    fields = ["admin1_name", "location_name", "idp_households", "idp_individuals"]
    reports, findings = read(text, fields)
    assert reports["location_name"].to_list() == ["Alder", "Birch", "Cedar"]
    assert reports["row"].to_list() == [3, 5, 9]
    assert [(f.code, f.row) for f in findings] == [("TRK-006", 6), ("TRK-006", 4)]
    assert "Rows 6, 10" in findings[0].message


def test_a_place_with_a_code_is_no_total_whatever_its_name(read):
    text = "code,site,idps\nXW01,Total,10\nXW02,Alder,20\n"
    reports, _ = read(text, ["admin1_reported_code", "location_name", "idp_individuals"])
    assert reports["location_name"].to_list() == ["Total", "Alder"]


def test_an_area_that_stands_once_holds_for_the_rows_below_it(read):
    text = (
        "admin1,admin2,site,idps\n"
        "North,N1,Alder,10\n,,Birch,20\n,N2,Cedar,5\n,Total North,,35\n"
        "South,S1,Alder,1\n,,Elm,2\n"
    )
    fields = ["admin1_name", "admin2_name", "location_name", "idp_individuals"]
    reports, _ = read(text, fields)
    assert reports["admin1_name"].to_list() == ["North"] * 3 + ["South"] * 2
    assert reports["admin2_name"].to_list() == ["N1", "N1", "N2", "S1", "S1"]


def test_a_blank_here_and_there_stays_blank(read):
    rows = "".join(f"Region {i % 2},Site {i},1\n" for i in range(20))
    fields = ["admin1_name", "location_name", "idp_individuals"]
    reports, _ = read("admin1,site,idps\n" + rows + ",Alder,2\n", fields)
    assert reports["admin1_name"].null_count() == 1


def test_rows_that_the_mapping_leaves_out_are_said(read):
    text = "site,idps\nAlder,1\nSub,9\nBirch,2\nTable 2,7\n"
    reports, findings = read(
        text, ["location_name", "idp_individuals"], skipped_rows=(3,), last_row=4
    )
    assert reports["row"].to_list() == [2, 4]
    assert [(f.code, f.row) for f in findings] == [("TRK-006", 3), ("TRK-006", 5)]


def test_one_row_of_another_round_is_a_finding(read):
    rows = "".join(f"S{i},R14,1\n" for i in range(20))
    fields = ["location_name", "round_number", "idp_individuals"]
    reports, findings = read("site,round,idps\n" + rows + "Z,R13,1\n", fields)
    assert reports["round_number"].unique().sort().to_list() == [13, 14]
    (finding,) = findings
    assert (finding.code, finding.row, finding.reported) == ("TRK-007", 22, "13")
    assert finding.expected == "14"


def test_what_the_mapping_states_fills_what_rows_leave_open(read):
    text = "site,round,idps\nAlder,R14,1\nBirch,,2\n"
    reports, _ = read(
        text,
        ["location_name", "round_number", "idp_individuals"],
        round_number=15,
        reference_date=dt.date(2026, 3, 31),
        component="baseline_location",
    )
    assert reports["round_number"].to_list() == [14, 15]
    assert reports["reference_date"].unique().to_list() == [dt.date(2026, 3, 31)]
    assert reports["component"].unique().to_list() == ["baseline_location"]


def test_the_country_of_a_list_of_one_country_is_used_where_nothing_names_one(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("site,idps\nAlder,1\n")
    mapping = mapped(["location_name", "idp_individuals"], country=None, operation=None)
    units = pl.DataFrame({"country": ["XWS", "XWS"]})
    reports, _ = submissions_from_file(path, mapping, units=units, operation="Given")
    assert reports.select("country", "operation").rows() == [("XWS", "Given")]


def test_positions_in_one_column_and_several_needs(read):
    text = (
        "site,idps,gps,need 1,need 2\n"
        "Alder,1,-13.5 34.5 500 5,Food,Drinking water\n"
        "Birch,2,by the river,Food,\n"
    )
    fields = [
        "location_name", "idp_individuals", ("latitude", "longitude"), "priority_needs",
        "priority_needs",
    ]  # fmt: skip
    reports, findings = read(text, fields)
    assert reports.select("latitude", "longitude").rows() == [(-13.5, 34.5), (None, None)]
    assert reports["priority_needs"].to_list() == ["food water", "food"]
    assert [(f.code, f.row) for f in findings] == [("TRK-003", 3)]


@pytest.mark.parametrize(
    ("scores", "shares"),
    [
        (["Green", "Orange", "Red"], [1, 0.5, 0]),
        (["0.8", "0.2", "1"], [0.8, 0.2, 1]),
        (["80%", "20%", "100%"], [0.8, 0.2, 1]),
        (["4", "1", "5"], [0.8, 0.2, 1]),
    ],
)
def test_credibility_is_a_share_of_its_scale(read, scores, shares):
    text = "idps,score\n" + "".join(f"1,{score}\n" for score in scores)
    reports, findings = read(text, ["idp_individuals", "credibility"])
    assert reports["credibility"].to_list() == pytest.approx(shares)
    assert findings == []


def test_a_record_bears_its_own_id_and_repeats_are_numbered(read):
    text = "uuid,idps\nuuid:a1,1\nb2,2\na1,3\n,4\n"
    reports, _ = read(text, ["record_uuid", "idp_individuals"])
    assert reports["submission_id"].to_list() == [
        "file.csv/a1", "file.csv/b2", "file.csv/a1/2", "file.csv//5",
    ]  # fmt: skip


def test_a_mapping_for_another_file_is_refused(read):
    with pytest.raises(InvalidMapping, match="names column 6"):
        read("a,b\n1,2\n", ["location_name", "", "", "", "", "idp_individuals"])
    with pytest.raises(InvalidMapping, match="idp_persons"):
        read("a,b\n1,2\n", ["location_name", "idp_persons"])
    with pytest.raises(NothingToRead, match="no row of data"):
        read("a,b\n1,2\n", ["location_name", "idp_individuals"], first_row=9)


def test_a_sheet_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1,2\n")
    mapping = mapped(["location_name", "idp_individuals"])
    sheet = replace(mapping.sheets[0], sheet="Data")
    with pytest.raises(InvalidMapping, match="'Data'"):
        submissions_from_file(path, replace(mapping, sheets=(sheet,)))


def answer(level, persons, **more):
    row = {
        "operation": "Rains", "admin0Name": "Made-up land", "admin0Pcode": "XWS",
        "admin1Pcode": "XW01", "admin1Name": "North", "admin2Pcode": "XW0101",
        "admin2Name": "Alder", "numPresentIdpInd": persons, "roundNumber": 3,
        "reportingDate": "2026-03-31T00:00:00", "displacementReason": "Natural disaster",
        "numberMales": None, "numberFemales": None, "idpOriginAdmin1Pcode": "Not available",
        "assessmentType": "BA",
    }  # fmt: skip
    names = [n for n in row if n.startswith(("admin1", "admin2")) and int(n[5]) > level]
    return {name: value for name, value in row.items() if name not in names} | more


@pytest.fixture
def answers(tmp_path):
    """Return the path of an answer of the service with three levels and two rounds."""
    path = tmp_path / "answer.json"
    rows = [
        answer(0, 30), answer(1, 30),
        answer(2, 10), answer(2, 20, displacementReason="Conflict; Natural disaster"),
        answer(1, 40, roundNumber=4), answer(0, 40, roundNumber=4),
        answer(0, 7, assessmentType="ETT", idpOriginAdmin1Pcode="XW02"),
    ]  # fmt: skip
    path.write_text(json.dumps({"result": rows, "isSuccess": True}))
    return path


def test_only_the_deepest_level_of_a_snapshot_counts(answers):
    reports, findings = known(answers)
    assert reports["is_counted"].to_list() == [False, False, True, True, True, False, True]
    counted = reports.filter("is_counted").group_by("round_number", "component")
    sums = counted.agg(pl.col("idp_individuals").sum()).sort("round_number", "component")
    assert sums.rows() == [(3, "baseline_area", 30), (3, "event", 7), (4, "baseline_area", 40)]
    (finding,) = findings
    assert finding.code == "TRK-006"
    assert "3 of 7 rows" in finding.message


def test_answers_in_a_file_each_are_settled_together(tmp_path):
    frames = []
    for level, rows in enumerate([[answer(0, 30)], [answer(1, 30)], [answer(2, 10)] * 3]):
        path = tmp_path / f"admin{level}.json"
        path.write_text(json.dumps({"result": rows, "isSuccess": True}))
        frames.append(known(path)[0])
    together = pl.concat(frames, how="diagonal")
    assert together["is_counted"].all()
    settled = deepest_level_counted(together)
    assert settled["is_counted"].to_list() == [False, False, True, True, True]
    assert settled.drop("is_counted").equals(together.drop("is_counted"))


def test_fields_of_the_service_become_fields_of_submissions(answers):
    reports, _ = known(answers)
    row = reports.row(3, named=True)
    assert row["country"] == "XWS"
    assert row["operation"] == "Rains"
    assert row["reference_date"] == dt.date(2026, 3, 31)
    assert row["displacement_reason"] == "conflict;disaster"
    assert row["admin2_reported_code"] == "XW0101"
    assert reports["origin_admin1_code"].to_list() == [None] * 6 + ["XW02"]
    assert row["idp_individuals__sex__male"] is None
    assert Submissions.require(reports).height == 7


def test_an_export_with_codes_of_the_dictionary(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        "_uuid,m0302_meta_adm0_pcode,m0303_meta_adm1_pcode,m0489_meta_survey_round,"
        "m0448_loc_site_name,grp/m0310_loc_num_idp_ind,m1855_meta_assessment_date,"
        "m1650_loc_gps_coords,s1534_loc_loc_access,need_s2878_x,"
        "s2878_loc_top_3_priority_need_idp/food,s2878_loc_top_3_priority_need_idp/drinking_water\n"
        "u1,XWS,XW01,B2_01,Alder,25,2026-03-01 00:00:00.000000,-1.5 30.5 0 0,"
        "limited_access,,1,1\n"
        "u2,XWS,XW01,B2_01,NULL,NULL,NaT,NULL,dnk,,0,0\n"
    )
    reports, findings = known(path, operation="Rains")
    assert findings == []
    first, second = reports.rows(named=True)
    assert first["submission_id"] == "export.csv/u1"
    assert (first["round_number"], first["component"]) == (1, "baseline_location")
    assert (first["latitude"], first["longitude"]) == (-1.5, 30.5)
    assert (first["access"], first["priority_needs"]) == ("limited", "food water")
    assert first["collected_on"] == dt.date(2026, 3, 1)
    assert second["idp_individuals"] is None
    assert second["location_name"] is second["access"] is second["priority_needs"] is None


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_table_of_submissions_passes_through(answers, tmp_path, suffix):
    reports, _ = known(answers)
    path = tmp_path / f"reports{suffix}"
    reports.write_parquet(path) if suffix == ".parquet" else reports.write_csv(path)
    again, findings = known(path)
    assert findings == []
    assert again.equals(reports)


def test_a_typed_table_is_read_without_text(tmp_path):
    path = tmp_path / "file.parquet"
    days = [dt.datetime.fromisoformat("2026-03-01T00:00")] * 2000
    pl.DataFrame({"site": ["A"] * 2000, "day": days, "idps": [5] * 2000}).write_parquet(path)
    mapping = mapped(["location_name", "collected_on", "idp_individuals"])
    reports, findings = submissions_from_file(path, mapping)
    assert findings == []
    assert reports["idp_individuals"].sum() == 10_000
    assert reports["collected_on"].unique().to_list() == [dt.date(2026, 3, 1)]
    assert reports["row"].to_list()[-1] == 2001


@pytest.mark.parametrize("name", ["global-iom-dtm-from-api", "nga-iom-dtm-from-api"])
def test_levels_of_the_published_rows_agree(field_data, name):
    (path,) = (field_data / "api").glob(f"{name}*.csv")
    reports, _ = known(path)
    snapshot = ["country", "operation", "component", "round_number", "reference_date"]
    level = pl.col("admin1_reported_code").is_null().alias("is_country")
    sums = reports.group_by(*snapshot, level, "is_counted").agg(pl.col("idp_individuals").sum())
    countries = sums.filter("is_country", ~pl.col("is_counted"))
    counted = sums.filter("is_counted").group_by(snapshot).agg(pl.col("idp_individuals").sum())
    both = countries.join(counted, on=snapshot, suffix="_counted")
    assert both.height > 40
    assert both.filter(
        pl.col("idp_individuals") != pl.col("idp_individuals_counted")
    ).is_empty()


def test_the_raw_export_reads_without_a_finding(field_data):
    reports, findings = known(field_data / "raw_xlsx" / "mwi_survey_raw.csv", operation="Raw")
    assert findings == []
    assert (reports.height, reports["idp_individuals"].sum()) == (776, 139_312)
    assert reports["submission_id"].n_unique() == 776
    assert Submissions.require(reports).height == 776
