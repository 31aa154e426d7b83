"""Answers to closed questions, in four languages and several code lists, as codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import polars as pl

from waystation.tracking.indicators import dimensions
from waystation.tracking.intake.blanks import BLANK_ANSWERS

SEPARATOR = ";"
"""Between several reasons of one row; priority needs are separated by one space."""

_ACCESS = {
    "yes": "yes y oui si sim 1 true accessible accesible full_access fully_accessible "
    "acces acces_libre acceso acceso_libre نعم يمكن_الوصول متاح سهل",
    "limited": "limited limited_access partial partially partially_accessible hard_to_reach "
    "restricted limite acces_limite acces_restreint acces_difficile difficile partiel "
    "partiellement limitado acceso_limitado acceso_restringido parcial restringido dificil "
    "محدود وصول_محدود صعب جزئي صعوبة_الوصول",
    "no": "no n non nao 0 false not_accessible inaccessible inaccesible no_access none "
    "pas_d_acces aucun_acces pas_accessible sin_acceso لا لا_يمكن_الوصول غير_متاح",
}
_STATUS = {
    "open": "open opened active functional ouvert ouverte actif active abierto abierta activo "
    "activa مفتوح نشط",
    "closed": "closed close inactive ferme fermee inactif cerrado cerrada inactivo مغلق "
    "غير_نشط",
}
_SITE_TYPES = {
    "camp": "camp planned_camp formal_camp camp_site camp_planifie site_planifie campamento "
    "campamento_planificado مخيم معسكر",
    "collective_centre": "collective_centre collective_center collective_shelter "
    "collective_settlement centre_collectif centro_colectivo مركز_جماعي مركز_ايواء "
    "مركز_ايواء_جماعي",
    "informal_settlement": "informal_settlement spontaneous_settlement self_settled "
    "spontaneous_site informal_site camp_like_setting site_spontane site_informel "
    "installation_spontanee asentamiento_informal asentamiento_espontaneo تجمع_غير_رسمي "
    "مخيم_عشوائي موقع_غير_رسمي",
    "dispersed": "dispersed host_community host_communities in_host_community "
    "dispersed_in_the_host_community dispersed_in_host_community communaute_d_accueil "
    "famille_d_accueil familles_d_accueil host_family host_families disperse disperses "
    "comunidad_de_acogida comunidad_receptora disperso dispersos المجتمع_المضيف مجتمع_مضيف "
    "متفرقون",
    "other": "other autre otro otra اخرى غير_ذلك",
    "unknown": "unknown dnk do_not_know not_known inconnu desconocido غير_معروف",
}
# Source of the codes: DTM data dictionary and the service's answers; the rest are words that
# missions use for them.
_REASONS = {
    "conflict": "conflict conflict_displacement conflict_violence armed_conflict violence "
    "conflict_and_violence war insurgency military_operations attack terrorism "
    "non_international_armed_conflict conflit conflit_arme conflits guerre insurrection "
    "attaque_armee conflicto conflicto_armado violencia guerra نزاع نزاع_مسلح صراع عنف حرب "
    "نزاع_او_عنف اشتباكات",
    "communal": "communal communal_clash communal_clashes communal_tension intercommunal "
    "intercommunal_conflict inter_communal_clashes farmer_herder farmer_herder_clash "
    "tribal_clash tribal_clashes ethnic_tension conflit_intercommunautaire "
    "conflit_communautaire conflits_intercommunautaires tensions_intercommunautaires "
    "conflicto_comunitario صراع_قبلي نزاع_قبلي اشتباكات_قبلية",
    "insecurity": "insecurity crime criminality banditry kidnapping generalized_insecurity "
    "insecurite criminalite banditisme inseguridad delincuencia انعدام_الامن جريمة",
    "disaster": "disaster natural_disaster natural_hazard nonclimate_disaster climate_floods "
    "flood floods flooding earthquake cyclone storm landslide volcano fire heavy_rain "
    "catastrophe_naturelle desastre catastrophe inondation inondations seisme tremblement "
    "glissement_de_terrain incendie desastre_natural inundacion inundaciones terremoto "
    "deslizamiento huracan كارثة_طبيعية كوارث_طبيعية فيضان فيضانات سيول زلزال",
    "climate": "climate climate_drought climate_other drought desertification climate_change "
    "secheresse changement_climatique sequia جفاف تصحر تغير_المناخ",
    "development": "development development_project project eviction_for_project "
    "projet_de_developpement proyecto_de_desarrollo مشروع_تنموي",
    "economic": "economic economy livelihood lack_of_livelihood economique raisons_economiques "
    "economico اقتصادي اسباب_اقتصادية",
    "health": "health environment_health epidemic disease sante epidemie salud epidemia صحي "
    "صحة وباء",
    "other": "other other_reason others autre autres autre_raison otro otra otros اخرى "
    "اسباب_اخرى",
    "unknown": "unknown no_reason_for_displacement_reported not_reported dnk do_not_know "
    "not_known inconnu non_connu desconocido غير_معروف",
}
_NEEDS = {
    "food": "food food_assistance nourriture aliments vivres alimentation alimentos comida "
    "غذاء طعام الغذاء",
    "water": "water drinking_water wash safe_water eau eau_potable agua agua_potable مياه ماء "
    "مياه_الشرب",
    "sanitation": "sanitation latrines toilets assainissement latrinas saneamiento صرف_صحي",
    "hygiene": "hygiene hygiene_items hygiene_kits higiene نظافة النظافة",
    "health": "health healthcare health_care health_services medical sante soins "
    "soins_de_sante services_de_sante salud atencion_medica صحة رعاية_صحية الصحة",
    "medicines": "medicines medicine medicaments medicamentos ادوية الادوية",
    "nfi": "nfi nfis non_food_items household_items clothes clothing blankets bna ame "
    "articles_menagers articles_non_alimentaires vetements articulos_del_hogar ropa "
    "مواد_غير_غذائية ملابس",
    "shelter": "shelter accommodation housing abri abris logement alojamiento vivienda "
    "albergue ماوى سكن الماوى",
    "cash": "cash cash_assistance money financial_support argent argent_liquide "
    "assistance_en_especes dinero dinero_en_efectivo نقد نقود مساعدات_نقدية",
    "livelihood": "livelihood livelihoods employment business income jobs agricultural_inputs "
    "agriculture moyens_de_subsistance moyen_de_subsistance moyens_d_existence "
    "emploi travail medios_de_vida empleo trabajo سبل_العيش عمل سبل_المعيشة",
    "education": "education school schools school_supplies kindergarten vocational "
    "vocational_training ecole education_scolaire educacion escuela تعليم التعليم",
    "protection": "protection child_spaces reunification family_reunification gbv "
    "child_protection proteccion حماية الحماية",
    "security": "security safety securite seguridad امن الامن",
    "psychosocial": "psychosocial pss mhpss psychosocial_support soutien_psychosocial "
    "apoyo_psicosocial دعم_نفسي الدعم_النفسي",
    "electricity": "electricity fuel energy light electricite energie combustible electricidad "
    "energia كهرباء وقود",
    "transport": "transport transportation نقل مواصلات transporte",
    "documentation": "documentation documents civil_documents legal_consular legal "
    "recognition_qualifications documentacion وثائق",
    "information": "information communication language reporting informacion معلومات",
    "other": "other return_support autre autres otro otra otros اخرى",
}
_COMPONENTS = {
    "baseline_area": "ba b1 baseline baseline_area baseline_assessment area_assessment "
    "baseline_area_assessment evaluation_de_base",
    "baseline_location": "b2 bl baseline_location baseline_sub_area location_assessment",
    "site_assessment": "sa msla site site_assessment location_and_site multi_sectoral",
    "event": "ett eet event event_tracking emergency_tracking emergency_event_tracking",
}
_SEVERAL = re.compile(r"\s*[;,|\n/+&،؛]\s*|\s+(?:and|et|y)\s+")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LISTED = re.compile(r"\s*[;,|\n،؛]\s*")
_AND = {"and", "et", "y", "و"}
_NO_NEED = {"none", "aucun", "ninguno", "dnk", "pnta", "na", "n_a", "do_not_know", "لا_شيء"}
_TICKED = ("1", "true", "yes", "oui", "si", "sí", "x", "نعم")
TICKS = (*_TICKED, "0", "false", "no", "non", "لا", "null", "nan", "n/a")
"""What stands in the column of one choice, in small letters."""


_LETTERS = str.maketrans(
    "àâáãäåçéèêëíìîïñóòôõöøúùûüýÿأإآٱؤئ", "aaaaaaceeeeiiiinoooooouuuuyyااااوي", "ـ"
) | {ord("œ"): "oe", ord("æ"): "ae"}


def folded(text: str) -> str:
    """Return an answer in small letters without accents, marks and leading numbers."""
    plain = text.casefold().translate(_LETTERS)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^\w]+", "_", bare).strip("_")
    return re.sub(r"^\d+_?(?=[^\d_])", "", words)


@cache
def _codes(field: str) -> dict[str, str]:
    """Return the code of every known answer to a question, folded."""
    words, dimension = {
        "access": (_ACCESS, "access"),
        "location_status": (_STATUS, ""),
        "location_type": (_SITE_TYPES, "site_type"),
        "displacement_reason": (_REASONS, "reason"),
        "priority_needs": (_NEEDS, "need"),
        "component": (_COMPONENTS, ""),
    }[field]
    codes: dict[str, str] = {}
    if dimension:
        for code, labels in dimensions()[dimension].categories.items():
            codes |= {folded(label): code for label in (code, *labels.values())}
    for code, answers in words.items():
        codes |= {folded(answer): code for answer in answers.split()}
    return codes


def coded_answers(column: pl.Series, field: str) -> pl.Series:
    """Return the answers of a closed question as codes of the dictionary.

    Args:
        column: Text.
        field: ``access``, ``location_status``, ``location_type``, ``displacement_reason``,
            ``priority_needs`` or ``component``.

    Returns:
        Codes; several reasons of one answer sorted and joined by ``;``, needs in their order
        joined by one space. An answer that is not known stays as it came, so that a check can
        name it; ways to write "no answer" are null, except that they mean ``unknown`` in a
        list of reasons or site types that has it.
    """
    read: Callable[[str], str | None] = {
        "displacement_reason": _reasons,
        "priority_needs": _needs,
    }.get(field, lambda answer: _one(answer, field))
    distinct = column.drop_nulls().unique()
    codes = pl.Series([read(answer) for answer in distinct.to_list()], dtype=pl.String)
    return column.replace_strict(distinct, codes, default=None, return_dtype=pl.String)


def _whole(answer: str, codes: dict[str, str]) -> str | None:
    """Return the code of one answer, with or without what stands in brackets."""
    return codes.get(folded(answer)) or codes.get(folded(_BRACKETS.sub(" ", answer)))


def _one(answer: str, field: str) -> str | None:
    code = _whole(answer, _codes(field))
    bare = answer.strip()
    if code or not folded(answer) or bare.casefold() in BLANK_ANSWERS:
        return code
    return bare


def _reasons(answer: str) -> str | None:
    codes = _codes("displacement_reason")
    code = _whole(answer, codes)
    bare = answer.strip()
    if code or bare.casefold() in BLANK_ANSWERS:
        return code
    parts = [part for part in _SEVERAL.split(_BRACKETS.sub(" ", bare)) if part]
    found = [codes.get(folded(part)) for part in parts]
    if not all(found):
        # Collecting tools write several choices as codes with spaces between.
        found = [codes.get(folded(word)) for word in bare.split()]
    if not found or not all(found):
        return bare or None
    return SEPARATOR.join(sorted({code for code in found if code}))


def _needs(answer: str) -> str | None:
    codes = _codes("priority_needs") | dict.fromkeys(_NO_NEED, "")
    code = _whole(answer, codes)
    if code is not None:
        return code or None
    parts = [part for part in _LISTED.split(_BRACKETS.sub(" ", answer)) if part.strip()]
    needs: list[str] = []
    for part in parts:
        words = part.split()
        known = [codes.get(folded(word)) for word in words]
        if folded(part) in codes:
            needs.append(codes[folded(part)])
        elif all(code is not None for code in known):
            needs += [code or "" for code in known]
        else:
            needs += _run_together(folded(part).split("_"), codes)
    return " ".join(need for need in needs if need) or None


def _run_together(words: list[str], codes: dict[str, str]) -> list[str]:
    """Return the needs in labels that follow each other with nothing between.

    The longest label that is known is taken each time; words between that belong to none make
    one unknown need. A need counts once, since labels name it in several words.
    """
    needs: list[str] = []
    unknown: list[str] = []
    while words:
        size = next(
            (n for n in range(min(6, len(words)), 0, -1) if "_".join(words[:n]) in codes), 0
        )
        if not size:
            unknown += [word for word in words[:1] if word not in _AND]
            words = words[1:]
            continue
        needs += ["_".join(unknown), codes["_".join(words[:size])]]
        words, unknown = words[size:], []
    return list(dict.fromkeys([*needs, "_".join(unknown)]))


def ticked_choices(column: pl.Series, choice: str) -> pl.Series:
    """Return the code of a choice where its own column is ticked (1, yes, true), else null."""
    code = pl.lit(_needs(choice), dtype=pl.String)
    is_ticked = column.cast(pl.String).str.to_lowercase().is_in(_TICKED)
    return pl.select(pl.when(is_ticked).then(code).alias(column.name))[column.name]
