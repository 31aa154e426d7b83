"""The words of headings: what concepts a heading names, in the languages missions write."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

# Letters written apart from what follows: HHbet2011, IDPsInd, INDtotal.
_ACRONYMS = re.compile(r"(HHs|HH|IDPs|IDP|IND|PDIs|PDI|GPS|ADM)(?=[a-z_]{2,})(?!s\b)")
_CAMEL = re.compile(
    r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Za-z]{3})(?=\d)|(?<=[A-Za-z]{2})(?=\d{4})"
    r"|(?<=\d)(?=[A-Za-z]{2,})"
)
_TAGS = re.compile(r"<[a-z/][^<>]*>")
_NUMBERING = re.compile(
    r"^[\s_]*(?:[A-Za-z]?\d{1,2}(?:[._][a-z0-9]{1,2}\b)+|[A-Za-z]\d{1,2}[a-z]?|\d{1,2})[.:)_\s]+"
)
_ARABIC_FORMS = str.maketrans("أإآىةؤئ", "اااايهوي"[1:])
_ARABIC_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")
_ARABIC_ARTICLE = re.compile(r"^(?:وال|بال|كال|ال|لل)(?=[\u0600-\u06ff]{2})")
_SPLIT = re.compile(r"[^\w%]+|_+")
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-4]\d)(?!\d)")
_ROUND = re.compile(
    r"(?:(?<![a-z])(?:round|rounds|ronde|ronda|rodada|tour|rnd)|الجوله|جوله|دوره)"
    r"[\s_\-–#:.°nº]*(\d{1,3})(?!\d)|(?<![a-z0-9])r[\s_\-]?(\d{1,3})(?![a-z0-9])"
)
_BETWEEN = re.compile(
    r"(?<!\d)(?<!\d[.,])(\d{1,2})\s*(?:-|–|to|a|et|and|al|ate|الي|حتي)\s*(\d{1,2})(?![\d.,])"
    r"(?!\s*(?:month|mois|mes|day|jour|dia|week|km|minute|شهر))"
)
_UNDER = re.compile(
    r"(?:<|less\s*than|under|below|younger than|moins de|menos de|menore?s? (?:de|a)|"
    r"اقل من|دون)\s*(\d{1,2})(?!\d)(?!\s*(?:month|mois|mes|day|jour|km|minute))"
)
_OVER = re.compile(
    r"(?<!\d)(\d{2})\s*(?:\+|(?:ans|years?|anos)?\s*(?:and|et|y|e|or|ou)?\s*"
    r"(?:\+|above|over|older|plus|mas|mais)|سنه فاكثر|فاكثر|وما فوق)"
    r"|(?:above|over|plus de|mas de|mais de|>=?)\s*(\d{2})(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading names.

    Attributes:
        text: As received, on one line.
        words: Plain words, numbering removed.
        concepts: Concepts named, e.g. "subject.idp", with the phrase that names them.
        unknown: Words no concept explains.
        band: Lower and upper age where one stands in it; no upper: "and over".
        years: Years it names, in order.
        rounds: Numbers of rounds it names.
    """

    text: str
    words: tuple[str, ...] = ()
    concepts: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    band: tuple[int, int | None] | None = None
    years: tuple[int, ...] = ()
    rounds: tuple[int, ...] = ()

    def has(self, *concepts: str) -> bool:
        """Return whether it names one of the concepts."""
        return not self.concepts.isdisjoint(concepts)

    def of(self, section: str) -> list[str]:
        """Return the concepts of a section it names, e.g. "idp" of "subject", in order."""
        start = f"{section}."
        return sorted(c.removeprefix(start) for c in self.concepts if c.startswith(start))

    @property
    def coverage(self) -> float:
        """The share of its words that a concept explains."""
        return 1 - len(self.unknown) / len(self.words) if self.words else 0.0


def plain(text: str) -> str:
    """Return text in small letters without accents, marks and variants of letters."""
    plain_signs = text.lower().replace("œ", "oe").replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", plain_signs)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c) or c >= "\u0600")
    folded = _ARABIC_MARKS.sub("", unicodedata.normalize("NFC", bare))
    for old, new in (
        ("أ", "ا"),
        ("إ", "ا"),
        ("آ", "ا"),
        ("ى", "ي"),
        ("ة", "ه"),
        ("ؤ", "و"),
        ("ئ", "ي"),
    ):
        folded = folded.replace(old, new)
    return western_digits(folded).lower()


def western_digits(text: str) -> str:
    """Return text with the digits of other scripts as 0 to 9."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(c)) if c.isdigit() and c > "\u00ff" else c for c in text
    )


def stem(word: str) -> str:
    """Return a word without the article or plural ending that does not change its meaning."""
    word = _ARABIC_ARTICLE.sub("", word)
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the plain words of a text: lower case, no accents, joined words taken apart."""
    apart = _CAMEL.sub(" ", _ACRONYMS.sub(r"\1 ", _TAGS.sub(" ", text)))
    return tuple(stem(word) for word in _SPLIT.split(plain(apart)) if word)


@cache
def _phrases() -> tuple[
    dict[str, list[tuple[tuple[str, ...], frozenset[str]]]], dict[str, str]
]:
    """Return phrases by first word, longest first, and stems ending in ``*``."""
    from ruamel.yaml import YAML

    text = files("waystation.tracking.proposal").joinpath("vocabulary.yaml").read_text("utf-8")
    found: dict[tuple[str, ...], set[str]] = {}
    stems: dict[str, str] = {}
    for section, concepts in YAML(typ="safe").load(text).items():
        for name, phrases in concepts.items():
            for phrase in phrases:
                if str(phrase).endswith("*"):
                    stems[plain(phrase[:-1])] = f"{section}.{name}"
                    continue
                found.setdefault(words_of(str(phrase)), set()).add(f"{section}.{name}")
    by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
    for words, names in sorted(found.items(), key=lambda item: -len(item[0])):
        if words:
            by_first.setdefault(words[0], []).append((words, frozenset(names)))
    return by_first, stems


@cache
def _single_words() -> list[str]:
    """Return the words of at least six letters that stand alone for a concept."""
    by_first, _ = _phrases()
    return [w for w, ps in by_first.items() if len(w) > 5 and any(len(p) == 1 for p, _ in ps)]


@lru_cache(maxsize=5_000)
def _corrected(word: str) -> str | None:
    """Return the known word that a long word misspells."""
    if len(word) < 6 or any(c.isdigit() for c in word):
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    longest = 1 if len(word) < 10 else 2
    found = process.extractOne(word, _single_words(), scorer=OSA.distance, score_cutoff=longest)
    return found[0] if found else None


def _named(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the concepts a run of words names, longest phrases first, and unknown words."""
    by_first, stems = _phrases()
    concepts: set[str] = set()
    unknown: list[str] = []
    at = 0
    while at < len(words):
        for phrase, names in by_first.get(words[at], ()):
            if words[at : at + len(phrase)] == phrase:
                is_shelter = any(name.startswith("shelter.") for name in names)
                concepts |= names if is_shelter else names | _units_within(phrase)
                at += len(phrase)
                break
        else:
            concepts |= _single(words[at], stems, unknown)
            at += 1
    return frozenset(concepts), tuple(unknown)


@lru_cache(maxsize=2_000)
def _units_within(phrase: tuple[str, ...]) -> frozenset[str]:
    """Return the unit that a word of a phrase gives: "displaced households" are households.

    "Persons" say nothing: "households of displaced persons" are households.
    """
    by_first, _ = _phrases()
    inner = {
        name
        for word in phrase
        if len(phrase) > 1 and not word.startswith("person")
        for one, names in by_first.get(word, ())
        if one == (word,)
        for name in names
    }
    return frozenset(inner & {"unit.households", "unit.individuals"})


def _single(word: str, stems: dict[str, str], unknown: list[str]) -> set[str]:
    """Return what a word names that starts no phrase: by stem, or as a misspelling."""
    for start, concept in stems.items():
        if word.startswith(start):
            return {concept}
    by_first, _ = _phrases()
    known = _corrected(word)
    if known is not None:
        return {c for phrase, names in by_first[known] if len(phrase) == 1 for c in names}
    if not word[0].isdigit() and len(word) > 1 and not _ROUND.fullmatch(word):
        unknown.append(word)
    return set()


def _band(text: str) -> tuple[int, int | None] | None:
    """Return the ages a plain text names."""
    spaced = text.replace("_", " ")
    if found := _BETWEEN.search(spaced):
        low, high = int(found[1]), int(found[2])
        return (low, high) if low < high else None
    if found := _UNDER.search(spaced):
        return (0, int(found[1]) - 1)
    if found := _OVER.search(spaced):
        return (int(found[1] or found[2]), None)
    return None


@lru_cache(maxsize=20_000)
def heading_of(text: str) -> Heading:
    """Return what a heading names.

    Args:
        text: One level of a heading, or any short text: a sheet's name, a title.
    """
    one_line = " ".join(text.split())
    bare = _NUMBERING.sub("", one_line) or one_line
    words = words_of(bare)
    concepts, unknown = _named(words)
    folded = plain(bare)
    band = _band(folded)
    if band is not None and not concepts.intersection({"sex.male", "sex.female"}):
        concepts |= _sex_letter(folded)
    return Heading(
        text=one_line,
        words=words,
        concepts=concepts,
        unknown=unknown,
        band=band,
        years=tuple(int(year) for year in _YEAR.findall(folded)),
        rounds=rounds_in(bare),
    )


def _sex_letter(folded: str) -> frozenset[str]:
    """Return the sex a lone letter gives beside an age: 18-59F, h_(1-5 ans)."""
    letters = re.search(r"(?<![a-z])([mhf])(?![a-z])", folded.replace("_", " "))
    if letters is None:
        return frozenset()
    return frozenset({"sex.female" if letters[1] == "f" else "sex.male"})


def rounds_in(text: str) -> tuple[int, ...]:
    """Return the numbers of rounds that a text names, in order: "Round 68", "R14"."""
    folded = plain(text).replace("_", " ")
    return tuple(int(a or b) for a, b in _ROUND.findall(folded))


def without_rounds(text: str) -> str:
    """Return a text in plain letters, rounds that it names left out."""
    return _ROUND.sub(" ", plain(text).replace("_", " "))


def slug(text: str) -> str:
    """Return a text as a category: small letters, digits and single underscores."""
    return re.sub(r"[\W_]+", "_", plain(text)).strip("_")
