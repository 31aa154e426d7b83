"""Defects of whole rows, of the identity of places, and of whole files."""

from __future__ import annotations

import datetime as dt

import numpy as np

from waystation.geography.fictional import invented_names
from waystation.tracking.exercise.injection import WHOLE_ROW, Injector, Note
from waystation.tracking.exercise.words import misspelt

PERSONS = "idp_individuals"


def spoil_identity(inject: Injector) -> None:
    """Inject the defects of ids, names and repeated rows."""
    _ids_and_names(inject)
    _extra_rows(inject)


def spoil_files(inject: Injector) -> None:
    """Inject the defects of whole files, and rows left out."""
    _vanished(inject)
    _mixed_rounds(inject)
    rounds = len(inject.history.dates)
    for kind, name, chosen in (
        ("tags_shifted", "workbook_fr", inject.shifted_tags),
        ("stated_total_wrong", "workbook_en", inject.wrong_totals),
    ):
        files = [
            (office, number)
            for office, o in enumerate(inject.offices)
            for number in range(rounds)
            if o.layout.name == name
        ]
        for at in inject.rng.permutation(len(files))[: max(1, len(files) // 4)].tolist():
            chosen.add(files[at])
            group = inject.new_group()
            inject.notes.append(Note(kind, group, None, "", None, None, True, files[at]))


def _ids_and_names(inject: Injector) -> None:
    draft, words = inject.draft, inject.draft.words
    everywhere = np.ones(len(draft), dtype=bool)
    for row in inject.pick("id_missing", inject.has_previous()):
        before = words["location_id"][row]
        inject.change("id_missing", row, "location_id", None, note=False)
        inject.note(
            "id_missing", row, WHOLE_ROW, None, before,
            recoverable=False, group=inject.new_group(),
        )  # fmt: skip
    fresh = invented_names(1000, inject.rng, syllables=(5, 5))
    for i, row in enumerate(inject.pick("renamed", inject.has_previous())):
        arabic = inject.offices[draft.office[row]].layout.language == "ar"
        inject.change(
            "renamed", row, "location_name", fresh[i].arabic if arabic else fresh[i].latin
        )
    unit = words["admin3_reported_code"]
    for row in inject.pick("name_twice", everywhere & (unit != None)):  # noqa: E711 - elementwise
        others = inject.free_with(row, unit)
        if not others:
            continue
        group, name = inject.new_group(), words["location_name"][row]
        inject.spoil(others[0])
        inject.change("name_twice", others[0], "location_name", name, group=group)
        inject.note(
            "name_twice", row, "location_name", name, name, recoverable=True, group=group
        )


def _extra_rows(inject: Injector) -> None:
    draft, rng = inject.draft, inject.rng
    has_uuid = inject.asks("record_uuid")
    for i, row in enumerate(inject.pick("row_repeated", ~has_uuid)):
        new = inject.add_row(row, at_end=bool(i % 2))
        group, known = inject.new_group(), draft.words["location_id"][row]
        for one in (row, new):
            inject.note(
                "row_repeated", one, "location_id", known, known, recoverable=True, group=group
            )
    for row in inject.pick("second_visit", inject.persons() >= 40):
        _visit_twice(inject, row)
    lived_in = inject.is_placed() & (inject.persons() >= 20)
    for i, row in enumerate(inject.pick("near_duplicate", lived_in)):
        _resemble(inject, row, 9000 + i)
    for row in inject.pick("uuid_repeated", has_uuid):
        others = inject.free_with(row, draft.office)
        if others:
            other, group = int(rng.choice(others)), inject.new_group()
            inject.spoil(other)
            value = draft.words["record_uuid"][row]
            inject.change("uuid_repeated", other, "record_uuid", value, group=group)
            inject.note(
                "uuid_repeated", row, "record_uuid", value, value, recoverable=True, group=group
            )


def _visit_twice(inject: Injector, row: int) -> None:
    """An earlier visit found other figures; the later one holds."""
    draft, rng = inject.draft, inject.rng
    true = float(draft.numbers[PERSONS][row])
    early = inject.add_row(row, at_end=False)
    inject.set_persons(early, max(10.0, float(round(true * rng.uniform(0.8, 0.93)))))
    day = draft.words["collected_on"][row] - dt.timedelta(days=int(rng.integers(2, 6)))
    draft.words["collected_on"][early] = day
    draft.words["record_uuid"][early] = _changed_uuid(draft.words["record_uuid"][row])
    group = inject.new_group()
    for one in (early, row):
        reported = float(draft.numbers[PERSONS][one])
        inject.note("second_visit", one, PERSONS, reported, true, recoverable=True, group=group)


def _resemble(inject: Injector, row: int, number: int) -> None:
    """The same place stands a second time under another id and a name spelt otherwise."""
    draft, rng = inject.draft, inject.rng
    new = inject.add_row(row, at_end=False)
    words = draft.words
    known = words["location_id"][row]
    made_up = f"{known[:-4]}{number}"
    words["location_id"][new] = made_up
    words["location_name"][new] = misspelt(words["location_name"][row], rng)
    words["record_uuid"][new] = _changed_uuid(words["record_uuid"][row])
    draft.numbers["latitude"][new] = round(float(draft.numbers["latitude"][row]) + 0.00042, 5)
    draft.numbers["longitude"][new] = round(float(draft.numbers["longitude"][row]) - 0.00031, 5)
    group = inject.new_group()
    inject.note(
        "near_duplicate", new, WHOLE_ROW, made_up, known,
        recoverable=False, group=group, location_id=made_up,
    )  # fmt: skip
    inject.note(
        "near_duplicate", row, "location_id", known, known, recoverable=True, group=group
    )


def _changed_uuid(uuid: str) -> str:
    """Return another id of the same look."""
    return f"{uuid[:-6]}{(int(uuid[-6:], 16) + 1) % 16**6:06x}"


def _vanished(inject: Injector) -> None:
    for row in inject.pick("vanished", inject.has_previous() & (inject.persons() >= 30)):
        inject.draft.is_sent[row] = False
        true = float(inject.draft.numbers[PERSONS][row])
        inject.note(
            "vanished", row, WHOLE_ROW, None, true, recoverable=False, group=inject.new_group()
        )


def _mixed_rounds(inject: Injector) -> None:
    asked = inject.asks("round_number") & inject.has_previous()
    for row in inject.pick("round_mixed", asked):
        true = float(inject.draft.numbers["round_number"][row])
        group = inject.new_group()
        inject.change("round_mixed", row, "round_number", true - 1, group=group, note=False)
        for one in (row, inject.previous(row)):
            value = true - 1 if one == row else float(inject.draft.numbers["round_number"][one])
            inject.note(
                "round_mixed", one, WHOLE_ROW, true - 1, value, recoverable=False, group=group
            )
