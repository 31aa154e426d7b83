"""From files that offices send to the published whole, through the doors that pages use."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from waystation.errors import InvalidChoice, NotAllowed
from waystation.tracking.build_folder import read_build
from waystation.web.accounts.models import User
from waystation.web.audit.models import Event
from waystation.web.audit.queries import verify_chain
from waystation.web.tracking import queries, storage
from waystation.web.tracking.actions import publication, rounds, uploads
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.mappings import mapping_of
from waystation.web.tracking.models import Job, Upload
from waystation.web.tracking.models.jobs import JobState

STOCK = "idp_individuals"


def test_rounds_are_published_but_the_last(exercise):
    states = dict(exercise.rounds.order_by("number").values_list("number", "state"))
    assert states == {1: "published", 2: "published", 3: "open"}
    assert not Job.objects.exclude(state=JobState.DONE).exists()
    assert verify_chain().broken == ()


def test_the_whole_holds_every_published_round_and_stocks_agree_at_all_levels(exercise):
    totals = edition_of(exercise).frame("totals").filter(pl.col("indicator") == STOCK)
    by_level = totals.group_by("round_number", "admin_level").agg(pl.col("value").sum())
    figures = by_level.pivot("admin_level", index="round_number", values="value")
    assert sorted(figures["round_number"]) == [1, 2]
    for row in figures.iter_rows(named=True):
        assert row["0"] == row["1"] == row["2"] > 0


def test_the_whole_has_nothing_of_submissions(exercise):
    edition = edition_of(exercise)
    assert edition.build().submissions.is_empty()
    whole = b"".join(p.read_bytes() for p in edition.folder.rglob("*") if p.is_file())
    for upload in Upload.objects.all():
        assert upload.name.encode() not in whole


def test_the_same_file_twice_changes_nothing(exercise):
    upload = exercise.uploads.first()
    events, jobs = Event.objects.count(), Job.objects.count()
    content = storage.upload_path(upload).read_bytes()
    again, is_new = uploads.receive_upload(exercise, "other.csv", [content], by=None)
    assert (again, is_new) == (upload, False)
    assert (Event.objects.count(), Job.objects.count()) == (events, jobs)


def test_a_file_of_the_same_name_replaces_the_one_before_and_opens_its_round(exercise):
    amina = User.objects.get(username="amina")
    former = exercise.uploads.filter(rounds__number=1, name__endswith=".csv").first()
    content = storage.upload_path(former).read_bytes().replace(b"\n", b"\r\n")
    newer, is_new = uploads.receive_upload(exercise, former.name, [content], by=amina)
    assert is_new
    finish_jobs()
    newer.refresh_from_db()
    uploads.confirm_mapping(newer, mapping_of(newer), by=amina)
    finish_jobs()
    former.refresh_from_db()
    round_ = exercise.rounds.get(number=1)
    assert (former.state, round_.state, round_.draft) == ("replaced", "reopened", 2)
    assert newer in queries.uploads_of_round(round_)
    assert former not in queries.uploads_of_round(round_)


def test_what_a_round_did_not_assess_again_is_carried_forward_where_asked_for(exercise):
    round_ = exercise.rounds.get(number=3)
    without = read_build(storage.draft_folder(round_)).matrix
    exercise.carry_forward_days = 400
    exercise.save(update_fields=["carry_forward_days"])
    rounds.rebuild_round(round_, by=None)
    finish_jobs()
    round_.refresh_from_db()
    matrix = read_build(storage.draft_folder(round_)).matrix
    carried = matrix.filter(pl.col("status").cast(pl.String) == "carried_forward")
    key = ["location_id", "indicator"]
    assert_frame_equal(matrix.join(carried, on=key, how="anti").sort(key), without.sort(key))
    history = queries.history_of_round(round_)
    assert history is not None
    told = carried.join(
        history.matrix, left_on=[*key, "observed_on"], right_on=[*key, "reference_date"]
    )
    assert carried.height > 0
    assert told.height == carried.height
    assert (told["value"] == told["value_right"]).all()


def test_publication_takes_two(exercise):
    amina, tomas = (User.objects.get(username=n) for n in ("amina", "tomas"))
    round_ = exercise.rounds.get(number=3)
    request = publication.request_publication(round_, by=amina)
    with pytest.raises(NotAllowed):
        publication.approve_publication(request, by=amina)
    publication.approve_publication(request, by=tomas)
    with pytest.raises(InvalidChoice):
        publication.approve_publication(request, by=tomas)
    before = exercise.edition
    finish_jobs()
    exercise.refresh_from_db()
    snapshot = round_.snapshots.get()
    assert (snapshot.version, exercise.edition) == (1, before + 1)
    assert storage.hash_of_folder(storage.folder_of_snapshot(snapshot)) == snapshot.sha256


def test_the_same_inputs_need_no_new_draft(exercise):
    round_ = exercise.rounds.get(number=3)
    rounds.rebuild_round(round_, by=None)
    finish_jobs()
    round_.refresh_from_db()
    assert round_.draft == 1
