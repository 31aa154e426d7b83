"""Change against a place's own past, and figures that stand still."""

from __future__ import annotations

import math

P, H = "idp_individuals", "idp_households"


def history(place, figures, **more):
    return [
        {
            "location_id": place,
            "location_name": place,
            "admin2_code": "XW0101",
            "round_number": n,
            P: people,
            **{name: values[n - 1] for name, values in more.items()},
        }
        for n, people in enumerate(figures, start=1)
    ]


def steady(count=12, rounds=6):
    """Places that move by a twentieth, as most do."""
    return [
        row
        for n in range(count)
        for row in history(
            f"S{n}",
            [round((300 + 40 * n) * (1 + 0.05 * math.sin(n + r))) for r in range(rounds)],
        )
    ]


def test_ordinary_movement_is_no_finding(findings_on):
    assert findings_on(steady(), "TRK-160").is_empty()


def test_a_nought_too_many_is_said_once_with_the_figure_meant(findings_on):
    rows = steady() + history("L1", [500, 510, 5200, 515, 520, 512])
    found = findings_on(rows, "TRK-160")
    line = found.select("location_id", "round_number", "reported", "expected").rows()
    assert line == [("L1", 3, "5200", "520")]  # and not the way back in round 4
    assert "from 510 to 5200" in found["message"][0]


def test_a_lost_digit_in_the_last_round_is_found(findings_on):
    rows = steady() + history("L1", [500, 510, 505, 498, 515, 52])
    found = findings_on(rows, "TRK-160")
    assert found.select("round_number", "expected").rows() == [(6, "520")]


def test_arrivals_that_explain_a_change_settle_it(findings_on):
    people, zero = [500, 505, 1900, 1890, 1910, 1900], [0] * 6
    come = [0, 5, 1395, 0, 20, 0]
    flows = {"departure_individuals": zero}
    explained = history("L1", people, arrival_individuals=come, **flows)
    silent = history("L2", people, arrival_individuals=[0, 5, 30, 0, 20, 0], **flows)
    found = findings_on(steady() + explained + silent, "TRK-160")
    assert found["location_id"].to_list() == ["L2"]
    assert "explain only 30" in found["message"][0]


def test_what_all_places_of_the_unit_did_is_no_finding(findings_on):
    flood = [
        row
        for n in range(8)
        for row in history(f"F{n}", [200 + 9 * n] * 3 + [900 + 31 * n] * 3)
    ]
    elsewhere = [row | {"admin2_code": "XW0202"} for row in steady()]
    assert findings_on(flood + elsewhere, "TRK-160").is_empty()


def test_small_numbers_may_double(findings_on):
    rows = steady() + history("L1", [8, 20, 7, 25, 9, 30])
    assert findings_on(rows, "TRK-160").is_empty()


def test_a_place_that_always_moves_may_move(findings_on):
    rows = steady() + history("L1", [400, 1100, 350, 1200, 420, 1150])
    assert findings_on(rows, "TRK-160").is_empty()


def test_persons_and_households_exchanged_are_recognised(findings_on):
    households = [100, 101, 520, 103]
    rows = steady(rounds=4) + history("L1", [500, 510, 102, 515], **{H: households})
    found = findings_on(rows, "TRK-160")
    assert found.select("location_id", "expected").rows() == [("L1", "520")]
    assert "swapped" in found["message"][0]


def test_a_first_round_has_no_change(findings_on):
    assert findings_on([row for row in steady() if row["round_number"] == 1]).is_empty()


def test_rows_split_by_reason_are_added_before_they_are_compared(findings_on):
    def area(round_number, reason, people):
        return {"admin2_code": "XW0101", "round_number": round_number,
                "displacement_reason": reason, P: people}  # fmt: skip

    rows = [area(1, "conflict", 900), area(1, "disaster", 100), area(2, "conflict", 100),
            area(2, "disaster", 920)]  # fmt: skip
    assert findings_on(rows, "TRK-160").is_empty()


BREAKDOWN = [f"{P}__reason__{reason}" for reason in ("conflict", "disaster", "other")]


def told(place, people, round_number):
    parts = dict(zip(BREAKDOWN, (people - 12, 7, 5), strict=True))
    return {"location_id": place, "location_name": place, "round_number": round_number,
            P: people, H: people // 5, **parts}  # fmt: skip


def test_many_figures_that_stand_as_before_are_asked_about(findings_on):
    others = [told(f"S{n}", 100 + 11 * n + r, r) for n in range(15) for r in (1, 2)]
    found = findings_on([*others, told("L1", 240, 1), told("L1", 240, 2)], "TRK-163")
    assert found.select("location_id", "round_number").rows() == [("L1", 2)]


def test_where_many_places_stand_still_it_takes_two_rounds(findings_on):
    still = [told(f"S{n}", 100 + 11 * n, r) for n in range(4) for r in (1, 2)]
    moving = [told(f"M{n}", 100 + 11 * n + r, r) for n in range(12) for r in (1, 2)]
    assert findings_on([*still, *moving], "TRK-163").is_empty()


def test_small_and_empty_places_may_stand_still(findings_on):
    rows = [told("L1", 20, r) for r in (1, 2)]
    rows += [{"location_id": "L2", "round_number": r, P: 0} for r in (1, 2)]
    rows += [told(f"S{n}", 100 + 11 * n + r, r) for n in range(15) for r in (1, 2)]
    assert findings_on(rows, "TRK-163").is_empty()
