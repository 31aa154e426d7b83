"""Downloads against a server on this machine: refusals, breaks, pages, redirects."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from waystation.errors import (
    InputTooLarge,
    InvalidChoice,
    NothingToRead,
    Unavailable,
    UnreadableFile,
)
from waystation.statistics.sources import unhcr
from waystation.statistics.sources.download import Fetcher, Request, with_query
from waystation.statistics.sources.paging import UNHCR, WORLD_BANK, fetch_pages
from waystation.statistics.sources.unhcr_api import fetch_unhcr

CONTENT = b"a,b\n" + b"1,2\n" * 20_000
DAY = dt.date(2026, 11, 24)


def whole(content=CONTENT, status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def cut(at, content=CONTENT, **headers):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content[:at])

    return answer


def rest(content=CONTENT):
    def answer(handler):
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        handler.send_response(206)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.end_headers()
        handler.wfile.write(content[start:])

    return answer


def moved(to):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def waits():
    return []


@pytest.fixture
def fetcher(waits):
    return Fetcher(tries=3, timeout=5, sleep=waits.append, today=lambda: DAY)


def fetch(fetcher, server, path, expects="csv", **more):
    return fetcher.fetch(Request(f"{server.address}/file", expects, **more), path)


def test_a_file_is_written_whole_with_where_it_came_from(tmp_path, server, fetcher):
    server.answers = [whole()]
    path = tmp_path / "new" / "file.csv"
    source = fetch(fetcher, server, path)
    assert path.read_bytes() == CONTENT
    assert source.sha256 == hashlib.sha256(CONTENT).hexdigest()
    told = json.loads((tmp_path / "new" / "file.csv.source.json").read_text("utf-8"))
    assert (told["retrieved"], told["address"]) == ("2026-11-24", f"{server.address}/file")
    assert "Mozilla/5.0" in server.seen[0][1]["User-Agent"]
    assert sorted(p.name for p in path.parent.iterdir()) == ["file.csv", "file.csv.source.json"]


def test_a_server_that_fails_is_asked_again_after_a_growing_wait(
    tmp_path, server, fetcher, waits
):
    server.answers = [whole(b"", 500), whole(b"", 503, Retry_After="7"), whole()]
    fetch(fetcher, server, tmp_path / "file.csv")
    assert len(server.seen) == 3
    assert 0.5 <= waits[0] <= 1.5
    assert waits[1] == 7


def test_the_waits_are_the_same_in_every_run(tmp_path, server, waits):
    server.answers = [whole(b"", 500)]
    for _ in range(2):
        fetcher = Fetcher(tries=4, sleep=waits.append)
        with pytest.raises(Unavailable, match="in 4 attempts"):
            fetch(fetcher, server, tmp_path / "file.csv")
    assert waits[:3] == waits[3:]


def test_a_refusal_is_not_asked_again(tmp_path, server, fetcher):
    server.answers = [whole(b"no", 403)]
    with pytest.raises(Unavailable, match=r"refuses \(403\).*in a browser"):
        fetch(fetcher, server, tmp_path / "file.csv")
    assert len(server.seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_gone_is_told(tmp_path, server, fetcher):
    server.answers = [whole(b"", 410)]
    with pytest.raises(Unavailable, match="410"):
        fetch(fetcher, server, tmp_path / "file.csv")


def test_a_download_that_breaks_off_goes_on_where_it_ended(tmp_path, server, fetcher):
    server.answers = [cut(30_000, ETag='"v1"'), rest()]
    fetch(fetcher, server, tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_bytes() == CONTENT
    assert server.seen[1][1]["Range"] == "bytes=30000-"
    assert server.seen[1][1]["If-Range"] == '"v1"'


def test_a_later_run_goes_on_where_an_earlier_one_broke_off(tmp_path, server, fetcher):
    path = tmp_path / "file.csv"
    server.answers = [cut(30_000, ETag='"v1"'), whole(b"", 500)]
    with pytest.raises(Unavailable):
        fetch(fetcher, server, path)
    assert not path.exists()
    server.answers = [rest()]
    fetch(fetcher, server, path)
    assert server.seen[-1][1]["Range"] == "bytes=30000-"
    assert path.read_bytes() == CONTENT
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file.csv", "file.csv.source.json"]


def test_the_part_of_another_address_is_not_gone_on_with(tmp_path, server, fetcher):
    path = tmp_path / "file.csv"
    server.answers = [cut(30_000, ETag='"v1"'), whole(b"", 500)]
    with pytest.raises(Unavailable):
        fetch(fetcher, server, path)
    server.answers = [whole()]
    fetcher.fetch(Request(f"{server.address}/other", "csv"), path)
    assert "Range" not in server.seen[-1][1]
    assert path.read_bytes() == CONTENT


def test_without_a_mark_of_the_version_it_begins_anew(tmp_path, server, fetcher):
    server.answers = [cut(30_000), whole()]
    fetch(fetcher, server, tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_bytes() == CONTENT
    assert "Range" not in server.seen[1][1]


def test_a_file_that_changed_meanwhile_is_taken_whole(tmp_path, server, fetcher):
    new = CONTENT.replace(b"1,2", b"3,4")
    server.answers = [cut(30_000, ETag='"v1"'), whole(new, ETag='"v2"')]
    fetch(fetcher, server, tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_bytes() == new


def test_a_file_that_always_breaks_off_is_never_there(tmp_path, server, fetcher):
    server.answers = [cut(30_000)]
    with pytest.raises(Unavailable, match=r"broke off after 30,000 of 80,004 bytes"):
        fetch(fetcher, server, tmp_path / "file.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "expects", "says"),
    [
        (b"\n<!DOCTYPE html><html></html>", "csv", "web page"),
        (b"<html></html>", "json", "web page"),
        (b"a,b\n1,2\n", "xlsx", "no xlsx"),
        (b'{"error": "no"}', "csv", "JSON"),
        (b"", "csv", "nothing"),
    ],
)
def test_another_content_than_expected_is_refused(
    tmp_path, server, fetcher, content, expects, says
):
    server.answers = [whole(content)]
    with pytest.raises(UnreadableFile, match=says):
        fetch(fetcher, server, tmp_path / "file", expects)
    assert list(tmp_path.iterdir()) == []


def test_a_file_already_there_survives_a_failed_download(tmp_path, server, fetcher):
    path = tmp_path / "file.csv"
    path.write_bytes(b"old")
    server.answers = [whole(b"<html></html>")]
    with pytest.raises(UnreadableFile):
        fetch(fetcher, server, path)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("tells", [True, False])
def test_an_answer_past_the_limit_is_refused(tmp_path, server, tells):
    def endless(handler):
        handler.send_response(200)
        if tells:
            handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT)

    server.answers = [endless]
    with pytest.raises(InputTooLarge, match="1,000 bytes"):
        fetch(Fetcher(max_bytes=1000), server, tmp_path / "file.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_on_the_same_host_is_followed(tmp_path, server, fetcher):
    server.answers = [moved(f"{server.address}/there"), whole()]
    fetch(fetcher, server, tmp_path / "file.csv")
    assert server.seen[1][0] == "/there"


def test_a_redirect_to_another_host_is_followed_only_if_the_dataset_names_it(
    tmp_path, server, other_server, fetcher
):
    other_server.answers = [whole()]
    server.answers = [moved(f"{other_server.address}/there")]
    with pytest.raises(Unavailable, match="another host"):
        fetch(fetcher, server, tmp_path / "file.csv")
    assert other_server.seen == []
    named = (other_server.address.removeprefix("http://"),)
    fetch(fetcher, server, tmp_path / "file.csv", hosts=named)
    assert (tmp_path / "file.csv").read_bytes() == CONTENT


def test_no_server_at_all_is_told(tmp_path, fetcher):
    with pytest.raises(Unavailable, match="does not answer"):
        fetcher.fetch(Request("http://127.0.0.1:9/file", "csv"), tmp_path / "file.csv")


def test_only_web_addresses_are_fetched(tmp_path, fetcher):
    with pytest.raises(Unavailable, match="no web address"):
        fetcher.fetch(Request("file:///etc/hostname", "csv"), tmp_path / "file.csv")


def test_parameters_that_are_lists_are_repeated_and_nulls_left_out():
    assert with_query("http://x/y", {"year": [2019, 2020], "coo": None}) == (
        "http://x/y?year=2019&year=2020"
    )


def pages(items, size=2, say=None):
    def answer(handler):
        query = parse_qs(urlsplit(handler.path).query)
        number = int(query["page"][0])
        last = max(1, -(-len(items) // size))
        page = items[(number - 1) * size : number * size]
        content = {"page": number, "maxPages": say(number) if say else last, "items": page}
        whole(json.dumps(content).encode())(handler)

    return answer


ITEMS = [
    {"year": 2023, "coo": "CHI", "coo_iso": "CHN", "coo_name": "China", "coa": code,
     "coa_iso": iso, "coa_name": name, "refugees": number, "asylum_seekers": "-"}
    for code, iso, name, number in (
        ("GFR", "DEU", "Germany", 5), ("AUS", "AUT", "Austria", "70"), ("AUL", "AUS",
        "Australia", 80), ("NAM", "NAM", "Namibia", "0"), ("USA", "USA", "United States", 9),
    )
]  # fmt: skip


def test_all_pages_of_unhcr_become_one_file_that_its_layout_reads(tmp_path, server, fetcher):
    server.answers = [pages(ITEMS)]
    path = tmp_path / "unhcr_population.json"
    source = fetch_unhcr("population", path, fetcher=fetcher, years=(2023, 2023),
                         address=server.address)  # fmt: skip
    assert len(server.seen) == 3
    query = parse_qs(urlsplit(server.seen[0][0]).query)
    assert query == {
        "limit": ["10000"], "yearFrom": ["2023"], "yearTo": ["2023"], "coo_all": ["true"],
        "coa_all": ["true"], "page": ["1"],
    }  # fmt: skip
    layout = next(found for found in unhcr.layouts() if found.recognises(path))
    clean = layout.read(path)
    refugees = clean.observations.filter(clean.observations["measure"] == "refugees")
    assert refugees["value"].to_list() == [5, 70, 80, 0, 9]
    assert clean.source.retrieved == DAY
    assert clean.source.sha256 == source.sha256


def test_iso_codes_and_places_of_stay_are_asked_for(tmp_path, server, fetcher):
    server.answers = [pages(ITEMS, 9)]
    fetch_unhcr("demographics", tmp_path / "x.json", fetcher=fetcher, origins=("CHN", "AFG"),
                code_system="ISO", address=server.address)  # fmt: skip
    query = parse_qs(urlsplit(server.seen[0][0]).query)
    assert (query["coo"], query["cf_type"]) == (["CHN,AFG"], ["ISO"])
    assert query["ptype_show"] == ["true"]


def test_pages_that_are_there_are_not_asked_for_again(tmp_path, server, fetcher):
    server.answers = [pages(ITEMS), pages(ITEMS), whole(b"no", 403)]
    path = tmp_path / "x.json"
    with pytest.raises(Unavailable):
        fetch_unhcr("population", path, fetcher=fetcher, address=server.address)
    assert not path.exists()
    server.answers = [pages(ITEMS)]
    fetch_unhcr("population", path, fetcher=fetcher, address=server.address)
    assert [parse_qs(urlsplit(p).query)["page"][0] for p, _ in server.seen] == [
        "1", "2", "3", "3",
    ]  # fmt: skip
    assert len(json.loads(path.read_text("utf-8"))["items"]) == 5


def test_pages_that_change_their_number_are_refused(tmp_path, server, fetcher):
    server.answers = [pages(ITEMS, say=lambda number: 3 + number)]
    with pytest.raises(UnreadableFile, match="5 pages, after 4"):
        fetch_unhcr("population", tmp_path / "x.json", fetcher=fetcher, address=server.address)


def test_a_service_without_end_is_stopped(tmp_path, server, fetcher):
    server.answers = [pages(ITEMS, say=lambda _: 10**9)]
    with pytest.raises(UnreadableFile, match="pages"):
        fetch_unhcr("population", tmp_path / "x.json", fetcher=fetcher, address=server.address)
    assert len(server.seen) == 1


def test_no_record_is_an_error_and_no_file(tmp_path, server, fetcher):
    """An indicator without data once led a client to ask for pages for ever."""
    server.answers = [whole(b'[{"page":0,"pages":0,"per_page":0,"total":0},null]')]
    with pytest.raises(NothingToRead, match="no record"):
        fetch_pages(fetcher, server.address, {}, tmp_path / "x.json", paging=WORLD_BANK)
    assert not (tmp_path / "x.json").exists()


def test_the_pages_of_the_world_bank_are_put_together(tmp_path, server, fetcher):
    one = json.dumps([{"page": 1, "pages": 2}, [{"value": 1}]]).encode()
    two = json.dumps([{"page": 2, "pages": 2}, [{"value": 2}]]).encode()
    server.answers = [whole(one), whole(two)]
    path = tmp_path / "x.json"
    fetch_pages(fetcher, server.address, {"format": "json"}, path, paging=WORLD_BANK)
    assert json.loads(path.read_text("utf-8")) == [json.loads(one), json.loads(two)]


def test_a_message_of_an_error_in_place_of_a_page_is_refused(tmp_path, server, fetcher):
    server.answers = [whole(b'[{"message":[{"id":"120","value":"Invalid value"}]}]')]
    with pytest.raises(UnreadableFile, match="no records"):
        fetch_pages(fetcher, server.address, {}, tmp_path / "x.json", paging=WORLD_BANK)
    server.answers = [whole(b'{"error": "x"}')]
    with pytest.raises(UnreadableFile, match="no records"):
        fetch_pages(fetcher, server.address, {}, tmp_path / "y.json", paging=UNHCR)


def test_an_unknown_table_or_code_system_is_refused(tmp_path):
    with pytest.raises(InvalidChoice, match="population"):
        fetch_unhcr("people", tmp_path / "x.json")
    with pytest.raises(InvalidChoice, match="ISO"):
        fetch_unhcr("population", tmp_path / "x.json", code_system="M49")
