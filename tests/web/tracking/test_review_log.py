"""The cleaning log is read, taken along, taken in and undone."""

from __future__ import annotations

import io

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from waystation.web.tracking import cleaning_log, findings
from waystation.web.tracking.exercise import finish_jobs


@pytest.fixture
def round_(exercise):
    return exercise.rounds.get(number=3)


@pytest.fixture
def amina(as_person):
    return as_person("amina")


def page(name, round_, *more):
    return reverse(f"tracking:{name}", args=[round_.operation.slug, round_.key, *more])


def a_row(round_):
    rows = findings.rows_as_received(round_)
    return rows.filter(pl.col("idp_individuals") > 0).row(0, named=True)


def a_log(row, **changed):
    entry = {
        "uuid": row["submission_id"], "question": "idp_individuals",
        "old_value": f"{row['idp_individuals']:.0f}", "new_value": "77", "issue": "By phone",
    } | changed  # fmt: skip
    buffer = io.BytesIO()
    pl.DataFrame([entry]).write_csv(buffer)
    return SimpleUploadedFile("log.csv", buffer.getvalue(), content_type="text/csv")


def take_in(client, round_, file):
    return client.post(page("cleaning_log_import", round_), {"file": file})


def test_a_log_made_elsewhere_is_shown_first_and_then_written(amina, round_):
    row = a_row(round_)
    shown = take_in(amina, round_, a_log(row))
    assert (shown.context["usable"], shown.context["refused"]) == (1, 0)
    assert not round_.corrections.exists()
    kept = shown.context["kept"]
    said = {"sha256": kept.sha256, "name": kept.name}
    assert amina.post(page("cleaning_log_import", round_), said).status_code == 302
    entry = round_.corrections.get()
    assert (entry.new, entry.reason, entry.by.username) == ("77", "By phone", "amina")
    finish_jobs()
    round_.refresh_from_db()
    assert findings.desk_of_round(round_).changes == 0


@pytest.mark.parametrize(
    "changed",
    [{"uuid": "nobody"}, {"question": "nothing"}, {"question": "submission_id"},
     {"old_value": "123456"}, {"new_value": "many"}],
)  # fmt: skip
def test_entries_that_cannot_be_applied_are_left_out_and_shown(amina, round_, changed):
    shown = take_in(amina, round_, a_log(a_row(round_), **changed))
    assert (shown.context["usable"], shown.context["refused"]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [("log.exe", b"MZ"), ("log.csv", b"\x00\x01"), ("log.csv", b"a,b\n1,2\n"),
     ("log.xlsx", b"PK not a workbook")],
)  # fmt: skip
def test_what_is_no_log_is_refused_with_the_form(amina, round_, name, content):
    answer = take_in(amina, round_, SimpleUploadedFile(name, content))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_only_a_file_that_was_sent_can_be_confirmed(amina, round_):
    url = page("cleaning_log_import", round_)
    for said in (
        {"sha256": "0" * 64, "name": "log.csv"},
        {"sha256": "../../../etc", "name": "passwd"},
        {"sha256": "a" * 64, "name": "../../../../etc/passwd"},
        {"sha256": "", "name": "\x00"},
    ):
        assert amina.post(url, said).status_code == 404


def test_the_download_is_safe_to_open_and_reads_back_as_what_it_was(amina, round_):
    row = a_row(round_)
    shown = take_in(amina, round_, a_log(row, issue="=HYPERLINK(1)"))
    kept = shown.context["kept"]
    amina.post(page("cleaning_log_import", round_), {"sha256": kept.sha256, "name": kept.name})
    answer = amina.get(page("cleaning_log_file", round_, "csv"))
    assert answer["Content-Disposition"].startswith("attachment")
    frame = pl.read_csv(io.BytesIO(answer.content))
    assert frame.columns == ["id", "question", "old", "new", "reason", "action", "by", "at"]
    assert frame["reason"].to_list() == ["'=HYPERLINK(1)"]
    assert frame["by"].to_list() == ["AD"]
    again = SimpleUploadedFile("again.csv", answer.content)
    assert take_in(amina, round_, again).context["usable"] == 1
    book = amina.get(page("cleaning_log_file", round_, "xlsx"))
    assert take_in(amina, round_, SimpleUploadedFile("b.xlsx", book.content)).context["usable"]
    assert amina.get(page("cleaning_log_file", round_, "exe")).status_code == 404


def test_the_log_is_searched_and_what_ended_is_shown_when_asked(amina, round_):
    row = a_row(round_)
    kept = take_in(amina, round_, a_log(row)).context["kept"]
    amina.post(page("cleaning_log_import", round_), {"sha256": kept.sha256, "name": kept.name})
    url = page("cleaning_log", round_)

    def entries(**query):
        return len(amina.get(url, query).context["entries"])

    assert entries() == entries(text="phone") == entries(action="change_value") == 1
    assert entries(text="nothing") == entries(action="remove") == entries(batch="x") == 0
    assert entries(action="'", page="x") == 1
    entry = round_.corrections.get()
    amina.post(page("review_undo", round_), {"entry": entry.pk, "from": "log"})
    assert (entries(), entries(ended="1")) == (0, 1)


def test_initials_are_the_first_letters():
    assert cleaning_log.initials("Amina Diallo") == "AD"
    assert cleaning_log.initials("") == ""
