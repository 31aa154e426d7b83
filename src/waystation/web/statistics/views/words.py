"""What pages say about a dataset: how to cite it, where to take it, marks of figures."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from waystation.release.sdmx.structures import AGENCY, VERSION
from waystation.web.statistics.queries import Held

MOST_OF_WORKBOOK = 100_000  # rows; more take too long to write


def citation_of(held: Held) -> str:
    """Return how to cite a dataset."""
    source = held.source
    named = [held.flow.name.rstrip(".")]
    if source.version:
        named.append(_("revision %(revision)s") % {"revision": source.version})
    if source.retrieved:
        named.append(_("received %(day)s") % {"day": source.retrieved.isoformat()})
    parts = [source.producer, ", ".join(named)]
    if source.licence:
        parts.append(_("Licence: %(licence)s") % {"licence": source.licence})
    if source.sha256:
        parts.append(f"SHA-256 {source.sha256[:16]}")
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def downloads_of(held: Held) -> list[dict[str, str]]:
    """Return the files of a dataset, and its SDMX messages: in short, in words, where."""
    named = {"dataset": held.dataset}

    def own(kind: str) -> str:
        return reverse("statistics:download", kwargs={**named, "format": kind})

    def sdmx(kind: str) -> str:
        data = reverse("sdmx:v2_1", kwargs={"question": f"data/{held.flow.id}/all"})
        return f"{data}?format={kind}"

    found = [
        ("csv", _("csv table"), own("csv")),
        ("Parquet", _("Parquet table"), own("parquet")),
        ("SDMX-CSV", "SDMX-CSV", sdmx("csv")),
        ("SDMX-JSON", "SDMX-JSON", sdmx("json")),
        ("SDMX-ML", "SDMX-ML (XML)", sdmx("structurespecificdata")),
    ]
    summary = held.summary()
    if summary.figures + summary.missing <= MOST_OF_WORKBOOK:
        found.insert(1, ("xlsx", _("Excel workbook"), own("xlsx")))
    return [{"short": short, "label": label, "url": url} for short, label, url in found]


def addresses_of(request: HttpRequest, held: Held) -> list[dict[str, str]]:
    """Return where programs ask for a dataset."""
    flow = f"{AGENCY}/{held.flow.id}/{VERSION}"
    wanted = (
        (_("Figures, SDMX 2.1"), "sdmx:v2_1", f"data/{held.flow.id}/all"),
        (_("Figures, SDMX 3.0"), "sdmx:v3_0", f"data/dataflow/{flow}/*"),
        (_("Structure, SDMX 2.1"), "sdmx:v2_1", f"dataflow/{flow}"),
        (_("Structure, SDMX 3.0"), "sdmx:v3_0", f"structure/dataflow/{flow}"),
    )
    found = []
    for label, name, question in wanted:
        path = reverse(name, kwargs={"question": question})
        if "data/" not in question:
            path += "?references=all"
        found.append({"label": label, "url": request.build_absolute_uri(path)})
    return found


def flag_words() -> Mapping[str, str]:
    """Return what the flags of figures mean; nothing for observed ones."""
    return {
        "estimated": _("estimated"),
        "imputed": _("imputed"),
        "break": _("break in the series"),
        "provisional": _("provisional"),
        "confidential": _("confidential"),
        "not_reported": _("not reported"),
    }
