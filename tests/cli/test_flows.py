"""``waystation flows estimate``: files in, files out, and what it refuses."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

# The stocks of a small world: NA is Namibia, and the native born stand where both agree.
START = """birthplace,residence,persons
NA,NA,100
NA,BW,10
NA,ZM,10
BW,NA,20
BW,BW,55
BW,ZM,25
ZM,NA,10
ZM,BW,40
ZM,ZM,140
"""
END = """birthplace,residence,persons
NA,NA,90
NA,BW,25
NA,ZM,5
BW,NA,20
BW,BW,50
BW,ZM,30
ZM,NA,30
ZM,BW,40
ZM,ZM,120
"""
DEMOGRAPHY = "area,births,deaths\nNA,0,0\nBW,0,0\nZM,0,0\n"
PUBLISHED = (
    "stock-diff-drop", "stock-diff-reverse", "migration-rate", "da-min-open", "da-min-closed",
    "da-pb-closed",
)  # fmt: skip


@pytest.fixture
def world(tmp_path):
    for name, text in (("start", START), ("end", END), ("demography", DEMOGRAPHY)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    return tmp_path


def arguments(folder, method, out="flows.csv", **others):
    files = {"start": "start.csv", "end": "end.csv", "demography": "demography.csv"} | others
    named = [part for name, file in files.items() for part in (f"--{name}", folder / file)]
    return ["flows", "estimate", "--method", method, *named, "--out", folder / out]


def rows(path):
    return pl.read_csv(path, null_values=[]).rows()


@pytest.mark.parametrize("method", PUBLISHED)
def test_each_method_writes_every_pair(waystation, world, method):
    answer = waystation(*arguments(world, method))
    assert answer.exit_code == 0, answer.output
    table = pl.read_csv(world / "flows.csv", null_values=[])
    assert table.columns == ["origin", "destination", "persons"]
    pairs = {(o, d) for o, d, _ in table.rows()}
    areas = ("BW", "NA", "ZM")
    assert pairs == {(o, d) for o in areas for d in areas if o != d}
    assert table["persons"].to_numpy().min() >= 0


def test_stock_differences_need_no_demography(waystation, world):
    answer = waystation(
        "flows", "estimate", "--method", "stock-diff-reverse", "--start", world / "start.csv",
        "--end", world / "end.csv", "--out", world / "flows.csv",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert rows(world / "flows.csv") == [
        ("BW", "NA", 0.0), ("BW", "ZM", 5.0), ("NA", "BW", 15.0), ("NA", "ZM", 0.0),
        ("ZM", "BW", 0.0), ("ZM", "NA", 25.0),
    ]  # fmt: skip


def test_a_method_that_needs_demography_says_so(waystation, world):
    call = arguments(world, "da-min-open")
    place = call.index("--demography")
    answer = waystation(*call[:place], *call[place + 2 :])
    assert answer.exit_code == 2
    assert "needs births and deaths" in answer.stderr
    assert not (world / "flows.csv").exists()


def test_matrices_and_packed_files_give_the_same(waystation, world):
    waystation(*arguments(world, "da-pb-closed"))
    expected = rows(world / "flows.csv")
    start = pl.read_csv(world / "start.csv", null_values=[])
    start.pivot(on="residence", index="birthplace", values="persons").rename(
        {"birthplace": ""}
    ).write_csv(world / "wide.csv")
    (world / "end.csv.gz").write_bytes(gzip.compress(END.encode()))
    pl.read_csv(world / "demography.csv", null_values=[]).write_parquet(world / "d.parquet")
    files = {"start": "wide.csv", "end": "end.csv.gz", "demography": "d.parquet"}
    for out in ("flows.csv", "flows.csv.gz", "flows.parquet"):
        answer = waystation(*arguments(world, "da-pb-closed", out, **files))
        assert answer.exit_code == 0, answer.output
    assert rows(world / "flows.csv") == expected
    packed = gzip.decompress((world / "flows.csv.gz").read_bytes())
    assert packed == (world / "flows.csv").read_bytes()
    assert pl.read_parquet(world / "flows.parquet").rows() == expected


def test_types_and_misfits_are_written_when_asked_for(waystation, world):
    answer = waystation(
        *arguments(world, "da-min-closed"), "--by-type", world / "types.csv",
        "--misfits", world / "misfits.csv",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    types = pl.read_csv(world / "types.csv", null_values=[])
    assert set(types["move"]) == {"outward", "return", "transit"}
    by_pair = types.group_by("origin", "destination").agg(pl.col("persons").sum())
    flows = pl.read_csv(world / "flows.csv", null_values=[])
    both = by_pair.join(flows, on=["origin", "destination"])
    assert (both["persons"] - both["persons_right"]).abs().to_numpy().max() < 1e-9
    assert pl.read_csv(world / "misfits.csv").columns[:3] == ["step", "margin", "area"]


def test_a_method_without_types_writes_nothing_when_asked_for_them(waystation, world):
    answer = waystation(*arguments(world, "migration-rate"), "--by-type", world / "types.csv")
    assert answer.exit_code == 2
    assert not (world / "flows.csv").exists()
    assert not (world / "types.csv").exists()


def test_the_weight_moves_between_the_two_assumptions(waystation, world):
    sums = {}
    for weight in ("1", "0.5", "0"):
        waystation(*arguments(world, "da-pb-closed"), "--weight", weight)
        sums[weight] = sum(persons for _, _, persons in rows(world / "flows.csv"))
    waystation(*arguments(world, "da-min-closed"))
    least = sum(persons for _, _, persons in rows(world / "flows.csv"))
    assert sums["1"] == pytest.approx(least)
    assert sums["0.5"] == pytest.approx((sums["1"] + sums["0"]) / 2)


def test_what_was_adjusted_is_told_on_stderr_and_in_json(waystation, world):
    (world / "demography.csv").write_text("area,births,deaths\nNA,60,0\nBW,0,0\nZM,95,5\n")
    answer = waystation(*arguments(world, "da-min-closed"))
    assert answer.exit_code == 0, answer.output
    assert "STA-302" in answer.stderr
    assert "STA-302" not in answer.stdout
    answer = waystation(*arguments(world, "da-min-closed"), "--json")
    document = json.loads(answer.stdout)
    assert {row["kind"] for row in document["adjustments"]} >= {"global_balance"}
    assert "STA-302" in {row["code"] for row in document["findings"]}
    assert answer.stderr == ""


def test_strict_exits_with_one_on_a_warning(waystation, world):
    (world / "start.csv").write_text(START.replace("NA,NA,100", "NA,NA,-5"))
    answer = waystation(*arguments(world, "da-min-open"), "--strict", "--quiet")
    assert answer.exit_code == 1
    assert (world / "flows.csv").exists()


REFUSALS = {
    "an area in one table only": ("end", "ZM", "ZW", "ZM absent as a birthplace at the end"),
    "an area without demography": ("demography", "ZM,0,0\n", "", "ZM absent in the demography"),
    "a pair twice": ("start", "NA,BW,10", "NA,BW,10\nNA,BW,11", "more than once: NA in BW"),
    "a pair without a row": ("start", "NA,BW,10\n", "", "NA in BW absent"),
    "an empty cell": ("start", "NA,BW,10", "NA,BW,", "column persons, row 3 is empty"),
    "a cell that is no number": ("start", "NA,BW,10", "NA,BW,..", "holds '..'"),
    "negative foreign born": ("start", "NA,BW,10", "NA,BW,-1", "negative: NA in BW"),
    "negative births": ("demography", "ZM,0,0", "ZM,-1,0", "births are negative: ZM"),
    "other columns": ("start", "persons", "people", "its columns are"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_and_writes_nothing(waystation, world, what):
    file, old, new, said = REFUSALS[what]
    path = world / f"{file}.csv"
    path.write_text(path.read_text().replace(old, new))
    answer = waystation(*arguments(world, "da-pb-closed"))
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.output
    assert not (world / "flows.csv").exists()


def test_pairs_without_a_row_are_nobody_where_that_is_said(waystation, world):
    path = world / "start.csv"
    path.write_text(START.replace("NA,BW,10\n", ""))
    answer = waystation(*arguments(world, "stock-diff-drop"), "--absent-pairs", "nobody")
    assert answer.exit_code == 0, answer.output
    assert ("NA", "BW", 25.0) in rows(world / "flows.csv")


SPARSE = """birthplace,residence,persons
NA,NA,100
NA,BW,{}
BW,BW,55
ZM,BW,{}
ZM,ZM,140
"""


def test_a_file_that_lists_only_pairs_with_people_is_read_so(waystation, world):
    (world / "start.csv").write_text(SPARSE.format(10, 40))
    (world / "end.csv").write_text(SPARSE.format(25, 30))
    answer = waystation(*arguments(world, "stock-diff-reverse"))
    assert answer.exit_code == 0, answer.output
    assert "STA-314 info: start.csv has no row for 4 pairs" in answer.stderr
    moved = {(o, d): n for o, d, n in rows(world / "flows.csv") if n}
    assert moved == {("NA", "BW"): 15.0, ("BW", "ZM"): 10.0}


def test_a_file_that_writes_zeros_may_not_leave_pairs_out(waystation, world):
    (world / "start.csv").write_text(SPARSE.format(10, 0))
    (world / "end.csv").write_text(SPARSE.format(25, 30))
    answer = waystation(*arguments(world, "stock-diff-drop"))
    assert answer.exit_code == 2
    assert "absent" in answer.stderr


def test_native_born_are_never_made_up(waystation, world):
    for name in ("start", "end"):
        text = SPARSE.format(10, 40).replace("NA,NA,100\n", "")
        (world / f"{name}.csv").write_text(text)
    assert waystation(*arguments(world, "stock-diff-drop")).exit_code == 0
    answer = waystation(*arguments(world, "da-min-closed"))
    assert answer.exit_code == 2
    assert "NA in NA absent" in answer.stderr


def test_nobody_anywhere_is_refused(waystation, world):
    text = "\n".join(line.rsplit(",", 1)[0] + ",0" for line in START.splitlines()[1:])
    (world / "start.csv").write_text("birthplace,residence,persons\n" + text)
    answer = waystation(*arguments(world, "da-min-closed"))
    assert answer.exit_code == 2
    assert "nobody lives anywhere" in answer.stderr


@pytest.mark.parametrize("out", ["flows.xlsx", "flows", "flows.gz"])
def test_an_unknown_ending_is_refused_before_anything_is_read(waystation, world, out):
    answer = waystation(*arguments(world, "da-min-closed", out))
    assert answer.exit_code == 2
    assert "must end in" in answer.stderr


def test_the_sums_of_a_matrix_are_not_taken_for_an_area(waystation, world):
    text = ",NA,BW,ZM,Sum\nNA,1,2,3,6\nBW,1,2,3,6\nZM,1,2,3,6\nSum,3,6,9,18\n"
    (world / "wide.csv").write_text(text)
    answer = waystation(*arguments(world, "da-min-closed", start="wide.csv"))
    assert answer.exit_code == 2
    assert "sums beside the areas" in answer.stderr


def test_a_damaged_packed_file_is_refused(waystation, world):
    (world / "start.csv.gz").write_bytes(gzip.compress(START.encode())[:-9])
    answer = waystation(*arguments(world, "da-min-closed", start="start.csv.gz"))
    assert answer.exit_code == 2
    assert "damaged" in answer.stderr


def test_the_file_does_not_depend_on_threads(tmp_path):
    """At 230 areas a threaded matrix product would differ in its last digits."""
    chance = np.random.default_rng(1)
    names = [f"A{i:03}" for i in range(230)]
    for moment in ("start", "end"):
        figures = np.floor(np.exp(chance.normal(3, 3, (230, 230))))
        figures[np.diag_indices(230)] += 1e6
        wide = pl.DataFrame(figures, schema=names).insert_column(0, pl.Series("", names))
        wide.write_csv(tmp_path / f"{moment}.csv")
    vitals = pl.DataFrame({"area": names, "births": 90_000.0, "deaths": 90_000.0})
    vitals.write_csv(tmp_path / "demography.csv")
    written = set()
    for threads in ("1", "2"):
        environment = os.environ | {
            "OPENBLAS_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads,
        }  # fmt: skip
        call = map(str, arguments(tmp_path, "da-pb-closed"))
        command = [sys.executable, "-m", "waystation", *call, "--quiet"]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        written.add((tmp_path / "flows.csv").read_bytes())
    assert len(written) == 1
