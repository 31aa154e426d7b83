"""An act on all findings that match does exactly what was shown, and can be undone."""

from __future__ import annotations

import polars as pl
import pytest
from django.urls import reverse

from waystation.web.audit.models import Event
from waystation.web.tracking import findings
from waystation.web.tracking.exercise import finish_jobs


@pytest.fixture
def round_(exercise):
    return exercise.rounds.get(number=3)


@pytest.fixture
def amina(as_person):
    return as_person("amina")


def url(round_, query=""):
    path = reverse("tracking:review_bulk", args=[round_.operation.slug, round_.key])
    return f"{path}?{query}"


def undo(round_):
    return reverse("tracking:review_undo", args=[round_.operation.slug, round_.key])


def test_the_preview_shows_how_many_and_the_first_twenty(amina, round_):
    shown = amina.get(url(round_, "act=expected&state=")).context
    assert 0 < shown["count"] <= shown["matching"]
    assert shown["count"] + shown["left"] == shown["matching"]
    assert len(shown["examples"]) == min(20, shown["count"])
    for example in shown["examples"]:
        assert example["item"]["new"] == example["item"]["expected"]
    assert not round_.decisions.exists()


def test_it_does_exactly_what_was_shown_in_one_event(amina, round_):
    shown = amina.get(url(round_, "act=expected&severity=error")).context
    events = Event.objects.count()
    said = {"act": "expected", "token": shown["token"]}
    assert amina.post(url(round_, "severity=error"), said).status_code == 302
    assert round_.decisions.filter(decision="fixed").count() == shown["count"]
    assert round_.corrections.count() == shown["entries"]
    event = Event.objects.order_by("-number")[0]
    assert Event.objects.count() == events + 1
    assert event.details["findings"] == shown["count"]
    assert len(set(round_.corrections.values_list("batch", flat=True))) == 1


def test_what_changed_meanwhile_is_shown_anew_and_not_done(amina, round_):
    shown = amina.get(url(round_, "act=accept")).context
    item = findings.desk_of_round(round_).items.filter(pl.col("severity") == "warning")
    one = reverse("tracking:finding", args=[round_.operation.slug, round_.key, item["key"][0]])
    amina.post(one, {"act": "accept", "reason": "Known."})
    said = {"act": "accept", "reason": "All known.", "token": shown["token"]}
    answer = amina.post(url(round_), said)
    assert answer.status_code == 409
    assert answer.context["count"] == shown["count"] - 1
    assert round_.decisions.count() == 1
    said["token"] = answer.context["token"]
    assert amina.post(url(round_), said).status_code == 302
    assert round_.decisions.filter(is_current=True).count() > 1


def test_another_act_than_the_one_shown_is_not_done(amina, round_):
    shown = amina.get(url(round_, "act=accept")).context
    said = {"act": "set_aside", "reason": "x", "token": shown["token"]}
    assert amina.post(url(round_), said).status_code == 409
    assert not round_.corrections.exists()


@pytest.mark.parametrize("act", ["accept", "ask", "keep"])
def test_words_are_needed(amina, round_, act):
    shown = amina.get(url(round_, f"act={act}")).context
    for reason in ("", "\x00", "x" * 501):
        said = {"act": act, "reason": reason, "token": shown["token"]}
        assert amina.post(url(round_), said).status_code == 422
    assert not round_.decisions.exists()


def test_a_batch_is_undone_as_a_whole_and_what_it_superseded_holds_again(amina, round_):
    accept = amina.get(url(round_, "act=accept&severity=warning")).context
    said = {"act": "accept", "reason": "Known.", "token": accept["token"]}
    amina.post(url(round_, "severity=warning"), said)
    before = set(round_.decisions.filter(is_current=True).values_list("pk", flat=True))
    query = "state=accepted&severity=warning"
    shown = amina.get(url(round_, f"act=set_aside&{query}")).context
    assert shown["states"]
    amina.post(url(round_, query), {"act": "set_aside", "token": shown["token"]})
    batch = round_.corrections.first().batch
    assert amina.post(undo(round_), {"batch": batch}).status_code == 302
    held = set(round_.decisions.filter(is_current=True).values_list("pk", flat=True))
    assert held == before
    assert not round_.corrections.filter(is_current=True).exists()
    assert amina.post(undo(round_), {"batch": batch}).status_code == 404


def test_rows_set_aside_leave_the_figures(amina, round_):
    shown = amina.get(url(round_, "act=set_aside&severity=error")).context
    amina.post(url(round_, "severity=error"), {"act": "set_aside", "token": shown["token"]})
    finish_jobs()
    round_.refresh_from_db()
    desk = findings.desk_of_round(round_)
    assert round_.draft == 2
    assert desk.changes == 0
    aside = set(round_.corrections.values_list("submission_id", flat=True))
    errors = desk.items.filter(pl.col("severity") == "error")
    assert not aside & set(errors["submission_id"])


@pytest.mark.parametrize("query", ["act=nonsense", "act=value", "act=", "act=keep&text=%01"])
def test_no_address_breaks_the_preview(amina, round_, query):
    assert amina.get(url(round_, query)).status_code == 200
