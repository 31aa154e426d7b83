"""The mapping of a file, corrected by a person: column by column, as text, and remembered."""

from __future__ import annotations

import pytest
from django.utils import translation
from tests.web.tracking.sent_files import (
    HOUSEHOLDS,
    PEOPLE,
    confirm,
    create_sender,
    create_xland,
    file,
    latest,
    page,
    send,
    survey,
    unclear,
    workbook,
)

from waystation.web.tracking import fields, readings
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.mappings import mapping_of_text
from waystation.web.tracking.models import Job
from waystation.web.tracking.models.jobs import JobState


@pytest.fixture
def floods(db):
    return create_xland()


@pytest.fixture
def sender(floods):
    return create_sender("joseph", floods)


@pytest.fixture
def waiting(sender, floods):
    """Return a file whose headings do not say whom it counts."""
    send(sender, floods, file("unclear.csv", unclear()), round_number=1)
    finish_jobs()
    return latest()


def editor(upload) -> str:
    return page("upload_mapping", upload.operation.slug, upload.pk)


def said(client, upload, **changes):
    """Return what the form holds, with changes."""
    form = client.get(editor(upload)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if v is None else v for name, v in values.items()} | changes


def taken_in(client, upload):
    client.post(editor(upload), {"act": "take_in"})
    upload.refresh_from_db()


COLUMNS = {"c3": "idp_households", "c4": "idp_individuals"}


def test_a_file_that_was_not_understood_is_read_after_a_person_chose(sender, floods, waiting):
    shown = sender.get(page("upload", floods.slug, waiting.pk)).content.decode()
    assert "No sheet is read. Take one in." in shown
    taken_in(sender, waiting)
    sender.post(editor(waiting), said(sender, waiting, **COLUMNS))
    waiting.refresh_from_db()
    preview = sender.get(page("upload", floods.slug, waiting.pk)).context["preview"]
    assert preview["sums"] == {"idp_individuals": PEOPLE, "idp_households": HOUSEHOLDS}
    assert waiting.state == "to_confirm", "nothing is read before somebody confirms it"
    confirm(sender, waiting, round_number=1)
    finish_jobs()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.edited) == ("read", "")


def test_columns_are_chosen_in_words_of_the_reader(sender, waiting):
    taken_in(sender, waiting)
    with translation.override("fr"):
        words = fields.text_of_fields(["idp_individuals"])
    assert words != fields.text_of_fields(["idp_individuals"])
    sender.cookies["django_language"] = "fr"
    answer = sender.post(editor(waiting), said(sender, waiting, c4=words))
    assert answer.status_code == 302
    waiting.refresh_from_db()
    columns = mapping_of_text(waiting.edited).sheets[0].columns
    assert columns[4].fields == ("idp_individuals",)


def test_a_column_can_count_in_two_figures(sender, waiting):
    taken_in(sender, waiting)
    words = fields.text_of_fields(["idp_previously_abroad_individuals", "idp_individuals"])
    assert " + " in words
    sender.post(editor(waiting), said(sender, waiting, c4=words))
    waiting.refresh_from_db()
    found = mapping_of_text(waiting.edited).sheets[0].columns[4].fields
    assert found == ("idp_previously_abroad_individuals", "idp_individuals")


def test_a_corrected_mapping_is_offered_for_the_next_file_alike(sender, floods, waiting):
    taken_in(sender, waiting)
    sender.post(editor(waiting), said(sender, waiting, **COLUMNS))
    waiting.refresh_from_db()
    confirm(sender, waiting, round_number=1)
    finish_jobs()
    send(sender, floods, file("next round.csv", unclear("another note")), round_number=2)
    finish_jobs()
    newer = latest()
    assert (newer.state, newer.certainty) == ("to_confirm", 1.0)
    shown = sender.get(editor(newer)).content.decode()
    assert "As confirmed for unclear.csv" in shown
    confirm(sender, newer, round_number=2)
    finish_jobs()
    assert set(floods.rounds.values_list("number", flat=True)) == {1, 2}


def test_what_another_operation_confirmed_is_not_offered(sender, floods, waiting):
    from waystation.web.tracking.actions.operations import create_operation
    from waystation.web.tracking.actions.uploads import receive_upload

    taken_in(sender, waiting)
    sender.post(editor(waiting), said(sender, waiting, **COLUMNS))
    waiting.refresh_from_db()
    confirm(sender, waiting, round_number=1)
    finish_jobs()
    other = create_operation("Storms", "XWS", slug="storms", by=None)
    receive_upload(other, "same.csv", [unclear("n")], by=None)
    finish_jobs()
    assert latest().certainty == 0.0


def test_changes_can_be_undone(sender, waiting):
    proposed = waiting.mapping
    taken_in(sender, waiting)
    assert waiting.edited
    sender.post(editor(waiting), {"act": "reset"})
    waiting.refresh_from_db()
    assert (waiting.edited, waiting.mapping) == ("", proposed)


def test_sheets_are_left_out_and_taken_in(sender, floods):
    heads = ["Region", "District", "Site", "IDP individuals"]
    rows = [[f"R{n % 2}", f"D{n}", f"Site {n}", (n + 1) * 5] for n in range(20)]
    content = workbook(("Data", [heads, *rows]), ("Notes", [["Read me"], ["Nothing"]]))
    send(sender, floods, file("book.xlsx", content), round_number=1)
    finish_jobs()
    upload = latest()
    shown = sender.get(editor(upload))
    assert [s.name for s in shown.context["sheets"]] == ["Data", "Notes"]
    assert sender.get(f"{editor(upload)}?sheet=1").status_code == 200
    sender.post(f"{editor(upload)}?sheet=0", {"act": "leave_out"})
    upload.refresh_from_db()
    assert mapping_of_text(upload.edited).sheets == ()
    assert confirm(sender, upload, round_number=1).status_code == 422
    sender.post(f"{editor(upload)}?sheet=0", {"act": "take_in"})
    upload.refresh_from_db()
    assert len(mapping_of_text(readings.text_of(upload)).sheets) == 1
    assert sender.post(f"{editor(upload)}?sheet=1", {"act": "take_in"}).status_code == 404


@pytest.mark.parametrize(
    "nonsense",
    [{"c4": "<script>alert(1)</script>"}, {"c4": "idp_individuals'; DROP TABLE"},
     {"c4": "\x00"}, {"c4": "x" * 100_000}, {"c99": "idp_individuals"}, {"c99999": "country"},
     {"c4": "submission_id"}, {"c4": "is_counted"}, {"first_row": "0"}, {"first_row": "\x00"},
     {"first_row": "9" * 60}, {"first_row": ""}, {"last_row": "1"}, {"country": "xws"},
     {"country": "XW\x00"}, {"component": "no such"}, {"reference_date": "yesterday"},
     {"round_number": "-5"}],
)  # fmt: skip
def test_nonsense_is_refused_with_the_form_and_changes_nothing(nonsense, sender, waiting):
    taken_in(sender, waiting)
    before = waiting.edited
    answer = sender.post(editor(waiting), said(sender, waiting, **nonsense))
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.edited == before


@pytest.mark.parametrize("sheet", ["9", "-1", "x", "٣", "9" * 40, "\x01"])
def test_a_sheet_that_is_not_there_is_not_found(sheet, sender, waiting):
    assert sender.get(editor(waiting), {"sheet": sheet}).status_code == 404


@pytest.mark.parametrize(
    "query", [{"page": "x"}, {"page": "9" * 30}, {"q": "\x01"}, {"show": "<"}]
)
def test_strange_filters_show_the_page(query, sender, waiting):
    assert sender.get(editor(waiting), query).status_code == 200


def test_words_that_are_nearly_a_meaning_are_answered_with_it(sender, waiting):
    taken_in(sender, waiting)
    answer = sender.post(editor(waiting), said(sender, waiting, c4="Figure: Returnes"))
    assert "Did you mean “Figure: Returnees”?" in answer.content.decode()


def test_experts_edit_the_mapping_as_text(sender, floods, waiting):
    address = page("upload_yaml", floods.slug, waiting.pk)
    taken_in(sender, waiting)
    text = sender.get(address).context["form"]["mapping"].value()
    assert mapping_of_text(text) == mapping_of_text(waiting.edited)
    changed = text.replace(
        "heading: Personnes, ", "heading: Personnes, field: idp_individuals, "
    )
    assert changed != text
    assert sender.post(address, {"mapping": changed}).status_code == 302
    waiting.refresh_from_db()
    columns = mapping_of_text(waiting.edited).sheets[0].columns
    assert columns[4].fields == ("idp_individuals",)


@pytest.mark.parametrize(
    "text",
    ["", "files: [", "files: []", "just words", "files:\n- file: 1", "\x00",
     "files:\n- file: a\n  sheets:\n  - sheet: A\n    first_row: 1\n    columns:\n"
     "      A: {field: no_such}", "[" * 5000, "x" * 1_500_000, "a: &a [*a]",
     "files:\n- file: a\n  sheets: 5", "!!python/object/apply:os.system [ls]"],
)  # fmt: skip
def test_text_that_is_no_mapping_is_refused_with_a_sentence(text, sender, floods, waiting):
    answer = sender.post(page("upload_yaml", floods.slug, waiting.pk), {"mapping": text})
    assert answer.status_code == 422
    waiting.refresh_from_db()
    assert waiting.edited == ""


def test_a_mapping_of_many_columns_is_shown_in_pages(sender, floods):
    names = [f"Question {n}" for n in range(300)]
    rows = [",".join(["Region,Site,IDP individuals", *names])]
    rows += [",".join([f"R{n % 2},S{n},{n + 1}", *["1"] * 300]) for n in range(20)]
    send(sender, floods, file("wide.csv", "\n".join(rows).encode()), round_number=1)
    finish_jobs()
    upload = latest()
    answer = sender.get(editor(upload))
    assert len(answer.context["rows"]) == 60
    assert len(answer.content) < 300_000
    found = sender.get(editor(upload), {"q": "question 299"}).context["rows"]
    assert [column.mapping.heading for column, _ in found] == ["Question 299"]
    used = sender.get(editor(upload), {"show": "used"}).context["rows"]
    assert 3 <= len(used) < 10


def test_a_large_file_is_previewed_in_the_background(sender, floods, monkeypatch):
    monkeypatch.setattr("waystation.web.tracking.readings.TEXT_AT_ONCE", 10)
    send(sender, floods, file("survey.csv", survey()), round_number=1)
    finish_jobs()
    upload = latest()
    page_of_it = page("upload", floods.slug, upload.pk)
    assert sender.get(page_of_it).context["preview"]["sums"]["idp_individuals"] == PEOPLE
    sender.post(editor(upload), said(sender, upload, c5="returnee_individuals"))
    assert Job.objects.filter(kind="preview_upload", state=JobState.WAITING).count() == 1
    answer = sender.get(page_of_it)
    assert answer.context["preview"] is None
    assert 'hx-trigger="every 1s"' in answer.content.decode()
    finish_jobs()
    address = page("upload_preview", floods.slug, upload.pk)
    part = sender.get(address, headers={"HX-Request": "true"})
    assert part.context["preview"]["sums"]["returnee_individuals"] == PEOPLE
    assert "hx-trigger" not in part.content.decode()
