"""Headings as missions write them, in English, French and Arabic, and their HXL tags."""

from __future__ import annotations

from waystation.tracking.exercise.people import NEEDS, REASONS, SEX_AGE, SHELTERS

_P = "idp_individuals"
_BANDS_EN = ("under 1", "1-5", "6-17", "18-59", "60+")
_BANDS_FR = ("moins de 1 an", "1-5 ans", "6-17 ans", "18-59 ans", "60 ans et plus")
_BANDS_AR = ("أقل من سنة", "1-5", "6-17", "18-59", "60+")

# field: (group heading, heading) in English, then one heading in French and in Arabic
PLAIN: dict[str, tuple[tuple[str, str], str, str]] = {
    "round_number": (("Assessment", "Round"), "Round", "الجولة"),
    "collected_on": (
        ("Assessment", "Date of assessment"),
        "Date d'évaluation",
        "تاريخ التقييم",
    ),
    "enumerator": (("Assessment", "Enumerator code"), "Code enquêteur", "رمز الباحث"),
    "key_informants": (
        ("Assessment", "Number of key informants"),
        "Nombre d'informateurs clés",
        "عدد مصادر المعلومات الرئيسية",
    ),
    "credibility": (
        ("Assessment", "Credibility score"),
        "Score de crédibilité",
        "درجة المصداقية",
    ),
    "admin1_name": (("Place", "Admin 1 name"), "Région", "اسم الولاية"),
    "admin1_reported_code": (("Place", "Admin 1 p-code"), "Code région", "رمز الولاية"),
    "admin2_name": (("Place", "Admin 2 name"), "Département", "اسم المحلية"),
    "admin2_reported_code": (("Place", "Admin 2 p-code"), "Code département", "رمز المحلية"),
    "admin3_name": (("Place", "Admin 3 name"), "Commune", "اسم الوحدة الإدارية"),
    "admin3_reported_code": (
        ("Place", "Admin 3 p-code"),
        "Code commune",
        "رمز الوحدة الإدارية",
    ),
    "location_id": (("Location", "Location ID (SSID)"), "ID du site (SSID)", "معرف الموقع"),
    "location_name": (("Location", "Location name"), "Nom du site", "اسم الموقع"),
    "location_type": (("Location", "Location type"), "Type de site", "نوع الموقع"),
    "location_status": (("Location", "Status (open/closed)"), "Statut du site", "حالة الموقع"),
    "latitude": (("Location", "Latitude"), "Latitude", "خط العرض"),
    "longitude": (("Location", "Longitude"), "Longitude", "خط الطول"),
    "access": (("Location", "Accessible?"), "Accessibilité", "إمكانية الوصول"),
    "idp_households": (("IDPs", "IDP households"), "Nombre de ménages PDI", "عدد أسر النازحين"),
    "idp_individuals": (
        ("IDPs", "IDP individuals"),
        "Nombre de personnes déplacées (PDI)",
        "عدد النازحين (أفراد)",
    ),
    "idp_previously_abroad_individuals": (
        ("IDPs", "Of whom previously abroad (individuals)"),
        "Dont PDI auparavant à l'étranger (individus)",
        "منهم نازحون كانوا في الخارج (أفراد)",
    ),
    "returnee_households": (
        ("Returnees", "Returnee households"),
        "Nombre de ménages retournés",
        "عدد أسر العائدين",
    ),
    "returnee_individuals": (
        ("Returnees", "Returnee individuals"),
        "Nombre de personnes retournées",
        "عدد العائدين (أفراد)",
    ),
    "returnee_internal_individuals": (
        ("Returnees", "Returned from internal displacement (individuals)"),
        "Retournés de déplacement interne (individus)",
        "عائدون من نزوح داخلي (أفراد)",
    ),
    "returnee_abroad_individuals": (
        ("Returnees", "Returned from abroad (individuals)"),
        "Retournés de l'étranger (individus)",
        "عائدون من الخارج (أفراد)",
    ),
    "arrival_households": (
        ("Movements since the last round", "Arrivals (households)"),
        "Arrivées (ménages)",
        "الوافدون (أسر)",
    ),
    "arrival_individuals": (
        ("Movements since the last round", "Arrivals (individuals)"),
        "Arrivées (individus)",
        "الوافدون (أفراد)",
    ),
    "departure_households": (
        ("Movements since the last round", "Departures (households)"),
        "Départs (ménages)",
        "المغادرون (أسر)",
    ),
    "departure_individuals": (
        ("Movements since the last round", "Departures (individuals)"),
        "Départs (individus)",
        "المغادرون (أفراد)",
    ),
    "need_1": (("Needs", "Priority need 1"), "Besoin prioritaire 1", "الحاجة ذات الأولوية 1"),
    "need_2": (("Needs", "Priority need 2"), "Besoin prioritaire 2", "الحاجة ذات الأولوية 2"),
    "need_3": (("Needs", "Priority need 3"), "Besoin prioritaire 3", "الحاجة ذات الأولوية 3"),
    "record_uuid": (("Assessment", "Record uuid"), "uuid", "uuid"),
    f"{_P}__sex__male": (("IDPs by sex", "Males"), "PDI de sexe masculin", "النازحون الذكور"),
    f"{_P}__sex__female": (
        ("IDPs by sex", "Females"),
        "PDI de sexe féminin",
        "النازحات الإناث",
    ),
}
_REASON = {
    "conflict": ("Conflict", "Conflit", "نزاع"),
    "disaster": ("Natural disaster", "Catastrophe naturelle", "كارثة طبيعية"),
    "insecurity": ("Insecurity", "Insécurité", "انعدام الأمن"),
    "other": ("Other reason", "Autre raison", "أسباب أخرى"),
}
_SHELTER = {
    "camp": ("Camp", "Camp", "مخيم"),
    "host_family": ("Host family", "Famille d'accueil", "أسرة مضيفة"),
    "rented": ("Rented house", "Maison louée", "مسكن مستأجر"),
    "makeshift": ("Makeshift shelter", "Abri de fortune", "مأوى مؤقت"),
    "school": ("School", "École", "مدرسة"),
    "public_building": ("Public building", "Bâtiment public", "مبنى عام"),
    "open_air": ("Open air", "À l'air libre", "في العراء"),
}
VALUES: dict[str, dict[str, tuple[str, str, str]]] = {
    "location_type": {
        "host_community": ("Host community", "Communauté d'accueil", "مجتمع مضيف"),
        "camp": ("Camp", "Camp", "مخيم"),
        "informal_settlement": ("Informal settlement", "Site spontané", "تجمع غير رسمي"),
        "collective_centre": ("Collective centre", "Centre collectif", "مركز جماعي"),
    },
    "location_status": {
        "open": ("Open", "Ouvert", "مفتوح"),
        "closed": ("Closed", "Fermé", "مغلق"),
    },
    "access": {
        "yes": ("Yes", "Oui", "نعم"),
        "limited": ("Limited", "Limité", "محدود"),
        "no": ("No", "Non", "لا"),
    },
    "need": {
        "food": ("Food", "Nourriture", "الغذاء"),
        "water": ("Drinking water", "Eau potable", "مياه الشرب"),
        "shelter": ("Shelter", "Abri", "المأوى"),
        "health": ("Health", "Santé", "الصحة"),
        "nfi": ("Household items", "Articles ménagers", "المواد غير الغذائية"),
        "cash": ("Cash", "Argent liquide", "النقد"),
        "sanitation": ("Sanitation", "Assainissement", "الصرف الصحي"),
        "education": ("Education", "Éducation", "التعليم"),
        "livelihood": ("Livelihoods", "Moyens de subsistance", "سبل العيش"),
        "protection": ("Protection", "Protection", "الحماية"),
    },
}
KOBO_VALUES: dict[str, dict[str, str]] = {
    "location_type": {"host_community": "dispersed"},
    "access": {"limited": "limited_access"},
    "need": {"water": "drinking_water", "livelihood": "employment"},
}
KOBO: dict[str, str] = {
    "record_uuid": "_uuid",
    "collected_on": "m1855_meta_assessment_date",
    "round_number": "m0489_meta_survey_round",
    "enumerator": "m1469_meta_enum_id",
    "admin0": "m0302_meta_adm0_pcode",
    "admin1_reported_code": "m0303_meta_adm1_pcode",
    "admin2_reported_code": "m0304_meta_adm2_pcode",
    "admin3_reported_code": "m0305_meta_adm3_pcode",
    "location_id": "m0445_loc_site_id_ssid",
    "location_name": "m0448_loc_site_name",
    "location_type": "m0342_loc_site_type_multiple",
    "gps": "m1650_loc_gps_coords",
    "latitude": "_m1650_loc_gps_coords_latitude",
    "longitude": "_m1650_loc_gps_coords_longitude",
    "access": "s1534_loc_loc_access",
    "idp_households": "m0309_loc_num_idp_hh",
    "idp_individuals": "m0310_loc_num_idp_ind",
    f"{_P}__age_group__men": "m2968_loc_num_men_idp",
    f"{_P}__age_group__women": "m2969_loc_num_women_idp",
    f"{_P}__age_group__children": "m2970_loc_num_children_idp",
    "arrival_households": "m1537_loc_num_arrivals_hh",
    "arrival_individuals": "m1536_loc_num_arrival_ind_period",
    "departure_households": "m1541_loc_num_depart_hh_period",
    "departure_individuals": "m1540_loc_num_depart_ind_period",
    "returnee_households": "m0847_loc_num_return_idp_hh",
    "returnee_individuals": "m0851_loc_num_return_idp_ind",
    "priority_needs": "s2878_loc_top_3_priority_need_idp",
}
HXL: dict[str, str] = {
    "collected_on": "#date+occurred",
    "admin1_name": "#adm1+name",
    "admin1_reported_code": "#adm1+code",
    "admin2_name": "#adm2+name",
    "admin2_reported_code": "#adm2+code",
    "admin3_name": "#adm3+name",
    "admin3_reported_code": "#adm3+code",
    "location_id": "#loc+code",
    "location_name": "#loc+name",
    "location_type": "#loc+type",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "idp_households": "#affected+idps+hh",
    "idp_individuals": "#affected+idps+ind",
    f"{_P}__sex__male": "#affected+idps+ind+m",
    f"{_P}__sex__female": "#affected+idps+ind+f",
    "returnee_households": "#affected+returnees+hh",
    "returnee_individuals": "#affected+returnees+ind",
}


def heading_of(
    field: str, language: str, names: dict[str, tuple[str, str, str]]
) -> tuple[str, str]:
    """Return the group heading and the heading of a field.

    Args:
        field: A field of the draft, or an indicator's code.
        language: en, fr or ar.
        names: Names of areas of origin by category, in the three languages.
    """
    at = ("en", "fr", "ar").index(language)
    if field in PLAIN:
        english, french, arabic = PLAIN[field]
        return english if at == 0 else ("", (french, arabic)[at - 1])
    _, dimension, category = field.split("__")
    if dimension == "sex_age":
        return _band(category, at)
    group = {
        "reason": ("IDPs by reason for displacement", "Raison", "سبب النزوح"),
        "origin": ("IDPs by area of origin", "Provenance", "منطقة الأصل"),
        "shelter": ("IDPs by shelter type", "Type d'abri", "نوع المأوى"),
        "period": ("IDPs by period of displacement", "Période de déplacement", "فترة النزوح"),
    }[dimension][at]
    label = _category(dimension, category, at, names)
    return (group, label) if at == 0 else ("", f"{group} : {label}")


def _band(category: str, at: int) -> tuple[str, str]:
    position = SEX_AGE.index(category)
    sex, band = position // 5, position % 5
    if at == 0:
        return (("IDP males by age", "IDP females by age")[sex], _BANDS_EN[band])
    if at == 1:
        return "", f"PDI {('hommes', 'femmes')[sex]} {_BANDS_FR[band]}"
    return "", f"النازحون {('ذكور', 'إناث')[sex]} {_BANDS_AR[band]}"


def _category(
    dimension: str, category: str, at: int, names: dict[str, tuple[str, str, str]]
) -> str:
    if dimension == "reason":
        return _REASON[category][at]
    if dimension == "shelter":
        return _SHELTER[category][at]
    if dimension == "origin":
        return names[category][at]
    year = category.removeprefix("before_")
    return year if year == category else (f"Before {year}", f"Avant {year}", f"قبل {year}")[at]


def value_of(field: str, value: str | None, language: str) -> str | None:
    """Return a code as the forms of a language write it; words that are no code stay."""
    table = VALUES["need" if field.startswith("need_") else field]
    if value is None or value not in table:
        return value
    return table[value][("en", "fr", "ar").index(language)]


CODES = {"reason": REASONS, "shelter": SHELTERS, "need": NEEDS}
