"""Names of places as forms misspell them, made from a list with a fixed seed.

Used by name_matching.py, which measures, and by name_weights.py, which fits; the two ask for
different countries.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

LIST = (
    Path(__file__).resolve().parents[2]
    / "shared/data/dtm/pcodes/download-global-pcodes-adm-1-2.csv"
)

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What one transliteration writes and another writes differently; tried in both directions.
_SPELLINGS = [
    ("ou", "u"), ("oo", "u"), ("sh", "ch"), ("dj", "j"), ("kh", "h"), ("kh", "k"), ("gh", "g"),
    ("q", "k"), ("q", "g"), ("i", "y"), ("e", "a"), ("i", "e"), ("o", "u"), ("ou", "w"),
    ("w", "u"), ("aa", "a"), ("ee", "i"), ("ay", "ai"), ("ai", "ei"), ("th", "t"), ("dh", "d"),
    ("z", "s"), ("c", "k"), ("v", "w"), ("ph", "f"), ("ah", "a"), ("zh", "j"), ("ts", "tz"),
    ("x", "ks"), ("ya", "ia"), ("al ", "el "), ("al ", "al-"), (" ", "-"), ("a", "á"),
    ("e", "é"), ("o", "ô"), ("i", "ï"), ("c", "ç"), ("n", "ñ"), ("u", "ü"), ("saint", "st"),
    ("north", "nord"), ("south", "sud"), ("west", "ouest"), ("east", "est"),
]  # fmt: skip
_AREAS = [
    "{} District", "Province of {}", "{} province", "Département de {}", "Wilaya de {}",
    "{} Governorate", "Municipio de {}", "Distrito {}", "{} county", "Commune {}", "محافظة {}",
]  # fmt: skip
_ARABIC = {
    "ash ": ["الش"], "kh": ["خ"], "sh": ["ش"], "th": ["ث"], "dh": ["ذ"], "gh": ["غ"],
    "ch": ["تش"], "dj": ["ج"], "ou": ["و"], "oo": ["و"], "ee": ["ي"], "ay": ["اي"],
    "ai": ["اي"], "aw": ["او"], "'": ["ع"], "b": ["ب"], "p": ["ب"], "t": ["ت", "ط"],
    "j": ["ج"], "g": ["غ", "ق", "ج"], "h": ["ح", "ه"], "d": ["د", "ض"], "r": ["ر"],
    "z": ["ز", "ظ"], "s": ["س", "ص"], "f": ["ف"], "v": ["ف"], "q": ["ق"], "k": ["ك", "ق"],
    "c": ["ك"], "l": ["ل"], "m": ["م"], "n": ["ن"], "w": ["و"], "y": ["ي"], "x": ["كس"],
    "a": ["ا", ""], "e": ["ي", "", ""], "i": ["ي", "ي", ""], "o": ["و", "و", ""],
    "u": ["و", "و", ""],
}  # fmt: skip
_CYRILLIC = {
    "shch": ["щ"], "sh": ["ш"], "ch": ["ч"], "zh": ["ж"], "kh": ["х"], "ts": ["ц"],
    "ya": ["я"], "yu": ["ю"], "ye": ["є"], "yi": ["ї"], "a": ["а"], "b": ["б"], "v": ["в"],
    "w": ["в"], "h": ["г"], "g": ["г", "ґ"], "d": ["д"], "e": ["е", "э"], "z": ["з"],
    "i": ["і", "и"], "j": ["й"], "y": ["и", "й", "ы"], "k": ["к"], "q": ["к"], "l": ["л"],
    "m": ["м"], "n": ["н"], "o": ["о"], "p": ["п"], "r": ["р"], "s": ["с"], "t": ["т"],
    "u": ["у"], "f": ["ф"], "c": ["к"], "x": ["кс"],
}  # fmt: skip


def one_typo(name: str, rng: random.Random) -> str:
    """Insert, delete, substitute or transpose one letter."""
    letters = list(name)
    place = rng.randrange(len(letters))
    kind = rng.choice(["insert", "delete", "substitute", "transpose"])
    if kind == "insert":
        letters.insert(place, rng.choice(_LETTERS))
    elif kind == "delete" and len(letters) > 2:
        del letters[place]
    elif kind == "substitute":
        letters[place] = rng.choice(_LETTERS)
    elif len(letters) > 1:
        place = min(place, len(letters) - 2)
        letters[place : place + 2] = reversed(letters[place : place + 2])
    return "".join(letters)


def two_typos(name: str, rng: random.Random) -> str:
    """Make two typing errors."""
    return one_typo(one_typo(name, rng), rng)


def transliterated(name: str, rng: random.Random) -> str:
    """Spell one to three sounds as another transliteration does."""
    text = name.lower()
    for _ in range(rng.choice([1, 2, 2, 3])):
        kind = rng.random()
        if kind < 0.2:
            text = _doubled_or_single(text, rng)
        elif kind < 0.3:
            text = (
                text[:-1] + rng.choice(["a", "e", "ah", ""]) if text[-1] in "ae" else text + "e"
            )
        else:
            text = _respelt(text, rng)
    return text.strip().title() or name


def in_other_order(name: str, rng: random.Random) -> str | None:
    """Move the first words to the end; None for a name of one word."""
    words = name.replace("-", " ").split()
    if len(words) < 2:
        return None
    first = rng.randrange(1, len(words))
    return " ".join(words[first:] + words[:first])


def with_area_word(name: str, rng: random.Random) -> str:
    """Add a word for the type of area, in one of six languages."""
    return rng.choice(_AREAS).format(name)


def in_arabic(name: str, rng: random.Random) -> str | None:
    """Write a name in Arabic letters, as one who hears it might."""
    words = [
        "ال" if word in {"al", "el", "as", "ar", "an", "at", "az", "ad", "ed", "ash"}
        else ("ا" if word[0] in "aeiou" else "") + _written(word, _ARABIC, rng)
        for word in name.lower().replace("-", " ").split()
    ]  # fmt: skip
    text = " ".join(words).replace("ال ", "ال")
    return text if len(text) > 1 else None


def in_cyrillic(name: str, rng: random.Random) -> str | None:
    """Write a name in Russian or Ukrainian letters."""
    return _written(name.lower(), _CYRILLIC, rng, kept=" -0123456789") or None


Misspell = Callable[[str, random.Random], str | None]
KINDS: dict[str, Misspell] = {
    "exact": lambda name, rng: name,
    "1 typo": one_typo,
    "2 typos": two_typos,
    "transliteration": transliterated,
    "transliteration and typo": lambda name, rng: one_typo(transliterated(name, rng), rng),
    "word order": in_other_order,
    "cut to 5 letters": lambda name, rng: name[:5] if len(name) > 6 else None,
}
"""What the benchmark asks."""

MORE_KINDS: dict[str, Misspell] = {
    **KINDS,
    "cut": lambda name, rng: name[: rng.randrange(4, len(name))] if len(name) > 6 else None,
    "area word": with_area_word,
    "area word and typo": lambda name, rng: one_typo(with_area_word(name, rng), rng),
    "arabic": in_arabic,
    "cyrillic": in_cyrillic,
}
"""What the weights are fitted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How many names of which kind are made.

    Attributes:
        kinds: Names in `MORE_KINDS`, drawn with equal chance; repeat one to make it likelier.
        absent: Share of names that are not in the country.
        right_parent: Share of names given with their parent.
        wrong_parent: Share given with another unit's parent; the rest have none.
    """

    kinds: list[str] = field(default_factory=lambda: list(KINDS))
    absent: float = 0.12
    right_parent: float = 0.5
    wrong_parent: float = 0.0


def list_of_units() -> pl.DataFrame:
    """Return the global list where it is on this machine, else a list made up here."""
    if not LIST.is_file():
        return made_up_units()
    from waystation.geography.units import read_units

    return read_units(LIST)


def made_up_units(countries: int = 20, parents: int = 12, units: int = 15) -> pl.DataFrame:
    """Return units of countries that do not exist, with names put together from syllables."""
    rng = random.Random(5)
    starts = ["ba", "da", "ka", "ma", "na", "sa", "ta", "gha", "kha", "sha", "dja", "mbo", "wa"]
    starts += ["ngo", "bou", "dou", "kou", "al_", "ya", "za", "fa", "ra"]
    ends = ["ri", "ra", "la", "lo", "ko", "mi", "na", "ndi", "ssa", "ba", "dou", "gou", "bo"]
    ends += ["ta", "r", "n", "d", "k", "h", "t"]
    own = {c: (rng.sample(starts, 8), rng.sample(ends, 9)) for c in range(countries)}

    def name(country: int) -> str:
        first, later = own[country]
        syllables = [rng.choice(first), *rng.choices(later, k=rng.choice([2, 2, 3, 3]))]
        return "".join(syllables).replace("_", " ").title() + rng.choice(["", "", "", " Sud"])

    rows = [
        (f"X{chr(65 + c)}{chr(65 + c)}", level, code, name(c), parent)
        for c in range(countries)
        for p in range(parents)
        for level, code, parent in [
            (1, f"X{chr(65 + c)}{p:02}", f"X{chr(65 + c)}{chr(65 + c)}"),
            *(
                (2, f"X{chr(65 + c)}{p:02}{u:03}", f"X{chr(65 + c)}{p:02}")
                for u in range(units)
            ),
        ]
    ]
    frame = pl.DataFrame(
        rows, schema=["country", "level", "code", "name", "parent_code"], orient="row"
    )
    return frame.with_columns(names=pl.lit([], dtype=pl.List(pl.String)))


def misspelt(
    units: pl.DataFrame, countries: list[str], each: int, mix: Mix, *, seed: int
) -> pl.DataFrame:
    """Return misspelt names of units of level 2, and names that their country does not have.

    Returns:
        ``country``, ``level``, ``name``, ``parent_code``, ``kind`` (of misspelling, or
        "absent"), ``hint`` (right, wrong, none: the parent) and ``truth`` (null where absent).
    """
    rng = random.Random(seed)
    second = units.filter(pl.col("level") == 2)
    everywhere = sorted(second["name"].unique())
    rows = []
    for country in countries:
        own = second.filter(pl.col("country") == country).rows(named=True)
        names = {_letters(unit["name"]) for unit in own}
        parents = sorted({unit["parent_code"] for unit in own})
        for _ in range(each):
            unit = rng.choice(own)
            kind, name, truth = _drawn(unit, mix, rng, everywhere, names)
            if not name or not name.strip() or (truth is None and _letters(name) in names):
                continue
            hint = _hint(mix, rng)
            others = [code for code in parents if code != unit["parent_code"]] or [None]
            parent = {"right": unit["parent_code"], "wrong": rng.choice(others), "none": None}
            rows.append((country, 2, name, parent[hint], kind, hint, truth))
    columns = ["country", "level", "name", "parent_code", "kind", "hint", "truth"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def _drawn(
    unit: dict[str, str], mix: Mix, rng: random.Random, everywhere: list[str], own: set[str]
) -> tuple[str, str | None, str | None]:
    kind = rng.choice(mix.kinds)
    if rng.random() >= mix.absent:
        return kind, MORE_KINDS[kind](unit["name"], rng), unit["code"]
    name = rng.choice(everywhere)
    if _letters(name) in own:
        # Misspelt or not, a name that the country has is not absent from it.
        return "absent", None, None
    if "arabic" in mix.kinds and rng.random() < 0.15:
        return "absent", in_arabic(name, rng), None
    return "absent", one_typo(name, rng) if rng.random() < 0.25 else name, None


def _letters(name: str) -> str:
    """Return the letters of a name without accents: what two spellings of one place share."""
    apart = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in apart if letter.isalnum())


def _hint(mix: Mix, rng: random.Random) -> str:
    drawn = rng.random()
    if drawn < mix.right_parent:
        return "right"
    return "wrong" if drawn < mix.right_parent + mix.wrong_parent else "none"


def _respelt(text: str, rng: random.Random) -> str:
    pairs = [*_SPELLINGS, *((after, before) for before, after in _SPELLINGS)]
    before, after = rng.choice([pair for pair in pairs if pair[0] in text] or [("", "")])
    places = [i for i in range(len(text)) if before and text.startswith(before, i)]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + after + text[place + len(before) :]


def _doubled_or_single(text: str, rng: random.Random) -> str:
    places = [i for i, letter in enumerate(text) if letter in "bcdfgklmnprstz"]
    if not places:
        return text
    place = rng.choice(places)
    is_double = text[place + 1 : place + 2] == text[place]
    if is_double:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place] + text[place:]


def _written(
    text: str, letters: dict[str, list[str]], rng: random.Random, *, kept: str = "0123456789"
) -> str:
    written, place = "", 0
    while place < len(text):
        found = next((key for key in letters if text.startswith(key, place)), None)
        if found is None:
            written += text[place] if text[place] in kept else ""
            place += 1
        else:
            written += rng.choice(letters[found])
            place += len(found)
    return written
