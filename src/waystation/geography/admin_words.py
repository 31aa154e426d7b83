"""Words in place names that do not tell places apart: area types, articles, compass, titles."""

from __future__ import annotations

import polars as pl

from waystation.geography.transliteration import folded

# Words for a type of area: English, French, Spanish, Portuguese, Arabic (in both scripts), and
# those that other lists carry (Cyrillic, Amharic, Somali, Turkish, Indonesian, Haitian ...).
AREA_WORDS = """
province provincial county district region regional state governorate prefecture department
departement commune communaute municipality municipal wilaya wilayat wilayah willaya
division subdivision subdistrict sub township borough parish ward zone woreda wereda kebele
localite locality area territory territoire canton cercle circle arrondissement sous sector
secteur oblast oblasti raion rayon rajon raiyon krai okrug hromada selsoviet rural community
administrative administration autonomous self council
departamento provincia distrito municipio municipalidad municipalidade comuna corregimiento
estado concelho freguesia posto bairro regiao localidade territorio condado parroquia
prefectura
muhafazah muhafaza muhafadhah muhafazat mohafazat mohafaza muhafazet mantiqa mintaqah mantika
mahaliya mahalia mahallia mahalya mahaliyat mudiriyah mudiriya mudiriyat qada qadha caza kaza
nahiya nahiyah nahia baladiya baladiyah baladiyat shabiyah shabiya liwa daira daerah
bashkia kabupaten gobol degmo il ilce vilayet vilayat velayat ostan shahrestan
محافظة ولاية محلية مديرية قضاء ناحية منطقة بلدية شعبية دائرة مقاطعة إقليم لواء اقليم معتمدية
область області район району округ край громада місто город республика
ክልል ዞን ወረዳ
""".split()  # noqa: SIM905 - a table of words reads best as running text

# Words for a town: dropped like those above, yet "Sanaa City" and "Sanaa" can both be units, so
# the folded name, which keeps them, still decides between two that are otherwise alike.
TOWN_WORDS = """
city town ville ciudad cidade madinat madinah urban urbain urbaine capital مدينة ከተማ
""".split()  # noqa: SIM905

ARTICLES = """
al el ul le la les los las lo the l as os da do de du des del dos das d di of and et y e wa
ال
""".split()  # noqa: SIM905

COMPASS = {
    "north": """north northern nord norte septentrional shamal shimal shamali
        shimali shamaliya shamaliyah shimaliyah utara nordre شمال شمالي شمالية الشمالية
        северный північний semien semen ሰሜን""",
    "south": """south southern sud sur sul meridional janub janoub junub janubi janoubi
        janubiya janubiyah selatan جنوب جنوبي جنوبية южный південний debub ደቡብ""",
    "east": """east eastern est este leste oriental orientale sharq sharqi sharqiya sharqiyah
        charq charqia sharg shargi
        shargiya shargiah timur شرق شرقي شرقية восточный східний misrak misraq ምስራቅ""",
    "west": """west western ouest oeste occidental occidentale gharb gharbi gharbiya gharbiyah
        gharbyah gharbiah
        garb barat غرب غربي غربية западный західний mirab meerab ምዕራብ""",
    "centre": """centre center central centrale centro wasat wasit awsat tengah وسط الوسط اوسط
        وسطى центральный центральний""",
    "northeast": "northeast nordest noreste nordeste nororiental",
    "northwest": "northwest nordouest noroeste noroccidental",
    "southeast": "southeast sudest sureste sudeste suroriental",
    "southwest": "southwest sudouest suroeste sudoeste suroccidental",
}

# Two of the compass in one word or two are the same: "North-East" is folded to "north east".
_PAIRS = {"northeast", "northwest", "southeast", "southwest"}

# Common words that languages write differently, and short forms that lists and forms mix.
SAME_WORDS = {
    "saint": "st ste sainte saint",
    "santa": "sta santa",
    "santo": "sto santo",
    "mount": "mt mount mont",
    "general": "gen gral general",
    "doctor": "dr doctor",
    "coronel": "cnel cel coronel",
    "presidente": "pdte pres presidente president",
    "abu": "abu abou abo aboo ابو",
    "ben": "ben bin ibn بن ابن",
    "beni": "beni bani banu بني",
    "um": "um umm om oum",
    "deir": "deir dayr der dair dier دير",
    "ain": "ain ayn ein aain عين",
    "wadi": "wadi oued wad ouadi wed وادي واد",
    "jabal": "jabal jebel djebel gebel jabel gabal جبل",
    "bir": "bir bi'r beir بئر",
    "nile": "nile nil النيل نيل",
    "river": "river nahr fleuve نهر",
    "blue": "blue bleu azul azraq ازرق",
    "white": "white blanc abyad abiad ابيض",
    # Cities and areas whose name in other languages is another word.
    "tripoli": "tripoli tarabulus trablous tripolis طرابلس",
    "aleppo": "aleppo alep halab حلب",
    "damascus": "damascus damas dimashq دمشق",
    "cairo": "cairo qahirah qahira القاهرة",
    "algiers": "algiers alger argel jazair الجزائر",
    "alexandria": "alexandria alexandrie iskandariyah الاسكندرية الإسكندرية",
    "jerusalem": "jerusalem quds القدس",
    "hebron": "hebron khalil الخليل",
    "mecca": "mecca makkah مكة",
    "aden": "aden adan عدن",
    "kyiv": "kyiv kiev київ киев",
    "gezira": "gezira jazirah jazira الجزيرة",
    "sea": "sea bahr mer البحر بحر",
    "red": "red rouge ahmar احمر أحمر",
    "rural": "rural rif ريف reef",
    "upper": "upper haut haute alto alta",
    "lower": "lower bas basse bajo baixo",
    "new": "new nouveau nouvelle nueva nuevo nova novo jadid jadida",
}


def _plain(words: list[str]) -> list[str]:
    folded_words = folded(pl.Series(words, dtype=pl.String))
    # A word written with its article stands in a name as two.
    return [word.removeprefix("al ") for word in folded_words.to_list() if word]


def dropped_words() -> frozenset[str]:
    """Return the folded words that a name is compared without."""
    return frozenset(_plain([*AREA_WORDS, *TOWN_WORDS, *ARTICLES])) - {""}


def word_replacements() -> dict[str, str]:
    """Return folded words that have one meaning across languages, and the word they become."""
    replacements = {}
    for one, others in (*COMPASS.items(), *SAME_WORDS.items()):
        target = f"{one[:5]} {one[5:]}" if one in _PAIRS else one
        replacements.update(dict.fromkeys(_plain(others.split()), target))
    return replacements


def compass_words() -> list[str]:
    """Return the words that tell two areas of one name apart by where they lie."""
    words = [f"{word[:5]} {word[5:]}" if word in _PAIRS else word for word in COMPASS]
    return [*words, "upper", "lower"]
