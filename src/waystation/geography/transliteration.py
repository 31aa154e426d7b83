"""Scripts in Latin letters: Arabic (with Persian, Kurdish, Pashto), Cyrillic, Ethiopic."""

from __future__ import annotations

import polars as pl

# Letters that Unicode does not take apart into a plain letter and an accent.
_LATIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
    "ı": "i", "ŋ": "ng", "ə": "a", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɲ": "ny", "ɛ": "e",
    "ɔ": "o", "ħ": "h",
}  # fmt: skip

# Long vowels are written, short ones are not: "alkhrtum" is all that الخرطوم says.
_ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j",
    "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh",
    "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "'", "غ": "gh", "ف": "f", "ق": "q", "ك": "k",
    "ل": "l", "م": "m", "ن": "n", "ه": "h", "ة": "a", "و": "u", "ي": "i", "ى": "a", "ئ": "i",
    "ؤ": "u", "ء": "'",
    "پ": "p", "چ": "ch", "ژ": "zh", "گ": "g", "ک": "k", "ی": "i", "ڤ": "v", "ټ": "t", "ډ": "d",
    "ړ": "r", "ږ": "zh", "ښ": "sh", "ځ": "dz", "څ": "ts", "ڼ": "n", "ې": "e", "ۍ": "i",
    "ڕ": "r", "ڵ": "l", "ۆ": "o", "ێ": "e", "ە": "a", "ھ": "h", "ہ": "h", "ے": "e", "ں": "n",
    "ٹ": "t", "ڈ": "d", "ڑ": "r", "ـ": "", "،": " ", "؛": " ", "\u200c": " ", "\u200d": "",
}  # fmt: skip

# Russian and Ukrainian together; where they part, the letter that only one of them has decides,
# and г is read both ways by `readings` (Луганськ is Luhansk, Белгород is Belgorod).
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "ѓ": "g", "ғ": "g", "д": "d", "ђ": "dj",
    "е": "e", "ё": "yo", "є": "ye", "ж": "zh", "җ": "j", "з": "z", "ѕ": "dz", "и": "y",
    "і": "i", "ї": "yi", "й": "i", "ј": "j", "к": "k", "қ": "q", "л": "l", "љ": "lj", "м": "m",
    "н": "n", "ң": "ng", "њ": "nj", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "ћ": "c", "у": "u", "ў": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "kh", "һ": "h", "ҳ": "h",
    "ц": "ts", "ч": "ch", "ҷ": "j", "џ": "dz", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y",
    "ь": "", "э": "e", "ә": "a", "ю": "yu", "я": "ya",
}  # fmt: skip

# The Ethiopic block is a table: seven or eight vowels (columns) to a consonant (rows).
_ETHIOPIC_ROWS = """
h l h m s r s sh q qw q qw b v t ch h hw n ny ' k kw kh khw w ' z zh y d d j g gw ng t ch p ts
ts f p
""".split()  # noqa: SIM905 - a table reads best as it stands in the Unicode charts
_ETHIOPIC_VOWELS = ("e", "u", "i", "a", "e", "", "o", "wa")

_DIGITS = {
    chr(zero + digit): str(digit)
    for zero in (0x0660, 0x06F0, 0x0966)
    for digit in range(10)
}  # fmt: skip

# Between letters of these scripts a space or nothing may stand, so only the first is read on.
_ARABIC_LETTERS = r"[\u0621-\u064A\u066E-\u06D3]"
_APOSTROPHES = r"['’‘ʼʻ`´ʾʿ′ʹʽ\u02BF\u02BE\"“”]"


def _ethiopic() -> dict[str, str]:
    letters = {}
    for row, consonant in enumerate(_ETHIOPIC_ROWS):
        for column, vowel in enumerate(_ETHIOPIC_VOWELS):
            # After h, and after the stops ʾ and ʿ that Latin leaves out, the first vowel is a.
            opens = column == 0 and consonant in {"h", "'"}
            sound = consonant.strip("'") + ("a" if opens else vowel)
            letters[chr(0x1200 + 8 * row + column)] = sound
    return letters


def _letters() -> dict[str, str]:
    return {**_LATIN, **_ARABIC, **_CYRILLIC, **_ethiopic(), **_DIGITS}


_LETTERS = _letters()


def folded(names: pl.Series) -> pl.Series:
    """Return names in plain small Latin letters and digits, words apart by one space.

    Accents, apostrophes and punctuation go; Arabic, Cyrillic and Ethiopic become Latin letters.
    Letters of scripts it does not know stay, so that equal names in them are still equal.

    Args:
        names: Names in any script; null stays null.

    Returns:
        Folded names in the same order; empty where a name holds no letter or digit.
    """
    frame = names.cast(pl.String).to_frame("text")
    is_other = frame["text"].str.contains(r"[^\x00-\x7F]").fill_null(value=False)
    if is_other.any():
        # Few names are not plain ASCII: only those are read letter by letter.
        places = is_other.arg_true()
        latin = _in_latin(frame["text"][places])
        frame = frame.with_columns(frame["text"].scatter(places, latin))
    return frame.select(_tidied(pl.col("text").str.to_lowercase())).to_series()


def _in_latin(names: pl.Series) -> pl.Series:
    """Return names in small Latin letters without accents."""
    text = pl.col("text").str.normalize("NFKC").str.to_lowercase()
    text = text.str.replace_all(r"[\u064B-\u065F\u0670\u0640]", "")
    if names.str.contains(_ARABIC_LETTERS).any():
        text = _with_articles_apart(text)
    text = text.str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    text = text.str.normalize("NFKD").str.replace_all(r"\p{Mn}", "")
    return names.to_frame("text").select(text).to_series()


def _with_articles_apart(text: pl.Expr) -> pl.Expr:
    """Write the Arabic article as a word of its own, and initial w and y as consonants."""
    return (
        text.str.replace_all(r"(^|[\s\-/(])و?ال(" + _ARABIC_LETTERS + "{2})", "${1}al ${2}")
        .str.replace_all(r"(^|[\s\-/(])و", "${1}w")
        .str.replace_all(r"(^|[\s\-/(])[يی]", "${1}y")
        .str.replace_all(r"al و", "al w")
        .str.replace_all(r"al [يی]", "al y")
    )


def _tidied(text: pl.Expr) -> pl.Expr:
    return (
        text.str.replace_all(_APOSTROPHES, "")
        .str.replace_all(r"[^\p{L}\p{M}\p{Nd}]+", " ")
        .str.strip_chars()
    )
