"""The work list: what waits, and for each thing the one thing to do next."""

from __future__ import annotations

import pytest
from tests.web.tracking.sent_files import (
    create_sender,
    create_xland,
    file,
    latest,
    page,
    send,
    survey,
    unclear,
)

from waystation.web.accounts.models import User
from waystation.web.tracking import work
from waystation.web.tracking.actions import publication
from waystation.web.tracking.exercise import SLUG, finish_jobs
from waystation.web.tracking.models import Job
from waystation.web.tracking.models.jobs import JobState


def next_for(round_, **may):
    permitted = {"may_review": True, "may_publish": True} | may
    found = work.work_of(round_.operation, **permitted)
    rows = {row.round.pk: row for row in (*found.rounds, *found.published)}
    return str(rows[round_.pk].next.label)


def test_a_new_operation_says_what_to_do_first(db):
    floods = create_xland()
    shown = create_sender("joseph", floods).get(page("work", "floods"))
    assert "Two steps to the first figures" in shown.content.decode()
    assert "Send in files" in shown.content.decode()


def test_rounds_show_their_open_findings_by_severity(exercise, as_person):
    shown = as_person("amina").get(page("work", SLUG)).context["work"]
    assert [row.round.number for row in shown.rounds] == [3]
    assert [row.round.number for row in shown.published] == [2, 1]
    counted = exercise.rounds.get(number=3).draft_summary["findings"]
    assert shown.rounds[0].open == {name: counted[name] for name in work.SEVERITIES}


def test_a_finding_decided_on_is_not_open_any_more(exercise):
    import polars as pl

    from waystation.web.tracking import storage
    from waystation.web.tracking.models import FindingDecision

    round_ = exercise.rounds.get(number=3)
    before = work.open_findings(round_)
    items = pl.read_parquet(storage.draft_folder(round_) / "review.parquet")
    first = items.row(0, named=True)
    FindingDecision.objects.create(round=round_, key=first["key"], code=first["code"])
    after = work.open_findings(round_)
    alike = items.filter(key=first["key"]).height
    assert before is not None
    assert after is not None
    assert before[first["severity"]] - after[first["severity"]] == alike


def test_each_round_has_one_thing_to_do_next_for_each_person(exercise):
    round_ = exercise.rounds.get(number=3)
    assert next_for(round_) == "Review the findings"
    assert next_for(round_, may_review=False, may_publish=False) == "See the findings"
    amina = User.objects.get(username="amina")
    publication.request_publication(round_, by=amina)
    assert next_for(round_) == "Decide on publication"
    assert next_for(round_, may_publish=False) == "Wait for a second person"
    assert next_for(exercise.rounds.get(number=1)) == "See what is published"


def test_files_that_wait_stand_before_rounds_and_those_that_failed_first(exercise, as_person):
    joseph = as_person("joseph")
    send(joseph, exercise, file("unclear.csv", unclear()), file("bad.csv", b"%PDF-1.7"))
    finish_jobs()
    shown = joseph.get(page("work", SLUG))
    assert [u.name for u in shown.context["work"].waiting] == ["bad.csv", "unclear.csv"]
    text = shown.content.decode()
    assert text.index("See what is wrong") < text.index("Check the mapping")


def test_running_work_is_shown_and_asked_for_again_until_it_is_over(exercise, as_person):
    joseph = as_person("joseph")
    send(joseph, exercise, file("survey.csv", survey()))
    part = {"path": f"{page('work', SLUG)}?part=jobs", "headers": {"HX-Request": "true"}}
    shown = joseph.get(**part)
    assert 'hx-trigger="every 1s"' in shown.content.decode()
    assert "HX-Refresh" not in shown
    job = Job.objects.get(state=JobState.WAITING)
    shown = joseph.get(page("job", SLUG, job.pk), headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in shown.content.decode()
    state = page("upload_state", SLUG, latest().pk)
    assert 'hx-trigger="every 1s"' in joseph.get(
        state, headers={"HX-Request": "true"}
    ).content.decode()  # fmt: skip
    finish_jobs()
    for address in (part["path"], page("job", SLUG, job.pk), state):
        over = joseph.get(address, headers={"HX-Request": "true"})
        assert over["HX-Refresh"] == "true"
        assert "hx-trigger" not in over.content.decode()


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_page_is_drawn_in_every_language(language, exercise, as_person):
    joseph = as_person("joseph")
    send(joseph, exercise, file("unclear.csv", unclear()), round_number=1)
    finish_jobs()
    joseph.cookies["django_language"] = language
    upload = latest()
    for name in ("upload", "upload_mapping", "upload_yaml"):
        assert joseph.get(page(name, SLUG, upload.pk)).status_code == 200
    for name in ("work", "upload_new"):
        shown = joseph.get(page(name, SLUG)).content.decode()
        assert f'lang="{language}"' in shown
