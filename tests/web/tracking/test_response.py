"""Who does what where, and where needs are unmet: the import, the page, its map and files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re

import openpyxl
import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from waystation.errors import InputTooLarge
from waystation.tracking.response import gaps_from_presence, needs_from_matrix, read_presence
from waystation.web.audit.models import Event
from waystation.web.audit.queries import verify_chain
from waystation.web.tracking import queries, storage
from waystation.web.tracking.actions.presence import receive_presence
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import Presence, PresenceImport
from waystation.web.tracking.models.operations import Visibility

PAGE = "/operations/exercise/response"
IMPORT = f"{PAGE}/import"
AS_OF = dt.date(2026, 6, 30)
HEAD = (
    "Organisation,Cluster,Admin 1,Admin 2 P-code,Status,Start date,End date,"
    "People reached,Focal point,Phone\n"
)
TABLE = (
    HEAD
    + "Blue Bridge,WASH,,XW0101,Ongoing,2026-01-01,2026-12-31,1200,"
    "Made-up Person,+999 111 22 33\n"
    + "Open Hands,Health,,XW0102,Ongoing,,,,,\n"
    + "Far Shore,Basket weaving,,XW0101,Ongoing,,,10,,\n"
)  # fmt: skip


def sent(text=TABLE, name="presence.csv", as_of=AS_OF):
    content = text.encode() if isinstance(text, str) else text
    return {"file": SimpleUploadedFile(name, content), "as_of": f"{as_of:%Y-%m-%d}"}


@pytest.fixture
def officer(as_person):
    return as_person("amina")


def imported(person, **given) -> PresenceImport:
    """Send a table and let it hold."""
    answer = person.post(IMPORT, sent(**given))
    assert answer.status_code == 302, answer.content.decode()
    assert person.post(answer["Location"]).status_code == 302
    return PresenceImport.objects.get(is_current=True)


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_table_is_looked_at_before_it_holds(officer, exercise):
    answer = officer.post(IMPORT, sent())
    preview = officer.get(answer["Location"]).content.decode()
    assert "Blue Bridge" in preview
    assert "Sector not known; left out" in preview
    assert not PresenceImport.objects.filter(is_current=True).exists()
    assert "no table" in officer.get(PAGE).content.decode()
    officer.post(answer["Location"])
    page = officer.get(PAGE).content.decode()
    assert "as of 30 June 2026" in page or "30 Jun 2026" in page
    assert "Blue Bridge" in page


def test_what_reaches_a_person_is_kept_nowhere(officer, exercise, settings):
    table = imported(officer)
    told = json.dumps([e.details for e in Event.objects.all()], default=str)
    kept = json.dumps(list(Presence.objects.values()), default=str)
    for text in ("Made-up Person", "111 22 33"):
        assert text not in told
        assert text not in kept
        for file in settings.DATA.rglob("*presence*/**/*"):
            assert text.encode() not in file.read_bytes()
    assert "TRK-198" in table.left_out
    assert not verify_chain().broken


def test_the_newest_holds_and_the_one_before_comes_back(officer, exercise):
    first = imported(officer)
    more = TABLE + "Green Well,Food security,,XW0201,Ongoing,,,5,,\n"
    second = imported(officer, text=more, as_of=AS_OF + dt.timedelta(days=30))
    assert first.pk != second.pk
    officer.post(f"{IMPORT}/{second.pk}/withdraw")
    assert PresenceImport.objects.get(is_current=True).pk == first.pk
    officer.post(f"{IMPORT}/{first.pk}/withdraw")
    assert not PresenceImport.objects.filter(is_current=True).exists()
    listed = officer.get(IMPORT).content.decode()
    assert listed.count("Withdrawn") >= 2
    refused = officer.post(f"{IMPORT}/{first.pk}")
    assert refused.status_code == 422
    assert not PresenceImport.objects.filter(is_current=True).exists()


def test_the_same_table_twice_changes_nothing(officer, exercise):
    table = imported(officer)
    events = Event.objects.count()
    answer = officer.post(IMPORT, sent(), follow=True)
    assert "This table already holds" in answer.content.decode()
    assert PresenceImport.objects.get().pk == table.pk
    assert Event.objects.count() == events


def test_what_waits_makes_way_and_can_be_discarded(
    officer, exercise, django_capture_on_commit_callbacks
):
    folder = storage.operation_folder(exercise) / "presence"
    before = set(folder.glob("*"))
    with django_capture_on_commit_callbacks(execute=True):
        first = officer.post(IMPORT, sent())["Location"]
        second = officer.post(IMPORT, sent(TABLE + "\n"))["Location"]
        assert officer.get(first).status_code == 404
        assert officer.post(f"{second}/withdraw").status_code == 302
    assert not PresenceImport.objects.exists()
    assert not Presence.objects.exists()
    assert set(folder.glob("*")) == before
    assert not verify_chain().broken


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": ""}, "empty"),
        ({"text": "a,b\n1,2\n"}, "no sheet has columns"),
        ({"text": HEAD}, "none of its rows"),
        ({"text": HEAD + "Blue Bridge,WASH,,ZZ99,,,,,,\n"}, "none of its rows"),
        ({"text": b"PK\x03\x04 not a workbook", "name": "presence.xlsx"}, "presence.xlsx"),
        ({"name": "presence.exe"}, "Save the table as csv or xlsx"),
        ({"as_of": dt.date(1990, 1, 1)}, "Give a day that has been"),
        ({"as_of": dt.date(2999, 1, 1)}, "Give a day that has been"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_kept(officer, exercise, given, said):
    events = Event.objects.count()
    answer = officer.post(IMPORT, sent(**given))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PresenceImport.objects.exists()
    assert Event.objects.count() == events


def test_what_is_larger_than_files_may_be_is_refused(exercise, settings):
    settings.MAX_UPLOAD_BYTES = len(TABLE) - 1
    with pytest.raises(InputTooLarge):
        receive_presence(exercise, "presence.csv", [TABLE.encode()], as_of=AS_OF, by=None)
    assert not PresenceImport.objects.exists()


def test_the_page_says_what_the_library_says(officer, exercise, tmp_path):
    path = tmp_path / "presence.csv"
    path.write_text(TABLE, "utf-8")
    imported(officer)
    edition = edition_of(exercise)
    units = edition.frame("units")
    at = (pl.col("component") == "baseline_location") & (pl.col("round_number") == 2)
    totals = edition.frame("totals").filter(at)
    matrix = edition.scan("matrix").filter(at).collect()
    places, _outlines = queries.geography_of(exercise)
    assert places is not None
    presence, _findings = read_presence(path, places)
    needs = needs_from_matrix(matrix, totals, units, level=2)
    expected = gaps_from_presence(needs, totals, presence, units, level=2, as_of=AS_OF)
    told = rows_of(officer.get(f"{PAGE}.csv?level=2"))
    key = {(r["code"], r["sector"]): (r["gap"], r["persons"], r["organisations"]) for r in told}
    assert len(key) == expected.height
    for row in expected.iter_rows(named=True):
        gap, persons, organisations = key[row["code"], row["sector"]]
        assert gap == row["gap"]
        assert (float(persons) if persons else None) == row["persons"]
        assert int(organisations) == row["organisations"]
    assert {r["presence_as_of"] for r in told} == {AS_OF.isoformat()}
    unmet = expected.filter(pl.col("gap") == "unmet").unique("code")
    page = officer.get(f"{PAGE}?level=2").content.decode()
    headline = re.search(r"Areas with unmet needs.*?([\d,]+)<", page, re.DOTALL)
    assert headline is not None
    assert int(headline[1].replace(",", "")) == unmet.height


def test_the_map_has_a_class_for_each_gap_and_none_for_what_is_not_known(officer, exercise):
    imported(officer)
    document = json.loads(officer.get(f"{PAGE}-map.json?sector=wash&level=2").content)
    assert [i["code"] for i in document["indicators"]] == ["wash"]
    (values,) = document["values"]["wash"]["2"]["rounds"]
    gaps = {
        r["code"]: r["gap"] for r in rows_of(officer.get(f"{PAGE}.csv?level=2&sector=wash"))
    }
    shades = dict(zip(document["values"]["wash"]["2"]["codes"], values, strict=True))
    assert shades.keys() == gaps.keys()
    assert {gaps[code] for code, shade in shades.items() if shade is None} <= {"not_assessed"}
    assert {gaps[code] for code, shade in shades.items() if shade == 5} == {"unmet"}
    labels = document["indicators"][0]["labels"]
    assert len(labels) == 5


def test_files_hold_all_and_no_formula(officer, exercise):
    text = HEAD + '"=HYPERLINK(""http://x"")",WASH,,XW0101,Ongoing,,,1,,\n'
    imported(officer, text=text)
    told = officer.get(f"{PAGE}/organisations.csv")
    assert told["Content-Disposition"].startswith("attachment")
    assert not rows_of(told)[0]["organisation"].startswith("=")
    book = openpyxl.load_workbook(io.BytesIO(officer.get(f"{PAGE}.xlsx").content))
    assert book.worksheets[0].max_row > 2


@pytest.mark.parametrize(
    "query",
    [
        "round=nonsense", "level=9", "level=' OR 1=1", "sector=weaving", "gap=none",
        "high=0", "high=101", "high=x", "most=0", "most=99999999999999999999",
        "q=" + "a" * 5000,
        "round=%00",
    ],
)  # fmt: skip
def test_nonsense_is_said_and_breaks_nothing(officer, exercise, query):
    imported(officer)
    assert officer.get(f"{PAGE}?{query}").status_code == 422
    for file in (".csv", ".xlsx", "/organisations.csv"):
        assert officer.get(f"{PAGE}{file}?{query}").status_code == 422
    assert officer.get(f"{PAGE}-map.json?{query}").status_code in {200, 422}


@pytest.mark.parametrize(
    "query", ["page=99999", "page=x", "who=-1", "q=<script>alert(1)</script>"]
)
def test_pages_that_are_not_there_show_the_nearest(officer, exercise, query):
    imported(officer)
    page = officer.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.content.decode()


def test_an_operation_without_a_publication_says_so(officer, exercise):
    exercise.edition = 0
    exercise.save(update_fields=["edition"])
    assert "Nothing is published yet" in officer.get(PAGE).content.decode()
    assert officer.get(f"{PAGE}.csv").status_code == 404


def test_strangers_read_it_only_where_the_operation_is_public(officer, exercise):
    imported(officer)
    page = Client().get(PAGE).content.decode()
    assert "Blue Bridge" in page
    assert "Say who does what where" not in page
    exercise.visibility = Visibility.PARTNERS
    exercise.save(update_fields=["visibility"])
    for address in ("", ".csv", ".xlsx", "-map.json", "/organisations.csv"):
        assert Client().get(PAGE + address).status_code in {302, 404}


def test_a_form_whose_day_is_today_is_taken(officer, exercise):
    assert imported(officer, as_of=timezone.localdate()).as_of == timezone.localdate()
