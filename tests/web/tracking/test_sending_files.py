"""Files on their way in: taken, refused, replaced, withdrawn, read into their rounds."""

from __future__ import annotations

import io
import zipfile

import pytest
from tests.web.tracking.sent_files import (
    HEADINGS,
    PEOPLE,
    SITES,
    confirm,
    create_sender,
    create_xland,
    file,
    latest,
    page,
    send,
    survey,
    workbook,
)

from waystation.tracking.build_folder import read_build
from waystation.web.audit.models import Event
from waystation.web.tracking import storage
from waystation.web.tracking.exercise import finish_jobs
from waystation.web.tracking.models import Job, Upload


@pytest.fixture
def floods(db):
    return create_xland()


@pytest.fixture
def sender(floods):
    return create_sender("joseph", floods)


def people_of(round_):
    totals = read_build(storage.draft_folder(round_)).totals
    country = totals.filter(admin_level=0, indicator="idp_individuals")
    return country["value"].to_list()


def read(client, operation, name="survey.csv", content=None, **said):
    """Send a file, confirm its mapping, and read it."""
    send(client, operation, file(name, content or survey()), **{"round_number": 1, **said})
    finish_jobs()
    upload = latest()
    assert confirm(client, upload, **{"round_number": 1, **said}).status_code == 302
    finish_jobs()
    upload.refresh_from_db()
    return upload


def test_a_file_becomes_a_draft_after_one_person_has_confirmed_its_mapping(sender, floods):
    upload = read(sender, floods)
    assert (upload.state, upload.rows) == ("read", SITES)
    round_ = floods.rounds.get()
    assert (round_.key, people_of(round_)) == ("baseline_location-1", [PEOPLE])
    shown = sender.get(page("upload", floods.slug, upload.pk)).content.decode()
    assert "Rounds that its rows went to" in shown
    verbs = Event.objects.filter(object_kind="tracking.upload").values_list("verb", flat=True)
    assert list(verbs) == [f"upload.{v}" for v in ("receive", "propose", "confirm", "read")]


def test_several_files_come_in_at_once(sender, floods):
    answer = send(
        sender, floods, file("a.csv", survey()), file("b.csv", survey(extra=1)), follow=""
    )
    assert answer["Location"] == page("work", floods.slug)
    assert sorted(floods.uploads.values_list("name", flat=True)) == ["a.csv", "b.csv"]


def test_the_same_bytes_again_change_nothing_and_say_so(sender, floods):
    read(sender, floods)
    events, jobs = Event.objects.count(), Job.objects.count()
    answer = sender.post(
        page("upload_new", floods.slug), {"file": [file("other name.csv", survey())]},
        follow=True,
    )  # fmt: skip
    assert "survey.csv was already received. Nothing changed." in answer.content.decode()
    assert (Event.objects.count(), Job.objects.count()) == (events, jobs)


def test_the_former_file_counts_until_its_successor_is_read(sender, floods):
    former = read(sender, floods)
    answer = sender.post(
        page("upload_new", floods.slug), {"file": [file("survey.csv", survey(extra=50))]},
        follow=True,
    )  # fmt: skip
    assert "until then the former one counts" in answer.content.decode()
    finish_jobs()
    former.refresh_from_db()
    assert (former.state, people_of(floods.rounds.get())) == ("read", [PEOPLE])
    newer = latest()
    confirm(sender, newer, round_number=1)
    finish_jobs()
    former.refresh_from_db()
    assert (former.state, people_of(floods.rounds.get())) == ("replaced", [PEOPLE + 50])


def test_a_successor_that_cannot_be_read_replaces_nothing(sender, floods):
    former = read(sender, floods)
    send(sender, floods, file("survey.csv", b"%PDF-1.7 not a table"))
    finish_jobs()
    former.refresh_from_db()
    assert (former.state, latest().state) == ("read", "failed")
    assert people_of(floods.rounds.get()) == [PEOPLE]


def test_what_a_person_says_fills_only_what_the_file_does_not(sender, floods):
    headings = f"{HEADINGS},Round"
    rows = survey(headings).decode().splitlines()
    named = "\n".join([rows[0], *(f"{row},4" for row in rows[1:])]).encode()
    read(sender, floods, content=named, round_number=9, component="site_assessment")
    assert floods.rounds.get().number == 4
    read(sender, floods, "silent.csv", survey(extra=1), round_number=9)
    assert set(floods.rounds.values_list("number", flat=True)) == {4, 9}


def test_a_file_withdrawn_stops_counting_and_its_round_is_built_anew(sender, floods):
    read(sender, floods)
    other = read(sender, floods, "more.csv", survey(HEADINGS.replace("Site ID", "Site code")))
    round_ = floods.rounds.get()
    sender.post(page("upload_withdraw", floods.slug, other.pk))
    finish_jobs()
    round_.refresh_from_db()
    assert (round_.draft, people_of(round_)) == (3, [PEOPLE])
    sender.post(page("upload_withdraw", floods.slug, floods.uploads.get(state="read").pk))
    finish_jobs()
    round_.refresh_from_db()
    assert (round_.draft, round_.draft_summary) == (0, {})
    read(sender, floods, "again.csv", survey(extra=2))
    round_.refresh_from_db()
    assert round_.draft == 4, "a number of a draft never names another one"


def test_a_file_read_again_with_another_mapping_counts_once(sender, floods):
    upload = read(sender, floods)
    answer = sender.get(page("upload_mapping", floods.slug, upload.pk))
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else value for name, value in values.items()}
    values["c5"] = "returnee_individuals"
    sender.post(page("upload_mapping", floods.slug, upload.pk), values)
    assert people_of(floods.rounds.get()) == [PEOPLE], "nothing changes before it is confirmed"
    confirm(sender, upload, round_number=1)
    finish_jobs()
    totals = read_build(storage.draft_folder(floods.rounds.get())).totals
    country = totals.filter(admin_level=0)
    figures = dict(country.select("indicator", "value").iter_rows())
    assert figures["returnee_individuals"] == PEOPLE
    assert "idp_individuals" not in figures
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("photo.png", b"\x89PNG", "of a kind that is not read"),
        ("noending", b"a,b\n1,2\n", "of a kind that is not read"),
        ("survey.exe", b"MZ", "of a kind that is not read"),
        ("empty.csv", b"", "is empty"),
    ],
)
def test_what_is_not_read_is_refused_at_the_door(name, content, says, sender, floods):
    answer = send(sender, floods, file(name, content))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not floods.uploads.exists()
    assert not list(storage.operation_folder(floods).rglob("*"))


@pytest.mark.parametrize(
    "said",
    [{"round_number": "-1"}, {"round_number": "x"}, {"round_number": "9" * 40},
     {"round_number": "\x00"}, {"reference_date": "31/31/2026"}, {"reference_date": "\x00"},
     {"component": "<script>"}, {"component": "a" * 100_000}],
)  # fmt: skip
def test_nonsense_beside_a_file_is_refused_with_the_form(said, sender, floods):
    answer = send(sender, floods, file("survey.csv", survey()), **said)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not floods.uploads.exists()


def test_no_file_at_all_is_refused_with_the_form(sender, floods):
    answer = sender.post(page("upload_new", floods.slug), {"file": "not a file"})
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()


def test_a_file_beyond_the_limit_is_refused(sender, floods, monkeypatch):
    monkeypatch.setattr("waystation.web.tracking.forms.sending.MOST_BYTES", 100)
    answer = send(sender, floods, file("survey.csv", survey()))
    assert (answer.status_code, floods.uploads.exists()) == (422, False)


def bomb():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    return stream.getvalue()


def encrypted():
    """Return the head of a workbook with a password: an OLE file that holds one."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2040) + "EncryptedPackage".encode("utf-16")
    )


def wide():
    names = ",".join(f"c{n}" for n in range(10_000))
    return f"{names}\n{','.join('1' for _ in range(10_000))}\n".encode()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("report.csv", lambda: b"%PDF-1.7\n1 2 3", "input.unreadable"),
        ("page.csv", lambda: b"<!doctype html><table>", "input.unreadable"),
        ("bomb.xlsx", bomb, "input.too_large"),
        ("locked.xlsx", encrypted, "input.unreadable"),
        ("broken.xlsx", lambda: workbook(("A", [["x", 1]]))[:400], "input.unreadable"),
        ("text.parquet", lambda: b"not parquet", "input.unreadable"),
        ("wide.csv", wide, "input.too_large"),
        ("blank.csv", lambda: b"\n\n\n", "input.empty"),
        ("zeros.csv", lambda: bytes(5000), ""),
        ("deep.json", lambda: b"[" * 100_000, "input.unreadable"),
        ("words.csv", lambda: b"Region,Note\nNorth,none\n", ""),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_sentence_and_nothing_else(
    name, content, code, sender, floods
):
    send(sender, floods, file(name, content()))
    finish_jobs()
    upload = latest()
    answer = sender.get(page("upload", floods.slug, upload.pk))
    assert answer.status_code == 200
    if code or upload.state == "failed":
        assert upload.state == "failed"
        assert upload.problem_code == code or not code
        assert upload.problem.startswith(name)
        assert "Try again" in answer.content.decode()
    else:
        assert (upload.state, upload.certainty) == ("to_confirm", 0.0)
    assert not floods.rounds.exists()
    assert sender.get(page("work", floods.slug)).status_code == 200


@pytest.mark.parametrize(
    "name", ["a\x00b.csv", "../../etc/passwd.csv", "…‮vsc.csv", "ن" * 300 + ".csv"]
)
def test_names_are_made_plain(name, sender, floods):
    send(sender, floods, file(name, survey()))
    upload = latest()
    assert "\x00" not in upload.name
    assert "/" not in upload.name
    assert upload.name.endswith(".csv")
    assert storage.upload_path(upload).read_bytes() == survey()


def test_one_may_try_again_after_a_failure(sender, floods):
    send(sender, floods, file("report.csv", b"%PDF-1.7"))
    finish_jobs()
    upload = latest()
    answer = sender.post(page("upload_again", floods.slug, upload.pk))
    assert answer.status_code == 302
    upload.refresh_from_db()
    assert upload.state == "received"
    finish_jobs()
    upload.refresh_from_db()
    assert upload.state == "failed"
