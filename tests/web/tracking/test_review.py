"""Findings are looked at, settled one by one, and the draft follows."""

from __future__ import annotations

import polars as pl
import pytest
from django.urls import reverse

from waystation.web.accounts.models import User
from waystation.web.audit.models import Event
from waystation.web.tracking import findings, row_detail
from waystation.web.tracking.actions import review as actions
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.findings import Chosen
from waystation.web.tracking.models import Job
from waystation.web.tracking.models.jobs import JobKind, JobState


@pytest.fixture
def round_(exercise):
    return exercise.rounds.get(number=3)


@pytest.fixture
def amina(as_person):
    return as_person("amina")


def page(name, round_, *more):
    return reverse(f"tracking:{name}", args=[round_.operation.slug, round_.key, *more])


def desk(round_):
    return findings.desk_of_round(round_)


def first(round_, condition):
    return desk(round_).items.filter(condition).row(0, named=True)


def fixable(round_):
    has_value = pl.col("expected").is_not_null() & pl.col("submission_id").is_not_null()
    return first(round_, has_value & pl.col("column").str.ends_with("_code"))


def test_open_findings_are_shown_errors_first_in_groups_that_say_their_size(amina, round_):
    answer = amina.get(page("review", round_))
    assert answer.status_code == 200
    groups = answer.context["groups"]
    shown = [item.item for group in groups for item in group["shown"]]
    assert len({group["key"] for group in groups}) == len(groups)
    assert shown[0]["severity"] == "error"
    assert {item["state"] for item in shown} == {"open"}
    for group in groups:
        assert len(group["shown"]) <= group["count"]


@pytest.mark.parametrize("group", list(findings.GROUPS))
def test_every_grouping_shows_all_that_match(amina, round_, group):
    answer = amina.get(page("review", round_), {"group": group, "state": ""})
    assert answer.context["count"] == desk(round_).items.height
    shown = sum(len(g["shown"]) for g in answer.context["groups"])
    assert shown == min(findings.PAGE, answer.context["count"])


@pytest.mark.parametrize("facet", list(findings.FACETS))
def test_the_count_beside_a_value_is_what_choosing_it_shows(round_, facet):
    here = desk(round_)
    counts = findings.facet_counts(here, Chosen(severity="warning"))[facet]
    assert counts
    for entry in counts[:5]:
        chosen = Chosen(**({"severity": "warning"} | {facet: entry.value}))
        assert findings.chosen_items(here, chosen).height == entry.count


def test_text_is_found_whatever_its_case_and_markup_is_only_text(amina, round_):
    item = first(round_, pl.col("location_name").is_not_null())
    chosen = Chosen(text=item["location_name"].upper())
    assert item["key"] in findings.chosen_items(desk(round_), chosen)["key"]
    answer = amina.get(page("review", round_), {"text": "<script>alert(1)</script>"})
    assert answer.context["count"] == 0
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=99999999999999", "page=x", "state=nonsense", "group=;--", "text=%01",
     "severity=%F0%9F%92%A9", "code='", "admin1=" + "x" * 5000, "location=-", "enumerator=-"],
)  # fmt: skip
def test_no_address_breaks_the_page(amina, round_, query):
    assert amina.get(f"{page('review', round_)}?{query}").status_code == 200


def test_the_row_is_shown_with_what_is_concerned_and_the_round_before(amina, round_):
    item = first(round_, pl.col("column").str.contains("_individuals"))
    detail = row_detail.row_of_finding(round_, item)
    assert detail is not None
    concerned = {cell.column for cell in detail.cells if cell.is_concerned}
    assert item["column"] in concerned
    assert detail.previous_round == 2
    answer = amina.get(page("finding", round_, item["key"]))
    assert answer.context["detail"]["previous_round"] == 2
    part = amina.get(page("finding", round_, item["key"]), headers={"HX-Request": "true"})
    assert part.content.strip().startswith(b"<article")


def test_a_fix_is_written_into_the_log_and_the_finding_goes_with_the_next_draft(amina, round_):
    item = fixable(round_)
    answer = amina.post(page("finding", round_, item["key"]), {"act": "expected"})
    assert answer.status_code == 302
    entry = round_.corrections.get()
    assert (entry.old, entry.new) == (item["reported"], item["expected"])
    assert entry.finding_code == item["code"]
    assert desk(round_).changes == 1
    assert findings.finding_of_desk(desk(round_), item["key"])["state"] == "fixed"
    assert b"Changes not in the figures yet" in amina.get(page("review", round_)).content
    finish_jobs()
    round_.refresh_from_db()
    assert round_.draft == 2
    assert desk(round_).changes == 0
    assert item["key"] not in desk(round_).items["key"]
    assert "TRK-206" not in desk(round_).items["code"]


def test_one_act_is_one_event_with_codes_and_counts(amina, round_):
    item = fixable(round_)
    before = Event.objects.count()
    amina.post(page("finding", round_, item["key"]), {"act": "expected", "reason": "Secret"})
    event = Event.objects.order_by("-number")[0]
    assert Event.objects.count() == before + 1
    assert event.verb == "finding.settle"
    assert event.details["findings"] == event.details["entries"] == 1
    assert "Secret" not in str(event.details)


def test_several_changes_while_one_build_waits_make_one_job(amina, round_):
    has_cell = pl.col("submission_id").is_not_null()
    for item in desk(round_).items.filter(has_cell).head(3).iter_rows(named=True):
        amina.post(page("finding", round_, item["key"]), {"act": "set_aside"})
    waiting = Job.objects.filter(kind=JobKind.BUILD_DRAFT, state=JobState.WAITING)
    assert waiting.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [({"act": "accept"}, "reason"), ({"act": "ask", "reason": "  "}, "reason"),
     ({"act": "keep"}, "reason"), ({"act": "nonsense"}, "act"), ({}, "act"),
     ({"act": "accept", "reason": "\x00"}, "reason"),
     ({"act": "accept", "reason": "x" * 501}, "reason"),
     ({"act": "value", "new": "x" * 1001}, "new"),
     ({"act": "value", "new": "many"}, "new")],
)  # fmt: skip
def test_what_cannot_be_used_shows_the_form_again_and_changes_nothing(
    amina, round_, said, field
):
    is_cell = (pl.col("severity") == "error") & pl.col("column").str.contains("idp")
    errors = desk(round_).items.filter(is_cell)
    item = errors.row(0, named=True) if errors.height else None
    if item is None:
        pytest.skip("no such error in this exercise")
    answer = amina.post(page("finding", round_, item["key"]), said)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not round_.corrections.exists()
    assert not round_.decisions.exists()


def test_another_decision_supersedes_the_one_before_and_nothing_is_deleted(amina, round_):
    item = first(round_, pl.col("severity") == "warning")
    url = page("finding", round_, item["key"])
    amina.post(url, {"act": "ask", "reason": "How many were there?"})
    amina.post(url, {"act": "accept", "reason": "Confirmed by phone."})
    assert [d.decision for d in round_.decisions.filter(is_current=True)] == ["accepted"]
    former = round_.decisions.get(is_current=False)
    assert (former.decision, former.ended_by.username) == ("asked", "amina")
    amina.post(url, {"act": "reopen"})
    assert not round_.decisions.filter(is_current=True).exists()
    assert round_.decisions.count() == 2
    assert findings.finding_of_desk(desk(round_), item["key"])["state"] == "open"


def test_undoing_an_entry_lets_the_one_before_hold_again(round_, amina):
    item = fixable(round_)
    url = page("finding", round_, item["key"])
    amina.post(url, {"act": "expected"})
    amina.post(url, {"act": "value", "new": "XW01"})
    newest = round_.corrections.get(is_current=True)
    assert newest.new == "XW01"
    assert newest.old == item["reported"]
    amina.post(page("review_undo", round_), {"entry": newest.pk, "from": "log"})
    assert round_.corrections.get(is_current=True).new == item["expected"]
    assert round_.corrections.count() == 2


def test_a_finding_that_is_still_found_after_its_fix_stands_open_again(amina, round_):
    item = fixable(round_)
    url = page("finding", round_, item["key"])
    amina.post(url, {"act": "value", "new": "XW9999"})
    finish_jobs()
    round_.refresh_from_db()
    codes = desk(round_).items.filter(pl.col("submission_id") == item["submission_id"])
    assert (codes["state"] == "open").all()
    assert desk(round_).open_errors() > 0


def test_a_correction_opens_a_published_round_again(exercise, amina):
    published = exercise.rounds.get(number=2)
    item = first(published, pl.col("submission_id").is_not_null())
    amina.post(page("finding", published, item["key"]), {"act": "set_aside"})
    published.refresh_from_db()
    assert published.state == "reopened"


def test_progress_is_told_until_the_new_draft_is_there(amina, round_):
    url = page("review_progress", round_)
    assert b"hx-get" not in amina.get(url, {"draft": "1"}).content
    amina.post(page("finding", round_, fixable(round_)["key"]), {"act": "expected"})
    assert b"hx-get" in amina.get(url, {"draft": "1"}).content
    finish_jobs()
    told = amina.get(url, {"draft": "1"}).content
    assert b"hx-get" not in told
    assert b"up to date" in told


def test_rebuilding_by_hand_asks_for_one_build(amina, round_):
    amina.post(page("review_rebuild", round_))
    assert Job.objects.filter(state=JobState.WAITING, object_id=round_.pk).count() == 1


def test_questions_are_listed_for_each_enumerator_without_names_of_people(amina, round_):
    item = first(round_, pl.col("enumerator").is_not_null())
    amina.post(page("finding", round_, item["key"]), {"act": "ask", "reason": "=How many?"})
    answer = amina.get(page("questions", round_))
    assert [group["key"] for group in answer.context["groups"]] == [item["enumerator"]]
    text = amina.get(page("questions_file", round_)).content.decode("utf-8-sig")
    assert item["enumerator"] in text
    assert "'=How many?" in text
    assert "Amina" not in text
    amina.post(page("finding", round_, item["key"]), {"act": "accept", "reason": "Twelve."})
    assert amina.get(page("questions", round_)).context["count"] == 0


def test_nothing_can_be_undone_that_is_not_there(amina, round_):
    url = page("review_undo", round_)
    for said in ({"batch": "x"}, {"batch": ""}, {"entry": "99999999"}, {"batch": "\x00"}):
        assert amina.post(url, said).status_code == 404


def test_checks_have_the_words_of_the_catalogue():
    from waystation.tracking.checks import CHECKS
    from waystation.web.tracking.views.check_words import ACTIONS, TITLES

    assert {code: str(title) for code, title in TITLES.items()} == {
        check.code: check.title for check in CHECKS.values()
    }
    assert {code: str(action) for code, action in ACTIONS.items()} == {
        check.code: check.action for check in CHECKS.values()
    }


def test_only_the_round_itself_is_touched(round_):
    amina = User.objects.get(username="amina")
    from waystation.errors import NotFound

    with pytest.raises(NotFound):
        actions.reopen_finding(round_, "none", by=amina)
