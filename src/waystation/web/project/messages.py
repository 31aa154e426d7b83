"""Finds the words that people see, and turns translations into what pages read.

``python -m waystation.web.project.messages`` adds new words to each catalogue, drops those
that are gone, and compiles; it needs no tool of the system.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

WEB = Path(__file__).resolve().parents[1]
LOCALE = WEB / "locale"
TRANSLATED = ("fr", "es", "ar")
_KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2)}


def words_in_source() -> Catalog:
    """Return every marked string of our own templates and Python, with where it stands."""
    catalog = Catalog(project="Waystation", charset="utf-8")
    for path in sorted(WEB.rglob("*")):
        if path.suffix not in {".py", ".html"}:
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            text = templatize(text, origin=path.name)
        # Brackets let text of pages, which is no Python, be read as such line by line.
        for _line, word, _comments, _context in extract(
            "python", BytesIO(text.encode()), _KEYWORDS
        ):
            catalog.add(word, locations=[(path.relative_to(WEB).as_posix(), None)])  # type: ignore[list-item]  # line numbers change too often
    return catalog


def read_catalogue(language: str) -> Catalog:
    """Return the translations of a language; empty when there are none yet."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language, project="Waystation")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as gettext reads it."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def main() -> None:
    """Bring each language's catalogue up to date and compile it."""
    words = words_in_source()
    for language in TRANSLATED:
        catalogue = read_catalogue(language)
        catalogue.update(words, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "django.po").open("wb") as file:
            write_po(file, catalogue, width=96, sort_output=True, omit_header=False)
        (folder / "django.mo").write_bytes(compiled(catalogue))


if __name__ == "__main__":
    main()
