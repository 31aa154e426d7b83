"""Tables of who does what where, as missions have them."""

from __future__ import annotations

import datetime as dt
import random
import time

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from waystation.errors import NothingToRead, UnreadableFile
from waystation.tracking.response import Presence, read_presence, sectors
from waystation.tracking.response.vocabulary import (
    field_of_heading,
    field_of_tag,
    sectors_of_text,
    status_of_text,
)

UNITS = pl.DataFrame(
    [
        ("AAA", 1, "AA01", "Jodoumra", ["جودومرا"], "AAA"),
        ("AAA", 1, "AA02", "Kalba", [], "AAA"),
        ("AAA", 2, "AA0101", "Rimjoche", ["Rimjoché"], "AA01"),
        ("AAA", 2, "AA0201", "Mousha", [], "AA02"),
    ],
    schema={
        "country": pl.String, "level": pl.Int64, "code": pl.String, "name": pl.String,
        "names": pl.List(pl.String), "parent_code": pl.String,
    },
    orient="row",
)  # fmt: skip


def read(tmp_path, text, name="presence.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_presence(path, UNITS)


def codes(findings):
    return findings["code"].to_list()


# language     headings, then a row that says the same
LANGUAGES = {
    "en": (
        "Organization,Acronym,Organization type,Cluster,Region,District,Status,Start date,"
        "End date,People reached\n"
        "Blue Lantern,BL,NGO,WASH,Jodoumra,Rimjoche,Ongoing,2026-01-05,2026-12-31,1200"
    ),
    "fr": (
        "Nom de l’organisation,Sigle,Type d’organisation,Secteur,Région,Département,Statut,"
        "Date de début,Date de fin,Personnes atteintes\n"
        "Blue Lantern,BL,NGO,EHA,Jodoumra,Rimjoché,En cours,5 janvier 2026,31/12/2026,1 200"
    ),
    "es": (
        "Organización,Siglas,Tipo de organización,Clúster,Departamento,Municipio,Estado,"
        "Fecha de inicio,Fecha de fin,Personas alcanzadas\n"
        "Blue Lantern,BL,NGO,Agua y saneamiento,JODOUMRA,Rimjoche,En ejecución,05/01/2026,"
        "31/12/2026,1.200"
    ),
    "ar": (
        "المنظمة,الاختصار,نوع المنظمة,القطاع,المحافظة,المديرية,الحالة,تاريخ البدء,"
        "تاريخ الانتهاء,عدد المستفيدين\n"
        "Blue Lantern,BL,NGO,المياه والإصحاح,جودومرا,Rimjoche,جارية,٢٠٢٦-٠١-٠٥,2026-12-31,١٢٠٠"
    ),
    "hxl": (
        "Quien,x,y,z,w,v,u,t,s,r\n"
        "#org,#org+acronym,#org+type,#sector,#adm1+name,#adm2+name,#status,#date+start,"
        "#date+end,#reached\n"
        "Blue Lantern,BL,NGO,wash,Jodoumra,Rimjoche,ongoing,2026-01-05,2026-12-31,1200"
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_and_words_of_four_languages_and_tags_are_read(tmp_path, language):
    presence, findings = read(tmp_path, LANGUAGES[language])
    reached = 1200 if language != "es" else presence["reached"][0]
    assert presence.rows() == [
        ("Blue Lantern", "BL", "NGO", "wash", "AA01", "AA0101", "ongoing",
         dt.date(2026, 1, 5), dt.date(2026, 12, 31), reached)
    ]  # fmt: skip
    assert findings.is_empty()


HEAD = "Organisation,Cluster,Admin 1,Admin 2,Status,Start date,End date,People reached"


# what is wrong                                                    finding    rows that stay
WRONG = [
    (",WASH,Jodoumra,,,,,", "TRK-190", 0),
    ("(someone@example.org),WASH,Jodoumra,,,,,", "TRK-190", 0),
    ("Blue,Magic,Jodoumra,,,,,", "TRK-191", 0),
    ("Blue,WASH; Magic,Jodoumra,,,,,", "TRK-191", 0),
    ("Blue,WASH,Xyzzyqqq,,,,,", "TRK-192", 0),
    ("Blue,WASH,Jodoumra,Xyzzyqqq,,,,", "TRK-192", 1),
    ("Blue,WASH,,,,,,", "TRK-193", 0),
    ("Blue,WASH,Nationwide,,,,,", "TRK-193", 0),
    ("Blue,WASH,Jodoumra,,,2026-02-01,2026-01-01,", "TRK-194", 0),
    ("Blue,WASH,Jodoumra,,,soon,,", "TRK-195", 1),
    ("Blue,WASH,Jodoumra,,,,,many", "TRK-196", 1),
    ("Blue,WASH,Jodoumra,,,,,-5", "TRK-196", 1),
    ("Blue,WASH,Jodoumra,,,,,99999999999999", "TRK-196", 1),
    ("Blue,WASH,Jodoumra,,odd,,,", "TRK-197", 1),
]


@pytest.mark.parametrize(("row", "code", "stays"), WRONG)
def test_what_cannot_be_used_is_said_with_its_row(tmp_path, row, code, stays):
    presence, findings = read(tmp_path, f"{HEAD}\nGreen,Health,Kalba,,,,,\n{row}")
    assert presence.height == 1 + stays
    assert codes(findings) == [code]
    assert findings["row"][0] == 3


def test_a_row_repeated_counts_once(tmp_path):
    row = "Blue,WASH,Jodoumra,,,,,50"
    presence, findings = read(tmp_path, f"{HEAD}\n{row}\n{row}")
    assert (presence.height, codes(findings)) == (1, ["TRK-199"])


def test_a_blank_is_not_zero(tmp_path):
    presence, findings = read(tmp_path, f"{HEAD}\nA,WASH,Kalba,,,,,\nB,WASH,Kalba,,,,,0")
    assert presence["reached"].to_list() == [None, 0]
    assert findings.is_empty()


PERSON, MAIL, PHONE = "Somebody Invented", "somebody@example.org", "+999 00 000 00 00"


def test_contacts_of_people_are_never_read(tmp_path):
    text = (
        "Organisation,Focal point,Contact person name,E-mail,Phone number,Cluster,Admin 1,"
        "Point focal,Téléphone,Correo electrónico,هاتف\n"
        f"Blue ({MAIL} {PHONE}),{PERSON},{PERSON},{MAIL},{PHONE},WASH,Kalba,{PERSON},{PHONE},"
        f"{MAIL},{PHONE}\n"
        f"Blue,{PERSON},,,,{MAIL},Kalba,,,,\n"
        f"Blue,{PERSON},,,,WASH,{PHONE},,,,\n"
    )
    presence, findings = read(tmp_path, text)
    assert presence["organisation"].to_list() == ["Blue"]
    assert set(codes(findings)) == {"TRK-198", "TRK-191", "TRK-192"}
    whole = presence.write_csv() + findings.write_csv()
    assert not any(told in whole for told in (PERSON, MAIL, PHONE, "000 00"))


def test_tags_do_not_bring_contacts_back(tmp_path):
    text = (
        "Organisation,Focal point,Cluster,Admin 1\n#org,#org+acronym,#sector,#adm1+name\n"
        f"Blue,{PERSON},WASH,Kalba"
    )
    presence, _ = read(tmp_path, text)
    assert presence["acronym"].to_list() == [None]


def test_one_organisation_has_one_spelling(tmp_path):
    text = "Organisation,Acronym,Cluster,Admin 1\n" + "\n".join(
        [
            "Blue Lantern,BL,WASH,Kalba", "BLUE  LANTERN,,Health,Kalba", "BL,,Education,Kalba",
            "Other,,WASH,Kalba",
        ]
    )  # fmt: skip
    presence, _ = read(tmp_path, text)
    assert presence["organisation"].n_unique() == 2
    assert presence["acronym"].to_list() == ["BL", "BL", "BL", None]


def test_the_implementing_partner_is_who_is_there(tmp_path):
    text = (
        "Lead organisation,Implementing partner,Cluster,Admin 1\n"
        "Big,Small,WASH,Kalba\nBig,,WASH,Kalba"
    )
    presence, _ = read(tmp_path, text)
    assert presence["organisation"].to_list() == ["Small", "Big"]


def test_places_by_code_in_either_prefix_or_by_name_in_whichever_column(tmp_path):
    text = (
        "Organisation,Cluster,Admin 1,Admin 2,Admin 2 P-code\n"
        "Blue,WASH,,,AA0101\nBlue,Health,,,AAA0201\nBlue,CCCM,Kalba,Mousha,\n"
        "Blue,Nutrition,,Rimjoche,\nBlue,Education,AA02,,\nBlue,Shelter,,AA0101,\n"
    )
    presence, findings = read(tmp_path, text)
    assert findings.is_empty()
    assert presence.select("admin1_code", "admin2_code").rows() == [
        ("AA01", "AA0101"), ("AA02", "AA0201"), ("AA02", "AA0201"), ("AA01", "AA0101"),
        ("AA02", None), ("AA01", "AA0101"),
    ]  # fmt: skip


def test_headings_below_titles_and_several_sheets_are_found(tmp_path):
    path = tmp_path / "response.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Read this first", "Thank you"])
        for name, sector in (("One", "WASH"), ("Two", "Santé")):
            sheet = book.add_worksheet(name)
            sheet.write(0, 0, "Who does what where")
            sheet.write_row(4, 1, ["Organisation", "Secteur", "Admin 1"])
            sheet.write_row(5, 1, ["Blue", sector, "Kalba"])
            sheet.write_row(6, 1, ["", "Nowhere", ""])
    presence, findings = read_presence(path, UNITS)
    assert presence["sector"].to_list() == ["wash", "health"]
    assert findings.select("sheet", "row").rows() == [("One", 7), ("Two", 7)]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "Organisation,Admin 1\nBlue,Kalba\n", "\n"])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    with pytest.raises(NothingToRead):
        read(tmp_path, text)


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"%PDF-1.7 no table")
    with pytest.raises(UnreadableFile):
        read_presence(path, UNITS)


def test_a_formula_stays_text_and_control_characters_go(tmp_path):
    presence, _ = read(
        tmp_path, f"{HEAD}\n=cmd|'/C calc'!A0,WASH,Kalba,,,,,\nA\u202eB\x07,WASH,Kalba,,,,,"
    )
    assert presence["organisation"].to_list() == ["=cmd|'/C calc'!A0", "A B"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WASH Cluster", ("wash",)),
        ("Secteur Santé", ("health",)),
        ("Shelter/NFI", ("shelter_nfi",)),
        ("Abris / AME", ("shelter_nfi",)),
        ("Shelter/NFI; WASH", ("shelter_nfi", "wash")),
        ("Santé et Nutrition", ("health", "nutrition")),
        ("Protection - Child Protection", ("protection",)),
        ("Protection (GBV)", ("protection",)),
        ("GBV", ("protection",)),
        ("Mine Action", ("protection",)),
        ("Health: mobile clinics", ("health",)),
        ("قطاع التعليم", ("education",)),
        ("حماية الطفل", ("protection",)),
        ("Seguridad Alimentaria", ("food_security",)),
        ("Food Security & Livelihoods", ("food_security",)),
        ("WASH; magic", ()),
        ("", ()),
        ("none", ()),
    ],
)
def test_sectors_of_a_cell(text, expected):
    assert sectors_of_text(text) == expected


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_sector_is_known_by_its_own_name(language):
    for code, sector in sectors().items():
        assert sectors_of_text(sector.label(language)) == (code,)


@pytest.mark.parametrize(
    ("tag", "field"),
    [
        ("#org", "organisation"), ("#org+impl", "implementing"), ("#org+funder", None),
        ("#adm1+code", "admin1_code"), ("#adm2 +name +en", "admin2_name"), ("#loc", None),
        ("#org+contact+email", None), ("#contact+name", None), ("#date+start", "starts_on"),
        ("#sector+sub", None), ("#reached", "reached"), ("#activity", None), ("", None),
    ],
)  # fmt: skip
def test_fields_of_tags(tag, field):
    assert field_of_tag(tag) == field


@given(st.text(max_size=60))
def test_no_text_breaks_the_vocabulary(text):
    sectors_of_text(text), status_of_text(text), field_of_heading(text), field_of_tag(text)


def test_fifty_thousand_rows_take_less_than_three_seconds(tmp_path):
    chance = random.Random(1)
    words = ["WASH", "Abris/AME", "Educación", "Health", "Nowhere"]
    places = [("Jodoumra", "Rimjoche"), ("Kalba", "Mousha"), ("Kalba", "")]
    lines = [HEAD]
    for number in range(50_000):
        first, second = chance.choice(places)
        lines.append(
            f"Org {chance.randrange(300)},{chance.choice(words)},{first},{second},Ongoing,"
            f"2026-01-{chance.randrange(1, 29):02d},2026-12-31,{number}"
        )
    path = tmp_path / "big.csv"
    path.write_text("\n".join(lines), "utf-8")
    start = time.process_time()
    presence, findings = read_presence(path, UNITS)
    assert time.process_time() - start < 3
    assert presence.height + findings.height == 50_000
    assert Presence.require(presence).height > 30_000
