"""Weak links: what a page weighs on the wire, compressed as the server sends it."""

from __future__ import annotations

import gzip
import json
import re
import urllib.request

import pytest
from tests.browser.conftest import BUILT

KB = 1024
SCRIPTS = ("app", "map", "map-worker", "chart")


def sent(server, path, encoding="gzip"):
    request = urllib.request.Request(server + path, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


@pytest.fixture(scope="module")
def names(server):
    return json.loads(BUILT.read_text("utf-8"))


def weight(server, names, name, encoding="gzip"):
    headers, body = sent(server, f"/static/{names[name]}", encoding)
    assert headers["Content-Encoding"] == encoding
    chunks = re.findall(rb'["\']\./(chunk-[A-Z0-9]{8}\.js)["\']', unpacked(server, names[name]))
    return len(body) + sum(
        len(sent(server, f"/static/dist/{chunk.decode()}", encoding)[1])
        for chunk in set(chunks)
    )


def unpacked(server, path):
    return gzip.decompress(sent(server, f"/static/{path}")[1])


def test_styles_and_scripts_stay_within_their_limits(server, names, capsys):
    weights = {
        name: [weight(server, names, name, encoding) / KB for encoding in ("gzip", "br")]
        for name in names
    }
    with capsys.disabled():
        for name, (gzipped, brotli) in weights.items():
            print(f"\n{name}: {gzipped:.1f} KB gzip, {brotli:.1f} KB brotli", end="")
    assert weights["dist/app.css"][0] < 12
    assert weights["dist/map.css"][0] < 15
    assert weights["dist/app.js"][0] < 30
    assert sum(weights[f"dist/{name}.js"][0] for name in SCRIPTS) < 800


def test_the_frame_of_a_page_is_light(server, names):
    page = gzip.compress(sent(server, "/accounts/login/", "identity")[1])
    frame = sum(weight(server, names, f"dist/app.{kind}") for kind in ("css", "js"))
    assert len(page) < 4 * KB
    assert len(page) + frame < 40 * KB


def test_what_is_built_is_kept_for_ever_and_the_rest_is_not(server, names):
    for name in names.values():
        headers, _ = sent(server, f"/static/{name}")
        assert "immutable" in headers["Cache-Control"]
    headers, _ = sent(server, "/static/icon.svg")
    assert "immutable" not in headers["Cache-Control"]


def test_scripts_wait_and_only_drawings_load_maps_and_charts(server):
    page = sent(server, "/accounts/login/", "identity")[1].decode()
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 1
    assert all('type="module"' in script for script in scripts)
    assert "map" not in "".join(scripts)


def test_a_visit_loads_two_fonts_at_most(page):
    fonts = []
    page.on(
        "request", lambda request: fonts.append(request.url) if "woff2" in request.url else 0
    )
    page.goto("/accounts/login/")
    page.wait_for_load_state("networkidle")
    assert 1 <= len(fonts) <= 2
    assert all("noto-sans-latin-" in font for font in fonts)
