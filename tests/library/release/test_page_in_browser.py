"""The page in a real browser: every chart is drawn anew, and nothing is wider than a phone."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from waystation.release.report.page import write_report_page

BROWSER = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
# Told by the page itself, since only the text of the document comes back.
PROBE = (
    "<script>setTimeout(() => { document.body.dataset.wide = "
    "document.documentElement.scrollWidth; }, 2500);</script></body>"
)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_charts_are_drawn_and_fit_a_phone(build, tmp_path, language):
    path = write_report_page(build, tmp_path / "report.html", language=language)
    before, _, after = path.read_text("utf-8").rpartition("</body>")
    path.write_text(before + PROBE + after, "utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,900",
        "--virtual-time-budget=5000", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        path.as_uri(),
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    page = answer.stdout
    charts = page.count("data-chart=")
    assert charts >= 10
    assert len(re.findall(r'class="chart vega-embed', page)) == charts
    (wide,) = re.findall(r'data-wide="(\d+)"', page)
    assert int(wide) <= 500
