"""What producers would publish of the made-up world: opened with what their users use."""

from __future__ import annotations

import csv
import re

import numpy as np
import openpyxl
import polars as pl
import pytest

from waystation.statistics.exercise import create_statistics_exercise
from waystation.statistics.exercise.workbook import write_workbook

YEARS_2020 = [1990, 1995, 2000, 2005, 2010, 2015, 2020]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return create_statistics_exercise(tmp_path_factory.mktemp("world"), areas=24, seed=1)


def sheet(path, name):
    book = openpyxl.load_workbook(path, read_only=True)
    rows = list(book[name].iter_rows(values_only=True))
    book.close()
    return rows


def stock(made, revision=2020):
    rows = sheet(made.stocks[revision], "Table 1")
    names = [str(c) for c in rows[10]]
    years = len(names[7:]) // 3
    names[7:] = [f"{y} {s}" for s in ("both", "male", "female") for y in names[7 : 7 + years]]
    body = [[None if c == ".." else c for c in row] for row in rows[11:]]
    return pl.DataFrame(body, schema=names, orient="row", infer_schema_length=None)


def of(frame, destination, origin):
    codes = ("Location code of destination", "Location code of origin")
    return frame.filter(
        pl.col(codes[0]) == destination, pl.col(codes[1]) == origin
    ).row(0, named=True)  # fmt: skip


def test_the_stock_workbook_has_the_layout_of_its_revision(made):
    rows = sheet(made.stocks[2020], "Table 1")
    assert rows[1][4].startswith("International Migrant Stock 2020: Destination and origin")
    assert rows[3][4] == "POP/DB/MIG/Stock/Rev.2020"
    assert rows[7][7].endswith("both sexes combined")
    assert rows[7][14].endswith("males")
    assert list(rows[10][7:]) == YEARS_2020 * 3
    assert rows[10][2:5] == ("Notes", "Location code of destination", "Type of data")
    later = sheet(made.stocks[2024], "Table 1")
    assert later[10][2:5] == ("Coverage", "Location code of destination", "Data type")
    assert list(later[10][7:15]) == [*YEARS_2020, 2024]
    assert sheet(made.stocks[2020], "Table of contents")[0][0] == "Table of contents"


@pytest.mark.parametrize("revision", [2020, 2024])
def test_totals_of_the_workbook_are_known_origins_and_others(made, revision):
    frame = stock(made, revision)
    origin, destination = "Location code of origin", "Location code of destination"
    for year in (1990, 2020):
        figures = frame.select(destination, origin, value=f"{year} both").drop_nulls("value")
        is_part = (pl.col(origin) == 2003) | pl.col(origin).is_between(9001, 9229)
        parts = figures.filter(is_part).group_by(destination).agg(pl.col("value").sum())
        total = figures.filter(pl.col(origin) == 900).select(destination, total="value")
        both = parts.join(total, on=destination)
        assert both.height >= 24 + 7 - 1
        assert (both["value"] == both["total"]).all()
        world = of(frame, 900, 900)[f"{year} both"]
        areas = total.filter(pl.col(destination).is_between(9001, 9229))["total"].sum()
        assert areas == world
    sexes = frame.select(pl.col("2020 both") - pl.col("2020 male") - pl.col("2020 female"))
    assert sexes.to_series().drop_nulls().to_list() == [0] * sexes.drop_nulls().height


def test_a_destination_without_defects_shows_the_truth_but_for_small_pairs(made):
    defects = made.truth.defects().filter(file=made.stocks[2020].name)
    areas = pl.read_csv(made.areas)
    spoilt = set(defects["place"])
    clean = [c for c in areas["iso3"] if c not in spoilt and c != "XAE"]
    assert clean
    m49 = dict(areas.select("iso3", "m49").iter_rows())
    true, frame = made.truth.stocks(2020), stock(made)
    for code in clean:
        here = true.filter(
            pl.col("residence") == code, pl.col("birthplace") != code, pl.col("persons") >= 5
        )
        for born, _, persons in here.iter_rows():
            assert of(frame, m49[code], m49[born])["2020 both"] == persons


def test_an_area_that_was_not_there_has_no_figures_but_zeros_as_origin(made):
    late = pl.read_csv(made.areas).filter(pl.col("since").is_not_null()).row(0, named=True)
    frame = stock(made)
    as_destination = of(frame, late["m49"], 900)
    assert [as_destination[f"{y} both"] for y in (1990, 2005)] == [None, None]
    assert as_destination["2010 both"] > 0
    as_origin = of(frame, 900, late["m49"])
    assert [as_origin[f"{y} both"] for y in (1990, 2005)] == [0, 0]
    assert as_origin["2010 both"] > 0


def test_citizens_are_fewer_than_the_foreign_born(made):
    defects = made.truth.defects().filter(file=made.stocks[2020].name, kind="citizens_only")
    assert defects.height
    assert (defects["published"].cast(pl.Float64) < defects["truth"]).all()


def test_demography_adds_up_to_net_migration(made):
    rows = pl.read_csv(made.demography)
    later = rows.select("LocID", "TPopulation1Jan", Time=pl.col("Time") - 1)
    both = rows.join(later, on=["LocID", "Time"], suffix="_after")
    change = both["TPopulation1Jan_after"] - both["TPopulation1Jan"]
    residual = change - both["Births"] + both["Deaths"] - both["NetMigrations"]
    assert (residual.abs() < 0.005).all()  # thousands, rounded to three decimals
    sexes = rows["TPopulationMale1July"] + rows["TPopulationFemale1July"]
    assert ((sexes - rows["TPopulation1July"]).abs() < 0.002).all()
    assert set(rows["LocTypeName"]) == {"World", "Region", "Country/Area"}


def test_registered_births_are_the_true_ones(made):
    rows = pl.read_csv(made.demography).filter(pl.col("ISO3_code").is_not_null())
    estimated = set(made.truth.defects().filter(kind="estimated_demography")["place"])
    births = pl.read_parquet(made.truth.folder / "births.parquet")
    true = births.group_by("area", pl.col("start").dt.year().alias("Time")).agg(
        births=(pl.col("male") + pl.col("female")).sum() / 1000
    )
    both = rows.join(
        true, left_on=["ISO3_code", "Time"], right_on=["area", "Time"]
    ).filter(~pl.col("ISO3_code").is_in(list(estimated)))  # fmt: skip
    assert both.height >= 36
    assert ((both["Births"] - both["births"]).abs() < 0.001).all()


def test_refugees_have_small_counts_hidden_and_stand_by_their_own_codes(made):
    rows = pl.read_csv(made.refugees, infer_schema_length=None)
    counts = pl.concat([rows["refugees"], rows["asylum_seekers"]])
    assert not counts.is_in([1, 2, 3, 4]).any()
    assert set(rows.filter(pl.col("year") < 2018)["oip"]) == {"-"}
    own = rows.select("coo", "coo_iso").unique()
    assert (own["coo"] != own["coo_iso"]).any()
    home = rows.filter(pl.col("idps") > 0)
    assert (home["coo"] == home["coa"]).all()
    assert (rows.filter(pl.col("year") < 2000)["asylum_seekers"] == 0).all()
    crises = pl.read_csv(made.truth.folder / "crises.csv")["area"]
    returned = rows.filter(pl.col("returned_refugees") > 0)
    assert returned.height > 10
    assert set(returned["coo_iso"]) <= set(crises)
    true = pl.read_parquet(made.truth.folder / "refugees.parquet")
    shown = rows.filter(year=2015)["refugees"].sum()
    assert shown == pytest.approx(true.filter(year=2015)["refugees"].sum(), rel=0.001)


def test_displacement_is_rounded_and_blank_before_it_was_collected(made):
    rows = pl.read_csv(made.displacement, infer_schema_length=None)
    assert rows.filter(pl.col("Year") < 2009)["Conflict Stock Displacement"].is_null().all()
    assert rows.filter(pl.col("Year") < 2019)["Disaster Stock Displacement"].is_null().all()
    pairs = rows.select(
        raw="Disaster Internal Displacements (Raw)", shown="Disaster Internal Displacements"
    ).drop_nulls()
    assert pairs.height > 20
    for raw, shown in pairs.iter_rows():
        step = 1000 if raw > 100_000 else 10 ** max(len(str(raw)) - 2, 0)
        assert shown % step == 0 or raw < 100
        assert abs(shown - raw) <= step / 2
    assert 0 not in set(pairs["raw"])


def test_the_remittance_matrix_has_totals_and_blanks(made):
    rows = sheet(made.remittances, "Bilateral Remittances")
    assert rows[1][0] == "receiving (across) / sending (down)"
    assert rows[1][-1] == rows[-1][0] == "WORLD"
    body = np.array([[cell or 0 for cell in row[1:]] for row in rows[2:]], dtype=float)
    assert body[:-1, :-1].sum(axis=1) == pytest.approx(body[:-1, -1], abs=1e-3)
    assert body[:-1, :-1].sum(axis=0) == pytest.approx(body[-1, :-1], abs=1e-3)
    assert [rows[i + 2][i + 1] for i in range(24)] == [None] * 24
    true = pl.read_parquet(made.truth.folder / "remittances.parquet")["usd_million"].sum()
    assert body[-1, -1] == pytest.approx(true, rel=1e-6)


def test_reported_flows_bear_flags_and_count_less_than_the_truth(made):
    with made.immigration.open(encoding="utf-8") as stream:
        head, *rows = list(csv.reader(stream, delimiter="\t"))
    assert head[0] == r"freq,partner,agedef,age,unit,sex,geo\TIME_PERIOD"
    cells = [cell for row in rows for cell in row[1:]]
    assert all(re.fullmatch(r"\d+ [bep]*|: c?", cell) for cell in cells)
    assert {": ", ": c"} <= set(cells)
    assert {re.sub(r"\d+ ", "", c) for c in cells if c[0].isdigit()} >= {"", "b", "p"}
    moves = pl.read_parquet(made.truth.folder / "moves.parquet").filter(
        pl.col("start").dt.year() == 2023
    )
    true = dict(
        moves.group_by("destination").agg((pl.col("male") + pl.col("female")).sum()).iter_rows()
    )
    for row in rows:
        _, partner, *_, sex, geo = row[0].split(",")
        if (partner, sex) == ("TOTAL", "T"):
            assert int(row[-2].split()[0]) <= true[geo]
    defects = made.truth.defects().filter(file=made.emigration.name, kind="undercount")
    assert defects.height == 8


def test_incidents_add_up_and_lie_on_their_routes(made):
    rows = pl.read_csv(made.incidents, infer_schema_length=None)
    assert rows["Incident ID"].is_unique().all()
    assert rows["Main ID"].n_unique() < rows.height
    wrong = set(made.truth.defects().filter(kind="wrong_total")["place"])
    sums = pl.sum_horizontal("Number of Dead", "Minimum Estimated Number of Missing")
    off = rows.filter(sums != pl.col("Total Number of Dead and Missing"))
    assert wrong
    assert set(off["Incident ID"]) == wrong
    assert rows["Coordinates"].null_count() > 0
    days = rows["Incident Date"].str.extract(r", (.*) - ").str.to_date("%m/%d/%Y")
    assert (days.dt.year() == rows["Incident Year"]).all()
    assert (days.dt.strftime("%a") == rows["Incident Date"].str.head(3)).all()
    true = pl.read_parquet(made.truth.folder / "incidents.parquet")
    listed = true.filter("is_listed")
    assert rows["Total Number of Dead and Missing"].sum() == listed["total"].sum() + len(wrong)
    assert listed["total"].sum() < true["total"].sum()


def test_incidents_at_sea_are_not_on_land(made):
    import json

    import shapely

    features = json.loads(made.outlines.read_text("utf-8"))["features"]
    land = shapely.union_all(
        [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    )
    rows = pl.read_csv(made.incidents, infer_schema_length=None).drop_nulls("Coordinates")
    at_sea = (rows["UNSD Geographical Grouping"] == "Uncategorized").to_numpy()
    assert 0 < at_sea.sum() < rows.height
    pair = rows["Coordinates"].str.split_exact(", ", 1).struct
    latitude, longitude = (pair.field(f"field_{i}").cast(pl.Float64) for i in (0, 1))
    on_land = shapely.contains_xy(land, longitude.to_numpy(), latitude.to_numpy())
    assert (on_land == ~at_sea).mean() > 0.99


def test_a_plain_workbook_keeps_text_numbers_and_gaps(tmp_path):
    path = write_workbook(
        tmp_path / "book.xlsx", {"A & b": [["<a> & 'b'", None, 3], [], [None, " x "]]}
    )
    first, _, last = sheet(path, "A & b")
    assert (first, last[:2]) == (("<a> & 'b'", None, 3), (None, " x "))
    assert pl.read_excel(path, has_header=False).rows()[0][2] == 3


def test_outlines_and_truth_open_with_other_programs(made):
    import duckdb
    import pyogrio

    for path, features in ((made.outlines, 24), (made.lines, None)):
        about = pyogrio.read_info(path)
        assert about["crs"] == "EPSG:4326"
        assert features is None or about["features"] == features
    for path in sorted(made.truth.folder.glob("*.parquet")):
        counted = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()
        assert counted is not None
        assert counted[0] > 0
