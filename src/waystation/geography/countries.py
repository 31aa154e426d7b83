"""Countries: ISO 3166-1 codes, names in four languages, and the spellings the field uses."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import polars as pl

LANGUAGES = ("en", "fr", "es", "ar")

# Alpha-2 and alpha-3 side by side; XK/XKX is user-assigned, and in common use for Kosovo.
_CODES = """
ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA
AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES
BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK
CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA
DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA
GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS
GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD
IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA
KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA
LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ
MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC
NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM
PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC
SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV
SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR
TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR
VNVNM VUVUT WFWLF WSWSM XKXKX YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
_ISO3_BY_ISO2 = {pair[:2]: pair[2:] for pair in _CODES.split()}
_ISO2_BY_ISO3 = {iso3: iso2 for iso2, iso3 in _ISO3_BY_ISO2.items()}

# What reports, forms and United Nations lists write beside the names of CLDR.
_SPELLINGS = {
    "BHS": "bahamas",
    "BOL": "plurinational state of bolivia; estado plurinacional de bolivia",
    "BRN": "brunei darussalam",
    "CAF": "car; rca; centrafrique; republique centrafricaine; central african rep",
    "CIV": "ivory coast; cote d ivoire; كوت ديفوار; republic of cote d ivoire; costa de marfil",
    "COD": "drc; rdc; dr congo; rd congo; d r congo; congo drc; democratic republic of congo; "
    "democratic republic of the congo; republique democratique du congo; congo kinshasa; "
    "congo democratic republic of the; zaire; جمهورية الكونغو الديمقراطية",
    "COG": "congo; republic of congo; republic of the congo; congo republic; "
    "congo brazzaville; republique du congo; republica del congo; الكونغو",
    "CPV": "cape verde; cabo verde",
    "CZE": "czech republic; republique tcheque; republica checa",
    "FLK": "falkland islands; malvinas",
    "FSM": "federated states of micronesia; micronesia",
    "GBR": "uk; united kingdom of great britain and northern ireland; great britain; "
    "royaume uni de grande bretagne et d irlande du nord; "
    "المملكه المتحده لبريطانيا العظمى وايرلندا الشماليه",
    "GAB": "غابون; gabonese republic",
    "GMB": "gambia; the gambia",
    "GNB": "guinea bissau; guinee bissau",
    "HKG": "hong kong",
    "IRN": "islamic republic of iran; iran islamic republic of; جمهوريه ايران الاسلاميه",
    "KGZ": "kyrgyz republic; kirghizistan",
    "KOR": "جمهوريه كوريا; "
    "republic of korea; south korea; republique de coree; republica de corea",
    "LAO": "lao pdr; lao people s democratic republic; republique democratique populaire lao; "
    "republica democratica popular lao; lao; جمهوريه لاو الديمقراطيه الشعبيه",
    "LBY": "libyan arab jamahiriya; libya state of; state of libya; jamahiriya arabe libyenne",
    "LBR": "ليبريا",
    "LKA": "سري لانكا",
    "MAC": "macao; macau",
    "MAF": "saint martin french part; saint martin partie francaise; سانت مارتن الجزء الفرنسي",
    "MDA": "republic of moldova; moldova republic of; republique de moldova",
    "MKD": "macedonia; the former yugoslav republic of macedonia; fyrom",
    "MMR": "republic of the union of myanmar; ميانمار; burma; myanmar; birmanie; birmania",
    "PRK": "dprk; democratic people s republic of korea; north korea; "
    "republique populaire democratique de coree; republica popular democratica de corea; "
    "جمهوريه كوريا الشعبيه الديمقراطيه",
    "MOZ": "موزامبيق",
    "PSE": "palestine; state of palestine; occupied palestinian territory; opt; "
    "palestinian territory; west bank and gaza; etat de palestine; estado de palestina; "
    "دوله فلسطين; فلسطين",
    "RUS": "russian federation; russia; federation de russie; federacion de rusia; "
    "الاتحاد الروسي",
    "SAU": "arabia saudita",
    "SSD": "south sudan; sud soudan; soudan du sud; sudan del sur; جنوب السودان",
    "STP": "sao tome; sao tome and principe",
    "SVK": "slovak republic",
    "SWZ": "swaziland; eswatini; esuatini",
    "SXM": "sint maarten dutch part; san martin parte holandesa",
    "SYR": "syrian arab republic; syria; republique arabe syrienne; republica arabe siria; "
    "الجمهوريه العربيه السوريه",
    "TCD": "tchad",
    "THA": "تايلند",
    "TGO": "togolese republic",
    "TLS": "east timor; timor leste; timor oriental; republica democratica de timor leste",
    "TUR": "turkey; turkiye; turquie",
    "TWN": "taiwan province of china; taiwan",
    "TZA": "united republic of tanzania; tanzania; republique unie de tanzanie; "
    "republica unida de tanzania; جمهوريه تنزانيا المتحده",
    "ARE": "uae; emirats arabes unis",
    "USA": "u s a; united states of america; etats unis d amerique; "
    "estados unidos de america; الولايات المتحده الامريكيه",
    "VAT": "holy see; saint siege; santa sede; vatican",
    "VEN": "bolivarian republic of venezuela; venezuela bolivarian republic of; "
    "republica bolivariana de venezuela",
    "VNM": "viet nam; vietnam; فييت نام",
    "ZWE": "زمبابوي",
    "XKX": "kosovo under unscr 1244; kosovo unscr 1244",
}
_USER_ASSIGNED = re.compile(r"AA[A-Z]|Q[M-Z][A-Z]|X[A-Z]{2}|ZZ[A-Z]")
_ARTICLES = r"the|la|le|les|l|el|los|las|las|al"
_ARTICLE = re.compile(rf"^(?:{_ARTICLES})\s+|\s+(?:{_ARTICLES})$")
_OF = r"(?:\s+(?:of the|of|du|de la|del|de los|des|de|d|the))?\s+"
_STATE = re.compile(
    r"^(?:(?:the|la|el|le)\s+)?(?:(?:federal|federale|islamic|islamique|islamica|"
    r"democratic|democratique|democratica|socialist|arab|arabe|people s|federative|"
    r"cooperative|co operative|hashemite|independent|plurinational|bolivarian|oriental)\s+)*"
    r"(?:republic|republique|republica|kingdom|royaume|reino|state|etat|estado|union|"
    r"commonwealth|sultanate|principality)"
    r"(?:\s+(?:federale|federal|islamique|islamica|democratique|democratica|populaire))*" + _OF
)
_MARKS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


def iso3_of(text: str | None) -> str | None:
    """Return the ISO 3166-1 alpha-3 code that a code or a name of a country means.

    Two-letter codes count in capitals only ("NO" is Norway, "no" is an answer); ``NA`` is
    Namibia. User-assigned codes of three letters (AAA-AAZ, QMA-QZZ, XAA-XZZ, ZZA-ZZZ), as
    made-up countries bear, are returned as they are.

    Args:
        text: A code, or a name in English, French, Spanish or Arabic, with or without
            article, accents, form of state or words in brackets.

    Returns:
        The code, or None where the text is no country that is known.
    """
    if text is None:
        return None
    stripped = text.strip()
    if stripped in _ISO3_BY_ISO2:
        return _ISO3_BY_ISO2[stripped]
    capitals = stripped.upper()
    if capitals in _ISO2_BY_ISO3 or (
        len(stripped) == 3 and stripped == capitals and _USER_ASSIGNED.fullmatch(capitals)
    ):
        return capitals
    return _iso3_by_name(stripped)


def iso3_by_text(texts: pl.Series) -> pl.Series:
    """Return `iso3_of` each text, as a text column of the same name and order."""
    distinct = texts.drop_nulls().unique()
    found = [iso3_of(text) for text in distinct.cast(pl.String).to_list()]
    return texts.cast(pl.String).replace_strict(
        distinct.cast(pl.String), pl.Series(found, dtype=pl.String), default=None
    )


def iso2_of(iso3: str) -> str | None:
    """Return the alpha-2 code of an alpha-3 code, or None for one that has none."""
    return _ISO2_BY_ISO3.get(iso3)


def country_codes() -> pl.DataFrame:
    """Return the concordance, one country a row: ``iso2`` and ``iso3``, by ``iso3``."""
    return pl.DataFrame(
        {"iso2": list(_ISO3_BY_ISO2), "iso3": list(_ISO3_BY_ISO2.values())}
    ).sort("iso3")


@cache
def country_name(iso3: str, language: str = "en") -> str | None:
    """Return a country's short name (CLDR) in a language, or None where it has none.

    Source:
        Unicode Common Locale Data Repository, territory names, through Babel.
    """
    from babel import Locale

    iso2 = _ISO2_BY_ISO3.get(iso3)
    name = Locale(language).territories.get(iso2) if iso2 else None
    return str(name) if name else None


def country_by_prefix(code: str) -> str | None:
    """Return the country whose ISO code begins a place code: alpha-3 first, then alpha-2."""
    letters = re.match(r"[A-Z]*", code.strip().upper())
    start = letters.group() if letters else ""
    if start[:3] in _ISO2_BY_ISO3 or (len(start) == 3 and _USER_ASSIGNED.fullmatch(start)):
        return start[:3]
    return _ISO3_BY_ISO2.get(start[:2])


def _iso3_by_name(text: str) -> str | None:
    names = _names()
    folded = _folded(text)
    for form in (
        folded,
        _ARTICLE.sub("", folded),
        _turned(text),
        _folded(_MARKS.sub(" ", text)),
    ):
        if form in names:
            return names[form]
    short = _ARTICLE.sub("", _STATE.sub("", _folded(_MARKS.sub(" ", text))))
    return names.get(short) or names.get(short.removesuffix(" republic"))


def _turned(text: str) -> str:
    """Return "Moldova (the Republic of)" and "Iran, Islamic Republic of" turned round."""
    found = re.match(r"([^(,]+)[(,]\s*([^)]*)\)?\s*$", text)
    if not found:
        return ""
    turned = _folded(f"{found.group(2)} {found.group(1)}")
    return _ARTICLE.sub("", turned)


def _folded(text: str) -> str:
    """Return a name in small letters without accents, marks and signs."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i").replace("’", " "))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    bare = bare.replace("&", " and ").replace("ة", "ه").replace("ى", "ي")
    words = re.sub(r"[^\w]+", " ", bare.replace("\u0640", "")).strip()
    words = re.sub(
        r"\b(?:and|et|y)\b\s*|^(?:iles?|islas?) (?:de |des )?(?=\w{4})|\bislands?$", "", words
    )
    return re.sub(r"\brep$", "republic", re.sub(r"^(?:st|st\.) ", "saint ", words)).strip()


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for iso3 in _ISO2_BY_ISO3:
            name = country_name(iso3, language)
            if name:
                names.setdefault(_folded(name), iso3)
                names.setdefault(_ARTICLE.sub("", _folded(name)), iso3)
    for iso3, spellings in _SPELLINGS.items():
        names.update({_folded(spelling): iso3 for spelling in spellings.split("; ")})
    return names
