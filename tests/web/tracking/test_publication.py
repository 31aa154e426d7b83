"""A round is published through a gate, by two persons, and never changes afterwards."""

from __future__ import annotations

import json

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from waystation.errors import InvalidChoice, NotAllowed
from waystation.tracking.review import Act, plan_of_act
from waystation.web.accounts.models import User
from waystation.web.audit.models import Event
from waystation.web.tracking import findings, gate, jobs, publishing, storage
from waystation.web.tracking.actions import publication, rounds
from waystation.web.tracking.actions import review as review_actions
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.models import Job, Snapshot
from waystation.web.tracking.models.jobs import JobKind, JobState


@pytest.fixture
def amina(as_person):
    return as_person("amina")


@pytest.fixture
def tomas(as_person):
    return as_person("tomas")


def person(name):
    return User.objects.get(username=name)


def publish_page(round_):
    return reverse("tracking:publish", args=[round_.operation.slug, round_.key])


def accept_errors(round_):
    desk = findings.desk_of_round(round_)
    errors = findings.items_only(desk.items.filter(pl.col("severity") == "error"))
    rows = findings.rows_as_received(round_)
    plan = plan_of_act(errors, rows, Act.ACCEPT, reason="Known")
    review_actions.settle_findings(round_, plan, Act.ACCEPT, reason="Known", by=person("amina"))


@pytest.fixture
def ready(exercise):
    """Return the last round with every error accepted."""
    round_ = exercise.rounds.get(number=3)
    accept_errors(round_)
    return round_


def test_open_errors_stand_in_the_way_and_accepted_ones_do_not(exercise, amina):
    round_ = exercise.rounds.get(number=3)
    shown = amina.get(publish_page(round_)).context
    assert [lack["code"] for lack in shown["lacks"]] == ["open_errors"]
    assert [step["state"] for step in shown["steps"]][:3] == ["done", "done", "blocked"]
    assert amina.post(publish_page(round_), {"act": "ask"}).status_code == 422
    assert not round_.requests.exists()
    accept_errors(round_)
    assert amina.get(publish_page(round_)).context["can_ask"]
    assert amina.post(publish_page(round_), {"act": "ask"}).status_code == 302


def test_asking_the_field_about_an_error_leaves_it_open(exercise):
    round_ = exercise.rounds.get(number=3)
    desk = findings.desk_of_round(round_)
    items = findings.items_only(desk.items)
    plan = plan_of_act(items, findings.rows_as_received(round_), Act.ASK, reason="Why?")
    review_actions.settle_findings(round_, plan, Act.ASK, reason="Why?", by=person("amina"))
    assert gate.gate_of_round(round_).lacks == (gate.Lack.OPEN_ERRORS,)


def test_the_page_compares_with_the_round_before_and_says_what_protection_does(amina, ready):
    shown = amina.get(publish_page(ready)).context["compared"]
    stock = shown["headline"][0]["figure"]
    assert shown["previous"] == 2
    assert stock.name == "idp_individuals"
    assert sum(change for _part, change, _n in stock.reasons) == stock.change
    url = reverse("tracking:publish_protection", args=[ready.operation.slug, ready.key])
    figures = amina.get(url).context["figures"]
    assert figures[0]["published"] % 5 == 0
    assert abs(figures[0]["change"]) < 5


def test_one_asks_another_approves_and_the_round_is_published(amina, tomas, ready, exercise):
    page = publish_page(ready)
    amina.post(page, {"act": "ask", "note": "Second count in the north"})
    waiting = tomas.get(page)
    assert "Second count in the north" in waiting.content.decode()
    assert amina.post(page, {"act": "approve", "draft": ready.draft}).status_code == 403
    assert tomas.post(page, {"act": "approve", "draft": "1"}).status_code == 302
    assert b"hx-get" in tomas.get(page).content
    finish_jobs()
    exercise.refresh_from_db()
    ready.refresh_from_db()
    assert ready.state == "published"
    assert edition_of(exercise).frame("totals")["round_number"].max() == 3
    shown = tomas.get(page).context
    assert [step["state"] for step in shown["steps"]] == ["done"] * 6
    assert not shown["can_ask"]


def test_a_draft_that_changed_cannot_be_approved_and_the_page_says_so(amina, tomas, ready):
    page = publish_page(ready)
    amina.post(page, {"act": "ask"})
    row = findings.rows_as_received(ready)["submission_id"][0]
    item = {"id": row, "question": None, "old": None, "new": None, "reason": "x",
            "action": "remove", "by": None, "at": None}  # fmt: skip
    review_actions.import_log(ready, pl.DataFrame([item]), by=person("amina"))
    assert tomas.post(page, {"act": "approve", "draft": "1"}).status_code == 409
    finish_jobs()
    answer = tomas.get(page)
    assert answer.context["gate"].has_changed
    assert b"have changed since" in answer.content
    for draft in ("1", "2", "", "x"):
        assert tomas.post(page, {"act": "approve", "draft": draft}).status_code == 409
    assert not ready.snapshots.exists()


def test_a_second_person_may_decline_with_what_to_do_first(amina, tomas, ready):
    page = publish_page(ready)
    amina.post(page, {"act": "ask"})
    assert tomas.post(page, {"act": "decline", "answer": ""}).status_code == 422
    assert tomas.post(page, {"act": "decline", "answer": "Ask the north"}).status_code == 302
    ready.refresh_from_db()
    assert ready.state == "open"
    assert b"Ask the north" in amina.get(page).content
    assert amina.post(page, {"act": "ask"}).status_code == 302


def test_only_who_asked_may_take_a_request_back(amina, tomas, ready):
    page = publish_page(ready)
    assert amina.post(page, {"act": "withdraw"}).status_code == 404
    amina.post(page, {"act": "ask"})
    assert tomas.post(page, {"act": "withdraw"}).status_code == 403
    assert amina.post(page, {"act": "withdraw"}).status_code == 302
    assert tomas.post(page, {"act": "approve", "draft": "1"}).status_code == 404


@pytest.mark.parametrize(
    "said", [{}, {"act": "nonsense"}, {"act": "ask", "note": "\x00"},
             {"act": "ask", "note": "x" * 501}],
)  # fmt: skip
def test_what_cannot_be_used_shows_the_page_again(amina, ready, said):
    assert amina.post(publish_page(ready), said).status_code == 422
    assert not ready.requests.exists()


def publish(round_):
    round_.refresh_from_db()
    request = publication.request_publication(round_, note="New", by=person("amina"))
    publication.approve_publication(request, by=person("tomas"))
    finish_jobs()
    round_.refresh_from_db()


def correct_a_figure(round_):
    rows = findings.rows_as_received(round_).filter(pl.col("idp_individuals") > 100)
    row = rows.row(0, named=True)
    entry = {"id": row["submission_id"], "question": "idp_individuals",
             "old": f"{row['idp_individuals']:.0f}", "new": "5000", "reason": "Typed wrong",
             "action": "change_value", "by": None, "at": None}  # fmt: skip
    review_actions.import_log(round_, pl.DataFrame([entry]), by=person("amina"))
    finish_jobs()
    round_.refresh_from_db()
    return row["location_id"]


def test_a_new_version_says_which_figures_changed_and_why_and_the_old_one_stays(
    exercise, amina
):
    round_ = exercise.rounds.get(number=2)
    place = correct_a_figure(round_)
    shown = amina.get(publish_page(round_)).context["changed"]
    rows = [entry["row"] for entry in shown["rows"]]
    assert {"location_id": place, "reason": "Typed wrong", "after": 5000.0}.items() <= next(
        row for row in rows if row["indicator"] == "idp_individuals"
    ).items()
    publish(round_)
    first, second = round_.snapshots.order_by("version")
    folder = storage.folder_of_snapshot(second)
    public = pl.read_parquet(folder / "changed.parquet")
    assert second.changed_figures == public.height > 0
    assert "correction" in public["cause"].to_list()
    assert "reason" not in public.columns
    inside = pl.read_parquet(folder / "internal" / "changed.parquet")
    assert "Typed wrong" in inside["reason"].to_list()
    assert storage.folder_of_snapshot(first).is_dir()
    assert publishing.verify_snapshots().altered == ()


def test_a_published_version_cannot_be_changed_or_deleted_by_any_door(exercise):
    snapshot = Snapshot.objects.order_by("pk")[0]
    for act in (snapshot.save, snapshot.delete, Snapshot.objects.all().delete):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed):
        Snapshot.objects.update(version=9)
    with pytest.raises(NotAllowed):
        Snapshot.objects.bulk_create([Snapshot()])
    with pytest.raises(NotAllowed):
        Snapshot.objects.bulk_update([snapshot], ["version"])
    for sql in ("UPDATE tracking_snapshot SET version = 9", "DELETE FROM tracking_snapshot"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Snapshot.objects.filter(version=1).count() == 2


def test_its_files_can_only_be_read(exercise):
    folder = storage.folder_of_snapshot(Snapshot.objects.order_by("pk")[0])
    paths = [folder, *folder.rglob("*")]
    assert all(not path.stat().st_mode & 0o222 for path in paths)


def test_a_byte_that_changed_or_a_folder_that_is_gone_is_found(exercise, capsys):
    call_command("verify_snapshots")
    one, other = Snapshot.objects.order_by("pk")
    path = storage.folder_of_snapshot(one) / "released" / "totals.parquet"
    content = path.read_bytes()
    path.parent.chmod(0o700)
    path.unlink()
    path.write_bytes(content[:-1] + b"x")
    gone = storage.folder_of_snapshot(other)
    gone.parent.chmod(0o700)
    gone.chmod(0o700)
    gone.rename(gone.with_name("elsewhere"))
    assert publishing.verify_snapshots() == publishing.SnapshotCheck(
        2, missing=(other.pk,), altered=(one.pk,)
    )
    with pytest.raises(CommandError, match="2 versions"):
        call_command("verify_snapshots")


@pytest.mark.parametrize("step", ["protected_build", "_changed_figures", "write_whole"])
def test_publishing_that_breaks_off_leaves_nothing_half_visible_and_can_be_done_again(
    ready, exercise, monkeypatch, step
):
    edition = exercise.edition
    request = publication.request_publication(ready, by=person("amina"))
    job = publication.approve_publication(request, by=person("tomas"))

    def breaks(*_args, **_named):
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(publishing, step, breaks)
        with pytest.raises(MemoryError):
            jobs.run_job.func(job.pk)
    exercise.refresh_from_db()
    assert exercise.edition == edition
    assert edition_of(exercise).frame("totals")["round_number"].max() == 2
    Job.objects.filter(pk=job.pk).update(state=JobState.WAITING)
    jobs.run_job.func(job.pk)
    exercise.refresh_from_db()
    assert exercise.edition == edition + 1
    assert ready.snapshots.count() == 1
    assert publishing.verify_snapshots().altered == ()


def test_what_failed_to_be_published_is_published_again_by_a_person(
    ready, exercise, as_person, monkeypatch
):
    request = publication.request_publication(ready, by=person("amina"))

    def breaks(*_args, **_named):
        raise InvalidChoice(value="x", option="y", choices="z")

    page = f"/operations/exercise/rounds/{ready.key}/publish"
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "protected_build", breaks)
        job = publication.approve_publication(request, by=person("tomas"))
        jobs.run_job.func(job.pk)
    amina, leila = as_person("amina"), as_person("leila")
    assert "Publish again" in amina.get(page).content.decode()
    assert "Publish again" not in leila.get(page).content.decode()
    assert leila.post(page, {"act": "again"}).status_code == 403
    assert not ready.snapshots.exists()
    assert amina.post(page, {"act": "again"}).status_code == 302
    finish_jobs()
    assert ready.snapshots.count() == 1
    assert amina.post(page, {"act": "again"}).status_code == 409
    assert ready.snapshots.count() == 1


def test_publishing_done_twice_changes_nothing_more(exercise):
    request = exercise.rounds.get(number=2).requests.get()
    events, edition = Event.objects.count(), exercise.edition
    job = jobs.start_job(exercise, JobKind.PUBLISH, request.pk, by=None)
    jobs.run_job.func(job.pk)
    exercise.refresh_from_db()
    assert (Event.objects.count(), exercise.edition) == (events, edition)


def test_a_version_is_withdrawn_by_one_person_and_the_one_before_holds_again(exercise, amina):
    round_ = exercise.rounds.get(number=2)
    before = edition_of(exercise).frame("totals")
    correct_a_figure(round_)
    publish(round_)
    url = reverse("tracking:snapshot_withdraw", args=[exercise.slug, round_.key, 2])
    assert amina.get(url).context["former"].version == 1
    assert amina.post(url, {"reason": " "}).status_code == 422
    assert amina.post(url, {"reason": "Names a hiding place"}).status_code == 302
    assert b"Withdrawn" in amina.get(publish_page(round_)).content
    finish_jobs()
    exercise.refresh_from_db()
    round_.refresh_from_db()
    assert round_.state == "reopened"
    after = edition_of(exercise).frame("totals")
    assert after.equals(before)
    folders = [p.name for p in edition_of(exercise).folder.parent.glob("[0-9]*")]
    assert folders == [str(exercise.edition)]
    assert amina.post(url, {"reason": "Again"}).status_code == 404
    event = Event.objects.filter(verb="snapshot.withdraw").get()
    assert "hiding" not in json.dumps(event.details)


def test_with_everything_withdrawn_nothing_is_published_and_no_number_comes_again(exercise):
    last = exercise.edition
    for snapshot in Snapshot.objects.select_related("round__operation"):
        publication.withdraw_snapshot(snapshot, reason="Danger", by=person("amina"))
    finish_jobs()
    exercise.refresh_from_db()
    assert exercise.edition == 0
    round_ = exercise.rounds.get(number=1)
    rounds.rebuild_round(round_, by=None)
    finish_jobs()
    publish(round_)
    exercise.refresh_from_db()
    assert exercise.edition > last
    assert round_.snapshots.order_by("version").last().version == 2
