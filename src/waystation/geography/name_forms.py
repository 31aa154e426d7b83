"""A name as it is compared: folded, without words that do not tell, by sound, and by bones.

Four forms of one name, each blind to more::

    as written   Wilayat Al-Khartoum    ولاية الخرطوم     San José de Ocoa
    fold         wilayat al khartoum    ulaia al khrtum   san jose de ocoa
    plain        khartoum               khrtum            san jose ocoa
    sound        hartum                 hrtum             sanjosoko
    bones        hrtm                   hrtm              snjsk

``fold`` sees only letters and digits. ``plain`` drops area types and articles, and gives words
of the compass one spelling in all languages. ``sound`` is one spelling for what transliterations
write in several ways (ou, oo, w and u; dj and j; kh and h). ``bones`` are its consonants, which
is all that Arabic script says.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from waystation.geography.admin_words import compass_words, dropped_words, word_replacements
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
_SUN_LETTERS = (
    r"\b[aeiou](?:r (r)|n (n)|s (s)|d (d)|t (t)|z (z)|l (l)|j (j)|sh (sh)|th (th)|dh (dh))"
)

_LONG_WORD = 7  # letters from which one typing error leaves no doubt which word it was

FORM_COLUMNS = ["fold", "plain", "sound", "bones", "words", "compass", "digits"]


def readings(names: pl.Series) -> pl.DataFrame:
    """Return the readings of names: as written, and what brackets, slashes and г leave open.

    Args:
        names: Distinct names, none null.

    Returns:
        Columns ``name``, ``reading`` (text), ``is_whole`` (the name as written), several rows
        a name, in the order given.
    """
    name = pl.col("name")
    frame = pl.DataFrame({"name": names})
    whole = frame.with_columns(reading=name, is_whole=pl.lit(True))
    parts = [
        frame.filter(name.str.contains(r"\(.*\)")).with_columns(
            reading=pl.concat_list(
                name.str.replace_all(r"\(.*?\)", " "),
                name.str.extract(r"\(([^)]{4,})\)").fill_null(""),
            )
        ),
        frame.filter(name.str.contains("/", literal=True)).with_columns(
            reading=name.str.split("/")
        ),
        frame.filter(name.str.contains("(?i)г")).with_columns(
            reading=pl.concat_list(name.str.to_lowercase().str.replace_all("г", "һ"))
        ),
    ]
    others = pl.concat(part.explode("reading") for part in parts).filter(
        pl.col("reading").str.count_matches(r"\p{L}") >= 3
    )
    if others.is_empty():
        return whole
    others = others.with_columns(pl.col("reading").str.strip_chars(), is_whole=pl.lit(False))
    order = frame.with_row_index("_order")
    return (
        pl.concat([whole, others.select(whole.columns)])
        .join(order, on="name", maintain_order="left")
        .sort("_order", maintain_order=True)
        .drop("_order")
    )


def forms(texts: pl.Series) -> pl.DataFrame:
    """Return the forms in which names are compared, a row a text, in the order given.

    Args:
        texts: Names or readings of names, none null.

    Returns:
        ``fold`` (words apart by a space), ``plain`` (the same), ``sound`` (words sorted, no
        spaces), ``bones`` (no spaces), ``words`` (list: the sounds of the words), ``compass``
        and ``digits`` (sorted words joined; empty where there are none).
    """
    fold = folded(texts)
    unjoined = fold.str.replace_all(
        _SUN_LETTERS, "${1}${2}${3}${4}${5}${6}${7}${8}${9}${10}${11}"
    )
    words = (
        pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "word": unjoined.str.split(" ")})
        .explode("word")
        .with_columns(pl.col("word").fill_null(""))
    )
    words = words.join(_word_forms(words["word"].unique()), on="word", maintain_order="left")
    kept = words.filter(
        ~pl.col("is_dropped") | pl.col("is_dropped").all().over("row")
    ).with_columns(
        # A name of area words alone ("Centre", "La Capital") is compared by all of them.
        plain=pl.when(pl.col("is_dropped")).then("word").otherwise("plain")
    )
    joined = kept.group_by("row", maintain_order=True).agg(
        plain=pl.col("plain").str.join(" "),
        sound=pl.col("sound").sort().str.join(""),
        bones=pl.col("bones").str.join(""),
        words="sound",
        compass=pl.col("compass").drop_nulls().unique().sort().str.join(" "),
        digits=pl.col("digits").drop_nulls().sort().str.join(" "),
    )
    return pl.DataFrame({"fold": fold}).with_columns(joined.drop("row"))


def _word_forms(words: pl.Series) -> pl.DataFrame:
    dropped, replacements = _vocabulary()
    plain = words.replace(replacements)
    sound = _sounds(plain)
    return pl.DataFrame(
        {
            "word": words,
            "is_dropped": words.is_in(list(dropped)) | _is_nearly(words, dropped),
            "plain": plain,
            "sound": sound,
            "bones": sound.str.replace_all("[aeiou ]", "").str.replace_many(_DOUBLES),
        }
    ).with_columns(
        compass=pl.when(plain.str.split(" ").list.first().is_in(compass_words())).then("plain"),
        digits=pl.col("plain").str.extract(r"(\d+)"),
    )


def _is_nearly(words: pl.Series, dropped: frozenset[str]) -> pl.Series:
    """Return whether words are one typing error away from a long word that is dropped."""
    long = sorted(word for word in dropped if len(word) >= _LONG_WORD)
    near = process.cdist(
        words.to_list(), long, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
    )
    is_long = words.str.len_chars() >= _LONG_WORD
    return pl.Series((near <= 1).any(axis=1), dtype=pl.Boolean) & is_long


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[frozenset[str], dict[str, str]]:
    return dropped_words(), word_replacements()


def _sounds(words: pl.Series) -> pl.Series:
    text = words.str.replace_many(list(_SOUNDS), list(_SOUNDS.values()), leftmost=True)
    text = text.str.replace_many(_GLIDES).str.replace_many(_DOUBLES).str.replace_many(_DOUBLES)
    return text.str.replace(r"^(.{2,}[^aeh])(?:[ae]h?|h)$", "${1}").str.replace_all(" ", "")
