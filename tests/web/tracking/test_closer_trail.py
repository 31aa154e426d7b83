"""Where a number comes from, and what was published: to everyone, and to those inside."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import quote

import polars as pl
import pytest
from django.test import Client
from django.utils import timezone
from tests.web.tracking.closer import (
    BASE,
    ROUND_1,
    ROUND_2,
    STOCK,
    content_of,
    correct_the_largest,
    frames,
)

from waystation.web.audit.models import Event
from waystation.web.audit.queries import verify_chain
from waystation.web.tracking import storage
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import Snapshot, Upload


def where(client, place, round_key=ROUND_2, indicator=STOCK, **more):
    query = {"place": place, "indicator": indicator, "round": round_key, **more}
    return client.get(f"{BASE}/where", query)


def text_of(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_the_sum_that_makes_a_units_figure_adds_up(exercise, level):
    totals = frames(exercise)["totals"].filter(
        pl.col("indicator") == STOCK, pl.col("round_number") == 2,
        pl.col("admin_level") == level, pl.col("value") > 0, pl.col("code").is_not_null(),
    )  # fmt: skip
    row = totals.row(0, named=True)
    context = where(Client(), row["code"]).context
    assert context["row"]["value"] == row["value"] == context["sums"]["sum"]
    assert sum(part["value"] or 0 for part in context["sums"]["rows"]) == row["value"]
    assert all(part["trail"] for part in context["sums"]["rows"] if part["code"])


def test_a_corrected_figure_adds_up_from_its_submissions_by_hand(exercise, as_person):
    sent = correct_the_largest(exercise, new=1000)
    answer = where(as_person("amina"), sent["location_key"])
    context, text = answer.context, text_of(answer)
    (line,) = [row for row in context["inside_rows"] if row["is_changed"]]
    assert (line["raw"], line["corrected"]) == (sent[STOCK], 1000)
    counted = [row["corrected"] for row in context["inside_rows"] if row["is_counted"]]
    assert context["trace"].value == sum(counted) == context["counted"]
    assert context["row"]["status"] == "corrected"
    assert abs(context["row"]["value"] - context["trace"].value) < exercise.disclosure_base
    for said in ("A digit too many, said the field", "amina", sent["file"], sent["enumerator"]):
        assert said in text
    assert "One site had a digit too many" in text


def test_an_older_version_still_tells_what_it_published(exercise):
    code = frames(exercise)["units"].filter(pl.col("level") == 0)["code"][0]
    before = where(Client(), code).context["row"]["value"]
    correct_the_largest(exercise)
    assert where(Client(), code).context["row"]["value"] < before
    old = where(Client(), code, version=1)
    assert old.context["row"]["value"] == before
    assert "This is an older version" in text_of(old)


def test_what_is_inside_is_shown_to_those_who_work_on_the_operation_only(exercise, as_person):
    sent = correct_the_largest(exercise)
    secrets = [upload.name for upload in Upload.objects.all()]
    secrets += [sent["enumerator"], "A digit too many", "ENUM-", "amina", "Amina", "tomas"]
    pages = [
        f"{BASE}/where?place={quote(sent['location_key'])}&indicator={STOCK}&round={ROUND_2}",
        f"{BASE}/place/{quote(sent['location_key'])}", f"{BASE}/releases",
        f"{BASE}/releases/{ROUND_2}/2", f"{BASE}/table", f"{BASE}/compare", f"{BASE}/flows",
    ]  # fmt: skip
    for client in (Client(), as_person("mei"), as_person("admin")):
        for page in pages:
            whole = content_of(client.get(page)).decode()
            assert not [secret for secret in secrets if secret in whole], page
    for name in ("amina", "tomas", "joseph", "leila"):
        assert sent["file"] in content_of(as_person(name).get(pages[0])).decode()


def test_a_look_inside_is_told_to_the_audit_and_a_look_from_outside_is_not(exercise, as_person):
    where(Client(), "XW01")
    assert not Event.objects.filter(verb="figure.trace").exists()
    where(as_person("leila"), "XW01")
    event = Event.objects.get(verb="figure.trace")
    assert str(event.actor) == "leila"
    assert "XW01" not in str(event.details)
    assert verify_chain().broken == ()


def test_the_figures_of_a_units_locations_are_told_before_and_after_protection(
    exercise, as_person
):
    context = where(as_person("joseph"), "XW01").context
    inside = [part["inside"] for part in context["inside_parts"]]
    assert sum(value or 0 for value in inside) == context["trace"].value
    published = [part["published"] or 0 for part in context["inside_parts"]]
    assert sum(published) == context["row"]["value"]


def carry_forward(operation):
    """Carry a figure that round 2 lacks forward from round 1, in all that was published."""
    cells = frames(operation)["matrix"].filter(pl.col("indicator") == STOCK)
    second = cells.filter(pl.col("round_number") == 2)
    gone = cells.join(second, on="location_id", how="anti").filter(pl.col("value") > 0)
    day = second["reference_date"][0]
    carried = gone.head(1).with_columns(
        round_number=pl.lit(2, pl.Int64), reference_date=pl.lit(day),
        status=pl.lit("carried_forward").cast(cells.schema["status"]),
    )  # fmt: skip
    snapshot = storage.folder_of_snapshot(Snapshot.objects.get(round__number=2))
    for folder in (snapshot / "internal", snapshot / "released", edition_of(operation).folder):
        path = folder / "matrix.parquet"
        whole = pl.concat([pl.read_parquet(path), carried.select(second.columns)])
        path.unlink()  # the file is a link to that of other tests
        whole.write_parquet(path)
    return carried["location_id"][0]


def test_a_figure_carried_forward_leads_to_the_round_it_was_observed_in(exercise, as_person):
    place = carry_forward(exercise)
    client = as_person("amina")
    context = where(client, place).context
    assert context["trace"].observed_in.round.number == 1
    assert context["inside_rows"]
    assert abs(context["counted"] - context["row"]["value"]) < exercise.disclosure_base
    assert "Carried forward from round 1" in text_of(where(client, place))
    html = client.get(f"{BASE}/place/{quote(place)}").content.decode()
    assert 'class="n is-carried_forward"' in html
    assert "carried forward" in html


def test_everyone_is_told_the_round_the_version_the_rule_and_the_checks(exercise):
    answer = where(Client(), "XW01")
    text = text_of(answer)
    for said in ("version 1", "rounded to multiples of 5", "Checks run on the round"):
        assert said in text
    findings = pl.read_parquet(
        storage.folder_of_snapshot(Snapshot.objects.get(round__number=2))
        / "internal" / "findings.parquet"
    )  # fmt: skip
    assert sum(check["n"] for check in answer.context["checks"]) == findings.height


def test_the_trail_comes_as_a_part_of_a_page_where_a_page_asks(exercise):
    part = Client().get(
        f"{BASE}/where?place=XW01&indicator={STOCK}&round={ROUND_2}",
        headers={"HX-Request": "true"},
    )
    assert b"<html" not in part.content
    assert b"Where this number comes from" in part.content
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 200),
        ({"place": "XW01"}, 422),
        ({"place": "nowhere"}, 404),
        ({"place": "' OR 1=1 --"}, 404),
        ({"place": "\0"}, 422),
        ({"place": "x" * 5000}, 422),
        ({"round": "foo"}, 404),
        ({"round": "baseline_location-999999999999"}, 404),
        ({"round": "baseline_location-3"}, 404),  # not published
        ({"round": f"{ROUND_2}.1999-01-01"}, 404),
        ({"round": f"{ROUND_2}.<b>"}, 404),
        ({"version": "9"}, 404),
        ({"version": "foo"}, 422),
        ({"version": "9" * 40}, 422),
        ({"indicator": "nothing"}, 404),
        ({"indicator": "idp_individuals__sex__other"}, 404),
    ],
)
def test_a_figure_that_is_none_is_refused_plainly(exercise, query, status):
    asked = {"place": "XW01", "indicator": STOCK, "round": ROUND_2}
    asked = {} if not query else query if query == {"place": "XW01"} else asked | query
    assert Client().get(f"{BASE}/where", asked).status_code == status


def test_all_versions_are_listed_with_what_they_changed_and_roles_for_names(exercise):
    correct_the_largest(exercise)
    text = text_of(Client().get(f"{BASE}/releases"))
    assert "replaced" in text
    assert "Information officer" in text
    assert "One site had a digit too many" in text


def test_names_are_shown_to_those_who_work_on_the_operation(exercise, as_person):
    text = text_of(as_person("leila").get(f"{BASE}/releases"))
    assert "Amina Diallo" in text
    assert "Tomás Rivera" in text


def test_a_release_says_its_hash_its_figures_and_what_changed(exercise):
    sent = correct_the_largest(exercise, new=1000)
    snapshot = Snapshot.objects.get(round__number=2, version=2)
    answer = Client().get(f"{BASE}/releases/{ROUND_2}/2")
    assert snapshot.sha256 in answer.content.decode()
    figures = {row["label"]: row["value"] for row in answer.context["figures"]}
    assert snapshot.figures[STOCK] in figures.values()
    rows = answer.context["changed"]["rows"]
    own = [r for r in rows if r["location_id"] == sent["location_key"]]
    stock = next(r for r in own if r["indicator"] == STOCK)
    assert abs(stock["before"] - sent[STOCK]) < 5
    assert stock["after"] == 1000
    old = Client().get(f"{BASE}/releases/{ROUND_2}/1")
    assert "Replaced by version 2" in text_of(old)


@pytest.mark.parametrize("what", ["foo/1", f"{ROUND_1}/2", f"{ROUND_1}/0", "%01/1", "x-9/1"])
def test_a_release_that_is_none_is_not_found(exercise, what):
    assert Client().get(f"{BASE}/releases/{what}").status_code == 404


def withdraw_version_1_of_round_2(monkeypatch):
    """Let a version be taken back, as the record of it says."""

    def withdrawal(snapshot):
        if (snapshot.round.number, snapshot.version) != (2, 1):
            raise AttributeError
        return SimpleNamespace(reason="Names of people were in it", at=timezone.now())

    monkeypatch.setattr(Snapshot, "withdrawal", property(withdrawal), raising=False)


def test_a_version_that_was_taken_back_says_so_and_shows_no_figures_outside(
    exercise, as_person, monkeypatch
):
    correct_the_largest(exercise)
    withdraw_version_1_of_round_2(monkeypatch)
    page = f"{BASE}/releases/{ROUND_2}/1"
    outside = Client().get(page)
    assert "This version was withdrawn" in text_of(outside)
    assert not outside.context["figures"]
    assert not outside.context["files"]
    assert Client().get(f"{BASE}/download/csv?round={ROUND_2}&version=1").status_code == 404
    assert where(Client(), "XW01", version=1).status_code == 404
    assert as_person("leila").get(page).context["figures"]
    assert "withdrawn" in text_of(Client().get(f"{BASE}/releases"))
    assert f"{ROUND_2}.v1" not in Client().get(f"{BASE}/compare").content.decode()
