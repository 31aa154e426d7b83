"""What figures are called in SDMX: codes of our words, and their names in four languages.

Source:
    SDMX cross-domain code lists: CL_SEX 2.1, CL_AGE 1.0 (``Y0T4``, ``Y_GE75``), CL_FREQ 2.1
    (``A``, ``A5``), CL_OBS_STATUS 2.1, CL_UNIT_MULT; units as OECD writes
    them (``PS``, ``PT``).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from waystation.geography.concordance import area_name
from waystation.geography.countries import country_codes

LANGUAGES = ("en", "fr", "es", "ar")
TOTAL, UNKNOWN = "_T", "_U"
Names = tuple[str, ...]  # one for each of LANGUAGES, or one that serves all

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_@$-]")
_LONGEST = 60

SEXES = {"both": "_T", "male": "M", "female": "F"}
UNITS = {
    "persons": "PS",
    "percent": "PT",
    "USD": "USD",
    "households": "HH",
    "per 1000": "PER_1000",
}
# With a figure, and without: data cannot be told to be zero because they are not there.
STATUSES = {
    "observed": "A",
    "estimated": "E",
    "imputed": "I",
    "break": "B",
    "provisional": "P",
    "confidential": "A",
    "not_reported": "A",
}
STATUSES_OF_NOTHING = {"confidential": "L"}  # they exist; every other null is "O"
NOTHING = "O"

TOTAL_NAMES = ("All together", "Ensemble", "Total", "المجموع")
UNKNOWN_NAMES = ("Not known", "Inconnu", "Desconocido", "غير معروف")
FIXED: dict[str, dict[str, Names]] = {
    "SEX": {
        "_T": ("Both sexes", "Les deux sexes", "Ambos sexos", "كلا الجنسين"),
        "M": ("Male", "Hommes", "Hombres", "ذكور"),
        "F": ("Female", "Femmes", "Mujeres", "إناث"),
    },
    "OBS_STATUS": {
        "A": ("Normal value", "Valeur normale", "Valor normal", "قيمة عادية"),
        "B": ("Break in series", "Rupture de série", "Ruptura de serie", "انقطاع السلسلة"),
        "E": ("Estimated value", "Valeur estimée", "Valor estimado", "قيمة مقدرة"),
        "I": ("Imputed value", "Valeur imputée", "Valor imputado", "قيمة محتسبة"),
        "P": ("Provisional value", "Valeur provisoire", "Valor provisional", "قيمة مؤقتة"),
        "M": (
            "Missing: data cannot exist", "Manquante : ne peut exister",
            "Falta: no puede existir", "مفقودة: لا يمكن أن توجد",
        ),
        "L": (
            "Missing: data exist and are not given", "Manquante : existe, non communiquée",
            "Falta: existe y no se comunica", "مفقودة: موجودة ولم تقدم",
        ),
        "O": ("Missing: not reported", "Manquante : non déclarée", "Falta: no comunicado",
              "مفقودة: لم يبلغ عنها"),
    },
    "UNIT_MULT": {"0": ("Units", "Unités", "Unidades", "وحدات")},
    "UNIT_MEASURE": {
        "PS": ("Persons", "Personnes", "Personas", "أشخاص"),
        "PT": ("Per cent", "Pour cent", "Por ciento", "في المائة"),
        "USD": ("US dollars", "Dollars des États-Unis", "Dólares estadounidenses",
                "دولارات أمريكية"),
        "HH": ("Households", "Ménages", "Hogares", "أسر معيشية"),
        "PER_1000": ("Per 1,000", "Pour 1 000", "Por cada 1.000", "لكل 1000"),
    },
    "FREQ": {
        "A": ("Annual", "Annuelle", "Anual", "سنوي"),
        "S": ("Half-yearly", "Semestrielle", "Semestral", "نصف سنوي"),
        "Q": ("Quarterly", "Trimestrielle", "Trimestral", "ربع سنوي"),
        "M": ("Monthly", "Mensuelle", "Mensual", "شهري"),
        "_O": ("Other", "Autre", "Otra", "أخرى"),
    },
}  # fmt: skip

_YEAR = re.compile(r"\d{4}")
_SPAN = re.compile(r"(\d{4})((?:-\d{2}-\d{2})?)/P(\d+)Y")
_PART = re.compile(r"\d{4}-(?:([QS])\d|\d{2})")
_DAY = re.compile(r"\d{4}-(\d{2}-\d{2})")
# Moments at which yearly figures are taken.
_YEARLY = {"01-01", "06-30", "07-01", "12-31"}


def frequency_of(period: str) -> str:
    """Return the code of the frequency that a period has: A for a year, A5 for five years."""
    if _YEAR.fullmatch(period):
        return "A"
    if span := _SPAN.fullmatch(period):
        return "A" if span[3] == "1" else f"A{span[3]}"
    if part := _PART.fullmatch(period):
        return part[1] or "M"
    day = _DAY.fullmatch(period)
    return "A" if day and day[1] in _YEARLY else "_O"


def time_period_of(period: str) -> str:
    """Return a period as SDMX writes it: 2000/P2Y begins on 1 January, 2000-01-01/P2Y."""
    span = _SPAN.fullmatch(period)
    return f"{span[1]}-01-01/P{span[3]}Y" if span and not span[2] else period


def sex_code(sex: str) -> str:
    """Return the code of whom a figure counts."""
    return SEXES.get(sex) or _plain(sex)


def age_code(age: str) -> str:
    """Return the code of an age group: total is _T, 0-4 is Y0T4, 75+ is Y_GE75."""
    known = {"total": TOTAL, "unknown": UNKNOWN}
    if age in known:
        return known[age]
    for pattern, code in (
        (r"(\d+)-(\d+)", r"Y\1T\2"),
        (r"(\d+)\+", r"Y_GE\1"),
        (r"<(\d+)", r"Y_LT\1"),
        (r"(\d+)", r"Y\1"),
    ):
        if found := re.fullmatch(pattern, age, re.ASCII):
            return found.expand(code)
    return _plain(age)


def unit_code(unit: str) -> str:
    """Return the code of a unit."""
    return UNITS.get(unit) or _plain(unit)


def area_code(area: str) -> str:
    """Return the code of an area: that of our tables."""
    return _FORBIDDEN.sub("_", area)[:_LONGEST] or UNKNOWN


def indicator_code(measure: str) -> str:
    """Return the code of what is counted."""
    return _plain(measure)


def breakdown_code(breakdown: str) -> str:
    """Return the code of a further breakdown: education=low is EDUCATION-LOW."""
    parts = [part.strip().replace("=", "-").replace(" ", "_") for part in breakdown.split(";")]
    return _plain("__".join(parts))


CODING = {
    "REF_AREA": area_code,
    "COUNTERPART_AREA": area_code,
    "SEX": sex_code,
    "AGE": age_code,
    "INDICATOR": indicator_code,
    "BREAKDOWN": breakdown_code,
    "UNIT_MEASURE": unit_code,
}


def codes_by_word(dimension: str, words: Iterable[str]) -> dict[str, str]:
    """Return the code of each of our words; two words never share one."""
    coded = {word: CODING[dimension](word) for word in words}
    shared = Counter(coded.values())
    return {
        word: code if shared[code] == 1 else f"{code}_{_mark(word)}"
        for word, code in coded.items()
    }


def names_of(dimension: str, code: str, word: str) -> Names:
    """Return what a code is called, in the order of ``LANGUAGES``, or one name for all.

    Args:
        dimension: The dimension or attribute that has it.
        code: The code.
        word: What our tables call it.
    """
    if dimension in FIXED and code in FIXED[dimension]:
        return FIXED[dimension][code]
    if code in {TOTAL, UNKNOWN}:
        return TOTAL_NAMES if code == TOTAL else UNKNOWN_NAMES
    if dimension in {"REF_AREA", "COUNTERPART_AREA"}:
        return area_names(word) or (word,)
    if dimension == "FREQ" and code[1:].isdigit():
        years = code[1:]
        return (
            f"Every {years} years", f"Tous les {years} ans", f"Cada {years} años",
            f"كل {years} سنوات",
        )  # fmt: skip
    if dimension == "INDICATOR":
        return (word.replace("_", " ").strip().capitalize(),)
    return (word,)


@cache
def area_names(area: str) -> Names | None:
    """Return the names of an area in all languages; None where it has none."""
    found = tuple(area_name(area, language) or "" for language in LANGUAGES)
    return found if all(found) else None


@cache
def all_areas() -> tuple[str, ...]:
    """Return the codes of all countries, whether there are figures about them or not."""
    return tuple(country_codes()["iso3"])


def _plain(word: str) -> str:
    """Return a word in capitals with nothing that a code may not have."""
    code = _FORBIDDEN.sub("_", word.upper())
    if not code.strip("_"):
        return f"X_{_mark(word)}"
    return code if len(code) <= _LONGEST else f"{code[:_LONGEST]}_{_mark(word)}"


def _mark(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()[:6].upper()
