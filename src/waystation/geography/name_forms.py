"""A name as it is compared: folded, without words that do not tell, by sound, and by bones.

Four forms of one name, each blind to more::

    as written   Wilayat Al-Khartoum    ولاية الخرطوم     San José de Ocoa
    fold         wilayat al khartoum    wlaia al khrtum   san jose de ocoa
    plain        khartoum               khrtum            san jose ocoa
    sound        hartum                 hrtum             josokosan
    bones        hrtm                   hrtm              snjsk

``fold`` sees only letters and digits. ``plain`` drops area types and articles, and gives words
of the compass one spelling in all languages. ``sound`` is one spelling for what
transliterations write in several ways (ou, oo, w and u; dj and j; kh and h). ``bones`` are its
consonants, which is nearly all that Arabic script says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from waystation.geography.admin_words import compass_words, dropped_words, word_replacements
from waystation.geography.name_candidates import Texts, Whole, objects
from waystation.geography.transliteration import folded

# Longest first: the text is read once, left to right.
_SOUNDS = {
    "shch": "c", "tsch": "c", "tch": "c", "sch": "c", "dzh": "j", "dsch": "j",
    "sh": "c", "ch": "c", "cz": "c", "dj": "j", "dg": "j", "zh": "j",
    "kh": "h", "gh": "g", "ph": "f", "th": "t", "dh": "d", "rh": "r", "bh": "b", "lh": "l",
    "nh": "n", "ck": "k", "qu": "k", "tz": "ts", "ou": "u", "oo": "u", "ee": "i",
    "ce": "se", "ci": "si", "cy": "si", "q": "k", "w": "u", "y": "i", "x": "ks", "c": "k",
}  # fmt: skip
_GLIDES = {"ai": "e", "ei": "e", "au": "o", "ae": "e"}
_DOUBLES = {letter * 2: letter for letter in "abcdefghijklmnopqrstuvwxyz"}
_SUN_LETTER_KEPT = "${1}${2}${3}${4}${5}${6}${7}${8}${9}${10}${11}${12}"
_LEAVES_OPEN = r"[(/,гГقج]"
# One letter, two sounds: Luhansk and Belgorod, Qatana and Gedaref, Jebel and Geneina.
_TWO_SOUNDS = {"[гГ]": "һ", "ق": "گ", "ج": "گ"}
# The Arabic article as it is spoken before a letter like its own: "Ash Shams" for Al Shams.
_SUN_LETTERS = (
    r"\b[aeiou](?:g (g)|r (r)|n (n)|s (s)|d (d)|t (t)|z (z)|l (l)|j (j)"
    r"|sh (sh)|th (th)|dh (dh))"
)

_LONG_WORD = 7  # letters from which one typing error leaves no doubt which word it was
_LEFT_BY_ERROR = 3

_SHORT_WORD = 3  # letters that a part of a name must have to stand for it
_ARABIC = r"[\u0621-\u064A\u066E-\u06D3]"

TEXTS = ("fold", "plain", "sound", "bones")
"""The forms that are compared letter by letter."""

_FORMS = ("plain", "sound", "bones", "words", "compass", "digits")
_Word = tuple[str, str, str, str, str, str, bool, str]  # its forms, is_dropped, and itself
_IS_DROPPED = len(_FORMS)
_NOTHING = frozenset({""})

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class FormTable:
    """Forms of many names, column by column, so that pairs of them are compared at once.

    Attributes:
        texts: The forms of `TEXTS`.
        lengths: Their letters.
        joined: ``fold`` without spaces.
        joined_lengths: Its letters.
        words: The sounds of the words of each name.
        is_phrase: Whether it has several words.
        compass: A number for the words of the compass in a name; 0 for none.
        digits: The same for its digits.
        first_letter: The same for the first letter of its sound.
        is_told: Whether ``plain`` is ``fold``: every word tells.
        is_whole: Whether it is the whole name.
        is_bare: Whether it is in Arabic script.
    """

    texts: dict[str, Texts]
    lengths: dict[str, Whole]
    joined: Texts
    joined_lengths: Whole
    words: Texts
    is_phrase: NDArray[np.bool_]
    compass: Keys
    digits: Keys
    first_letter: Keys
    is_told: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]
    is_bare: NDArray[np.bool_]

    @classmethod
    def of_forms(cls, frame: pl.DataFrame) -> FormTable:
        """Return the table of a frame with the columns of `forms` and `readings`."""
        text = pl.col
        table = frame.select(
            *TEXTS,
            "words",
            *(
                text(form).str.len_chars().cast(pl.Int64).alias(f"{form}_length")
                for form in TEXTS
            ),
            "is_whole",
            "is_bare",
            is_told=text("plain") == text("fold"),
            joined=text("fold").str.replace_all(" ", "", literal=True),
            is_phrase=text("words").str.contains(" ", literal=True),
            compass=_key(text("compass")),
            digits=_key(text("digits")),
            first_letter=_key(text("sound").str.slice(0, 1)),
        )
        joined = table["joined"].to_list()
        return cls(
            texts={form: objects(table[form].to_list()) for form in TEXTS},
            lengths={form: table[f"{form}_length"].to_numpy() for form in TEXTS},
            joined=objects(joined),
            joined_lengths=np.array([len(name) for name in joined], dtype=np.int64),
            words=objects(
                [
                    frozenset(words.split(" ")) if several else frozenset((words,))
                    for words, several in zip(
                        table["words"].to_list(), table["is_phrase"].to_list(), strict=True
                    )
                ]
            ),
            is_phrase=table["is_phrase"].to_numpy(),
            compass=table["compass"].to_numpy(),
            digits=table["digits"].to_numpy(),
            first_letter=table["first_letter"].to_numpy(),
            is_told=table["is_told"].to_numpy(),
            is_whole=table["is_whole"].to_numpy(),
            is_bare=table["is_bare"].to_numpy(),
        )


def _key(text: pl.Expr) -> pl.Expr:
    return pl.when(text == "").then(pl.lit(0, pl.UInt64)).otherwise(text.hash())


def readings(names: pl.Series) -> pl.DataFrame:
    """Return the readings of names: as written, and what brackets, commas, г and ق leave open.

    Args:
        names: Distinct names, none null.

    Returns:
        Columns ``name``, ``reading`` (text), ``is_whole`` (the whole name, not a part of it)
        and ``is_bare`` (in Arabic script, so short vowels are left out); first the whole
        names in the order given, then what is left open.
    """
    name, reading = pl.col("name"), pl.col("reading")
    whole = pl.DataFrame({"name": names}).select(
        "name",
        reading="name",
        is_whole=pl.lit(value=True),
        is_bare=name.str.contains(_ARABIC),
        is_open=name.str.contains(_LEAVES_OPEN),
    )
    opened = whole.filter("is_open").drop("is_open")
    whole = whole.drop("is_open")
    if opened.is_empty():
        return whole
    # Where a name has no brackets or slashes the result is the name again, and left out.
    others = (
        opened.lazy()
        .with_columns(
            reading=pl.concat_list(
                name.str.replace_all(r"\(.*?\)", " "),
                name.str.extract(r"\(([^)]{4,})\)").fill_null(""),
                name.str.split("/"),
                name.str.split(","),
                *(name.str.replace_all(letter, other) for letter, other in _TWO_SOUNDS.items()),
            )
        )
        .explode("reading")
        .filter(reading != name, reading.str.count_matches(r"\p{L}") >= _SHORT_WORD)
        .with_columns(
            reading.str.strip_chars(),
            is_whole=reading.str.len_chars() == name.str.len_chars(),
        )
        .collect()
    )
    return pl.concat([whole, others.select(whole.columns)])


def forms(texts: pl.Series) -> pl.DataFrame:
    """Return the forms in which names are compared, a row a text, in the order given.

    Args:
        texts: Names or readings of names, none null.

    Returns:
        ``fold`` (words apart by a space), ``plain`` (the same), ``sound`` (words sorted, no
        spaces), ``bones`` (no spaces), ``words`` (the sounds in order, apart), ``compass`` and
        ``digits`` (sorted words joined; empty where there are none).
    """
    fold = folded(texts)
    is_phrase = fold.str.contains(" ", literal=True).fill_null(value=False)
    spoken = fold.filter(is_phrase).str.replace_all(_SUN_LETTERS, _SUN_LETTER_KEPT)
    phrases = [text.split(" ") for text in spoken.to_list()]
    words = pl.Series(list(set(chain.from_iterable(phrases))), dtype=pl.String)
    alone = fold.filter(~is_phrase).fill_null("")
    table = _word_forms(pl.concat([words, alone]).unique())
    known = {row[-1]: row for row in table.join(words.to_frame("word"), on="word").iter_rows()}
    read = [_phrase([known[word] for word in phrase]) for phrase in phrases]
    joined = dict(zip(_FORMS, list(zip(*read, strict=True)) or [()] * len(_FORMS), strict=True))
    # Most names are one word, whose forms are the name's.
    found = pl.concat(
        [
            pl.DataFrame(joined, schema=dict.fromkeys(_FORMS, pl.String)),
            alone.to_frame("word")
            .join(table, on="word", how="left", maintain_order="left")
            .select(_FORMS),
        ]
    )
    places = np.empty(len(fold), dtype=np.int64)
    places[np.flatnonzero(is_phrase.to_numpy())] = np.arange(len(phrases))
    places[np.flatnonzero(~is_phrase.to_numpy())] = np.arange(len(phrases), len(fold))
    return pl.DataFrame({"fold": fold}).with_columns(found[places])


def _phrase(words: list[_Word]) -> tuple[str, ...]:
    """Return the forms of a name of several words."""
    # A name of area words alone ("Centre", "La Capital") is compared by all of them.
    kept = [word for word in words if not word[_IS_DROPPED]] or words
    if len(kept) == 1:
        return kept[0][:6]  # all but is_dropped and the word
    plain, sound, bones, _, compass, digits, _, _ = zip(*kept, strict=True)
    return (
        " ".join(plain),
        "".join(sorted(sound)),
        "".join(bones),
        " ".join(sound),
        " ".join(sorted(set(compass) - _NOTHING)) if any(compass) else "",
        " ".join(sorted(set(digits) - _NOTHING)) if any(digits) else "",
    )


def _word_forms(words: pl.Series) -> pl.DataFrame:
    dropped, replacements = _vocabulary()
    word, plain = pl.col("word"), pl.col("plain")
    return (
        pl.DataFrame({"word": words, "is_nearly": _is_nearly(words, dropped)})
        .lazy()
        .with_columns(plain=word.replace(replacements))
        .with_columns(sound=_sound(plain))
        .select(
            "plain",
            "sound",
            bones=pl.col("sound").str.replace_all("[aeiou ]", "").str.replace_many(_DOUBLES),
            words="sound",
            compass=pl.when(plain.is_in(compass_words())).then("plain").otherwise(pl.lit("")),
            digits=plain.str.extract(r"(\d+)").fill_null(""),
            is_dropped=word.is_in(list(dropped)) | pl.col("is_nearly"),
            word="word",
        )
        .collect()
    )


def _is_nearly(words: pl.Series, dropped: frozenset[str]) -> pl.Series:
    """Return whether words are one typing error away from a long word that is dropped."""
    long = sorted(word for word in dropped if len(word) >= _LONG_WORD)
    # One error leaves the beginning or the end as it is.
    begins = words.str.slice(0, _LEFT_BY_ERROR).is_in({word[:_LEFT_BY_ERROR] for word in long})
    ends = words.str.slice(-_LEFT_BY_ERROR).is_in({word[-_LEFT_BY_ERROR:] for word in long})
    asked = ((words.str.len_chars() >= _LONG_WORD) & (begins | ends)).arg_true()
    near = process.cdist(
        words[asked].to_list(), long, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
    )
    found = np.zeros(len(words), dtype=bool)
    found[asked.to_numpy()] = (near <= 1).any(axis=1)
    return pl.Series(found)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[frozenset[str], dict[str, str]]:
    return dropped_words(), word_replacements()


def _sound(word: pl.Expr) -> pl.Expr:
    return (
        word.str.replace_many(list(_SOUNDS), list(_SOUNDS.values()), leftmost=True)
        .str.replace_many(_GLIDES)
        .str.replace_many(_DOUBLES)
        .str.replace_many(_DOUBLES)
        .str.replace(r"^(.{2,}[^aeh])(?:[ae]h?|h)$", "${1}")
        .str.replace_all(" ", "", literal=True)
    )
