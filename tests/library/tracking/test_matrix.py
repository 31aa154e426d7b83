"""The matrix: sums that keep null from 0, cells nobody asked about, marks on estimates."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from waystation.errors import InvalidTable, MissingColumns, Unavailable
from waystation.tracking.changes import changes_from_matrix
from waystation.tracking.corrections import Corrections
from waystation.tracking.matrix import (
    Matrix,
    check_matrix,
    closed_locations,
    latest_stocks,
    matrix_from_submissions,
    totals_from_matrix,
    wide_from_matrix,
)
from waystation.tracking.submissions import Submissions

DAYS = {1: dt.date(2024, 1, 31), 2: dt.date(2024, 3, 31), 3: dt.date(2024, 6, 30)}


def create_submissions(rows: list[dict[str, object]]) -> pl.DataFrame:
    """One submission a row; what is not said is one operation and round 1."""
    full = []
    for number, row in enumerate(rows, start=2):
        sheet: dict[str, object] = {
            "submission_id": f"round.xlsx/data/{number}",
            "file": "round.xlsx",
            "row": number,
            "is_counted": True,
            "country": "XWS",
            "operation": "Floods",
            "component": "baseline_location",
            "round_number": 1,
        } | row
        sheet.setdefault("reference_date", DAYS[int(str(sheet["round_number"]))])
        full.append(sheet)
    frame = pl.DataFrame(full, infer_schema_length=None)
    known = Submissions.columns()
    return Submissions.complete(
        frame.with_columns(
            pl.col(c).cast(known[c].dtype if c in known else pl.Float64) for c in frame.columns
        )
    )


def figures(matrix: pl.DataFrame) -> list[tuple[object, ...]]:
    return matrix.select("round_number", "location_id", "indicator", "value").rows()


# Worked by hand: site A is told in three rows by reason, one of them blank; B counted none;
# C was asked and left it blank; D's file does not ask about households at all.
ROWS: list[dict[str, object]] = [
    {"location_key": "A", "idp_individuals": 10, "idp_households": 2},
    {"location_key": "A", "idp_individuals": 5, "idp_households": 1},
    {"location_key": "A", "idp_individuals": None, "idp_households": None},
    {"location_key": "B", "idp_individuals": 0, "idp_households": 0},
    {"location_key": "C", "idp_individuals": None, "idp_households": None},
    {"location_key": "D", "idp_individuals": 7, "file": "other.csv"},
    {"location_key": "A", "idp_individuals": 999, "is_counted": False},
]


def test_the_worked_example():
    matrix = matrix_from_submissions(create_submissions(ROWS))
    assert figures(matrix) == [
        (1, "A", "idp_individuals", 15),
        (1, "A", "idp_households", 3),
        (1, "B", "idp_individuals", 0),
        (1, "B", "idp_households", 0),
        (1, "C", "idp_individuals", None),
        (1, "C", "idp_households", None),
        (1, "D", "idp_individuals", 7),
    ]
    assert matrix.filter(location_id="A")["submissions"].to_list() == [3, 3]
    assert matrix["status"].unique().to_list() == ["observed"]
    assert Matrix.require(matrix).equals(matrix)


def test_a_parquet_file_gives_the_same_rows_as_the_frame(tmp_path):
    submissions = create_submissions(ROWS)
    submissions.write_parquet(tmp_path / "all.parquet")
    of_frame = matrix_from_submissions(submissions)
    assert matrix_from_submissions(tmp_path / "all.parquet").equals(of_frame)
    assert matrix_from_submissions(tmp_path).equals(of_frame)


def test_the_reading_most_submissions_share_names_the_place():
    rows: list[dict[str, object]] = [
        {"location_name": "Camp A", "admin1_code": "XW01", "admin2_code": None},
        {"location_name": "Camp A", "admin1_code": "XW01", "admin2_code": None},
        {"location_name": "Aaa", "admin1_code": "XW02", "admin2_code": "XW0201"},
    ]
    figure = {"location_key": "A", "idp_individuals": 1}
    matrix = matrix_from_submissions(create_submissions([row | figure for row in rows]))
    named = matrix.select("location_name", "admin1_code", "admin2_code").rows()
    assert named == [("Camp A", "XW01", None)]


def test_a_place_without_a_key_is_refused():
    with pytest.raises(InvalidTable, match="location_key"):
        matrix_from_submissions(
            create_submissions([{"location_key": None, "idp_individuals": 1}])
        )
    with pytest.raises(MissingColumns, match="reference_date"):
        matrix_from_submissions(create_submissions(ROWS).drop("reference_date"))
    with pytest.raises(Unavailable):
        matrix_from_submissions(create_submissions(ROWS), engine="postgres")


def test_a_corrected_cell_is_summed_again_and_marked():
    submissions = create_submissions(ROWS)
    log = Corrections.complete(
        pl.DataFrame(
            {
                "id": ["round.xlsx/data/3", "round.xlsx/data/5"],
                "question": ["idp_individuals", None],
                "old": ["5", None],
                "new": ["50", None],
                "action": ["change_value", "remove"],
            },
            schema_overrides={"action": Corrections.columns()["action"].dtype},
        )
    )
    matrix = matrix_from_submissions(submissions, corrections=log)
    cells = matrix.filter(pl.col("location_id").is_in(["A", "B"]))
    assert cells.select("location_id", "indicator", "value", "status").rows() == [
        ("A", "idp_individuals", 60, "corrected"),
        ("A", "idp_households", 3, "observed"),
    ]
    assert submissions["idp_individuals"][1] == 5


def test_a_ratio_is_computed_from_sums_and_never_added():
    rows: list[dict[str, object]] = [
        {"location_key": "A", "idp_individuals": 10, "population_individuals": 100},
        {"location_key": "A", "idp_individuals": 20, "population_individuals": 100},
        {"location_key": "B", "idp_individuals": 5, "population_individuals": 0},
    ]
    share: dict[str, object] = {"idp_population_share": 50}
    matrix = matrix_from_submissions(create_submissions([row | share for row in rows]))
    ratios = matrix.filter(indicator="idp_population_share")
    assert ratios["value"].to_list() == [15, None]


def estimate_rows() -> list[dict[str, object]]:
    pairs: list[dict[str, object]] = [
        {"location_key": f"S{n:02}", "idp_individuals": 5 * n, "idp_households": n}
        for n in range(1, 11)
    ]
    lone: list[dict[str, object]] = [
        {"location_key": "T1", "idp_households": 3},
        {"location_key": "T2", "idp_households": 0},
        {"location_key": "T3"},
    ]
    return [row | {"admin1_code": "XW01"} for row in [*pairs, *lone]]


def test_persons_are_estimated_from_the_operation_s_own_households():
    submissions = create_submissions(estimate_rows())
    assert "estimated" not in matrix_from_submissions(submissions)["status"].to_list()
    matrix = matrix_from_submissions(submissions, estimate_persons=True)
    estimated = matrix.filter(status="estimated")
    assert figures(estimated) == [
        (1, "T1", "idp_individuals", 15),
        (1, "T2", "idp_individuals", 0),
    ]
    finding = check_matrix(matrix)
    assert finding["code"].to_list() == ["TRK-201"]
    assert "15 idp_individuals at 2 locations" in finding["message"][0]


def test_too_few_pairs_carry_no_estimate():
    submissions = create_submissions(estimate_rows()[5:])
    matrix = matrix_from_submissions(submissions, estimate_persons=True)
    assert matrix.filter(status="estimated").is_empty()


def carry_rows() -> list[dict[str, object]]:
    return [
        {"location_key": "A", "idp_individuals": 10, "arrival_individuals": 4},
        {"location_key": "B", "idp_individuals": 20, "location_status": "Closed"},
        {"location_key": "C", "idp_individuals": 30},
        {"location_key": "C", "idp_individuals": None, "round_number": 2},
        {"location_key": "D", "idp_individuals": 1, "round_number": 2},
        {"location_key": "D", "idp_individuals": 2, "round_number": 3},
    ]


def test_open_locations_not_assessed_again_are_carried_forward_with_their_age():
    matrix = matrix_from_submissions(create_submissions(carry_rows()), carry_forward_days=100)
    carried = matrix.filter(status="carried_forward")
    # A from round 1 to 2 (60 days), no longer to 3 (151 days). B was closed. C was assessed in
    # round 2, and left blank: there is nothing to carry. Arrivals are no stock.
    assert carried.select("round_number", "location_id", "value", "observed_on").rows() == [
        (2, "A", 10, DAYS[1])
    ]
    assert carried["submissions"].to_list() == [0]
    findings = check_matrix(matrix)
    assert findings["code"].to_list() == ["TRK-202"]
    assert "60 days older" in findings["message"][0]


def test_rounds_built_one_by_one_carry_what_they_carry_together():
    rows = create_submissions(carry_rows())
    whole = matrix_from_submissions(rows, carry_forward_days=400)
    earlier, closed = whole.clear(), closed_locations(rows.clear())
    for number in (1, 2, 3):
        own = rows.filter(round_number=number)
        made = matrix_from_submissions(
            own, carry_forward_days=400, earlier=earlier, closed_earlier=closed
        )
        assert_frame_equal(made, whole.filter(round_number=number))
        earlier = pl.concat([earlier, made])
        closed = pl.concat([closed, closed_locations(own)])
    assert earlier.filter(status="carried_forward").height == 2


def test_nothing_is_carried_forward_unless_asked_for():
    matrix = matrix_from_submissions(create_submissions(carry_rows()))
    assert matrix["status"].unique().to_list() == ["observed"]


def test_a_location_closed_in_the_master_list_is_not_carried_forward():
    locations = pl.DataFrame(
        {
            "country": ["XWS"],
            "operation": ["Floods"],
            "location_id": ["A"],
            "closed_on": [dt.date(2024, 2, 15)],
        }
    )
    matrix = matrix_from_submissions(
        create_submissions(carry_rows()), carry_forward_days=400, locations=locations
    )
    assert "A" not in matrix.filter(status="carried_forward")["location_id"].to_list()


def test_the_stock_of_today_is_one_snapshot_an_operation():
    rows: list[dict[str, object]] = [
        {"location_key": "A", "round_number": 1, "idp_individuals": 10},
        {"location_key": "A", "round_number": 2, "idp_individuals": 12},
        {"location_key": "A", "round_number": 1, "operation": "Conflict", "idp_individuals": 3},
        {"location_key": "S", "round_number": 3, "component": "site_assessment"},
    ]
    figure = {"idp_individuals": 1, "arrival_individuals": 2}
    matrix = matrix_from_submissions(create_submissions([figure | row for row in rows]))
    stock = latest_stocks(matrix)
    # The baseline of round 2 covers more than the newer site assessment.
    assert stock.select("operation", "round_number", "indicator", "value").rows() == [
        ("Conflict", 1, "idp_individuals", 3),
        ("Floods", 2, "idp_individuals", 12),
    ]


def test_the_wide_form_has_one_row_a_location_and_snapshot():
    wide = wide_from_matrix(matrix_from_submissions(create_submissions(ROWS)))
    assert wide.select("location_id", "idp_individuals", "idp_households").rows() == [
        ("A", 15, 3),
        ("B", 0, 0),
        ("C", None, None),
        ("D", 7, None),
    ]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.none() | st.integers(0, 10**6), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_every_counted_figure_is_in_the_matrix_once(rows):
    submissions = create_submissions(
        [
            {"location_key": place, "idp_individuals": figure, "is_counted": counted}
            for place, figure, counted in rows
        ]
    )
    matrix = matrix_from_submissions(submissions)
    expected = sum(figure or 0 for _, figure, counted in rows if counted)
    assert matrix["value"].sum() == expected


def test_no_submissions_give_no_cells_and_no_totals():
    matrix = matrix_from_submissions(
        create_submissions(ROWS).clear(), carry_forward_days=30, estimate_persons=True
    )
    assert matrix.equals(Matrix.empty_frame())
    assert latest_stocks(matrix).is_empty()
    assert totals_from_matrix(matrix).is_empty()
    assert changes_from_matrix(matrix).is_empty()
    assert check_matrix(matrix).is_empty()
