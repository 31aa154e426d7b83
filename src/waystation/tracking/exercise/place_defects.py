"""Defects of place codes, names and coordinates."""

from __future__ import annotations

import numpy as np

from waystation.geography.fictional import invented_names
from waystation.tracking.exercise.injection import Injector
from waystation.tracking.exercise.words import misspelt

CODES = ("admin1_reported_code", "admin2_reported_code", "admin3_reported_code")
NAMES = ("admin1_name", "admin2_name", "admin3_name")


def spoil_places(inject: Injector) -> None:
    """Inject the defects of codes and names."""
    _missing(inject)
    _names(inject)
    _codes(inject)
    _units(inject)


def spoil_positions(inject: Injector) -> None:
    """Inject the defects of coordinates."""
    _simple_positions(inject)
    _moved_positions(inject)
    _shared_positions(inject)


def _blank(inject: Injector, kind: str, row: int, fields: tuple[str, ...]) -> int:
    """Blank cells; only the deepest is noted."""
    group = inject.new_group()
    for name in fields:
        last = name == fields[-1]
        inject.change(kind, row, name, None, group=group, note=last)
    return group


def _missing(inject: Injector) -> None:
    named = inject.asks(*NAMES)
    for row in inject.pick("codes_missing", named):
        _blank(inject, "codes_missing", row, CODES)
    for row in inject.pick("place_missing", inject.has_previous()):
        fields = (*NAMES, *CODES) if named[row] else CODES
        _blank(inject, "place_missing", row, fields)


def _names(inject: Injector) -> None:
    named = inject.asks(*NAMES)
    words = inject.draft.words
    for row in inject.pick("name_misspelt", named):
        group = _blank(inject, "name_misspelt", row, CODES)
        name = misspelt(words["admin3_name"][row], inject.rng)
        inject.change("name_misspelt", row, "admin3_name", name, group=group)
    strange = invented_names(2000, inject.rng, syllables=(4, 5))
    known = set(inject.country.units["name_en"])
    strange = [n for n in strange if n.plain not in known]
    for i, row in enumerate(inject.pick("name_unknown", named)):
        group = _blank(inject, "name_unknown", row, CODES)
        arabic = inject.offices[inject.draft.office[row]].layout.language == "ar"
        name = strange[i].arabic if arabic else strange[i].latin
        inject.change("name_unknown", row, "admin3_name", name, group=group)
    units2, admin1_of = inject.country.level(2), inject.country.admin1_of
    for row in inject.pick("name_of_another", named):
        office = inject.draft.office[row]
        name = f"name_{inject.offices[office].layout.language}"
        inside = units2[name].to_numpy()[admin1_of == office]
        others = [n for n in inside.tolist() if n != words["admin2_name"][row]]
        if others:
            other = str(inject.rng.choice(others))
            inject.change("name_of_another", row, "admin2_name", other)


def _codes(inject: Injector) -> None:
    words, rng = inject.draft.words, inject.rng
    everywhere = inject.asks(*CODES)
    for row in inject.pick("code_unknown", everywhere):
        code = f"{words['admin2_reported_code'][row]}{int(rng.integers(80, 99))}"
        inject.change("code_unknown", row, "admin3_reported_code", code)
    for row in inject.pick("parent_wrong", everywhere):
        own = words["admin1_reported_code"][row]
        others = [o.code for o in inject.offices if o.code != own]
        inject.change("parent_wrong", row, "admin1_reported_code", str(rng.choice(others)))
    for i, row in enumerate(inject.pick("code_respelt", everywhere)):
        group = inject.new_group()
        for name in CODES:
            code = _respelt(words[name][row], i % 3)
            last = name == CODES[-1]
            inject.change("code_respelt", row, name, code, group=group, note=last)
    for row in inject.pick("code_at_wrong_level", everywhere):
        code = words["admin2_reported_code"][row]
        inject.change("code_at_wrong_level", row, "admin3_reported_code", code)


def _respelt(code: str, how: int) -> str:
    if how == 0:
        return f"XWS{code[2:]}"
    if how == 1:
        return f" {code.lower()}"
    return f"XW {code[2:]}"


def _units(inject: Injector) -> None:
    """The row stands under another unit of the same office, code and name agreeing."""
    draft, country, rng = inject.draft, inject.country, inject.rng
    units3, units2 = country.level(3), country.level(2)
    own = inject.history.sites["admin2"].to_numpy()[draft.site]
    for row in inject.pick("unit_changed", inject.has_previous() & inject.asks(*CODES)):
        same_office = country.admin1_of[country.admin2_of] == draft.office[row]
        others = np.flatnonzero(same_office & (country.admin2_of != own[row]))
        if not len(others):
            continue
        other = int(rng.choice(others))
        parent = int(country.admin2_of[other])
        name = f"name_{inject.offices[draft.office[row]].layout.language}"
        group = inject.new_group()
        for field, unit in ((NAMES[1], units2[name][parent]), (NAMES[2], units3[name][other])):
            inject.change("unit_changed", row, field, unit, note=False)
        code2, code3 = units2["code"][parent], units3["code"][other]
        inject.change("unit_changed", row, CODES[1], code2, group=group)
        inject.change("unit_changed", row, CODES[2], code3, group=group)


def _place(inject: Injector, kind: str, row: int, longitude: float, latitude: float) -> None:
    group = inject.new_group()
    inject.change(kind, row, "longitude", longitude, group=group)
    inject.change(kind, row, "latitude", latitude, group=group)


def _simple_positions(inject: Injector) -> None:
    numbers, draft = inject.draft.numbers, inject.draft
    x, y = numbers["longitude"], numbers["latitude"]
    everywhere = inject.is_placed()
    for row in inject.pick("position_zero", everywhere):
        _place(inject, "position_zero", row, 0.0, 0.0)
    for row in inject.pick("position_swapped", everywhere):
        _place(inject, "position_swapped", row, float(y[row]), float(x[row]))
    for i, row in enumerate(inject.pick("position_outside_country", everywhere)):
        latitude = -float(y[row]) if i % 2 else round(float(y[row]) + 20, 5)
        inject.change("position_outside_country", row, "latitude", latitude)
    unit = inject.history.sites["admin3"].to_numpy()[draft.site]
    coarse_x, coarse_y = np.round(x, 1), np.round(y, 1)
    inside = inject.country.units_at(coarse_x, coarse_y) == unit
    for row in inject.pick("position_coarse", inside):
        _place(inject, "position_coarse", row, float(coarse_x[row]), float(coarse_y[row]))


def _moved_positions(inject: Injector) -> None:
    draft, rng = inject.draft, inject.rng
    x, y = draft.numbers["longitude"], draft.numbers["latitude"]
    unit = inject.history.sites["admin3"].to_numpy()[draft.site]
    admin2 = inject.country.admin2_of
    far = rng.integers(0, len(admin2), len(draft))
    elsewhere = admin2[far] != admin2[unit]
    for row in inject.pick("position_outside_unit", elsewhere & inject.is_placed()):
        point = inject.country.points_inside(far[[row]], rng)[0]
        _place(inject, "position_outside_unit", row, float(point[0]), float(point[1]))
    angle = rng.uniform(0, 2 * np.pi, len(draft))
    moved_x = np.round(x + 0.09 * np.cos(angle), 5) + 1e-5
    moved_y = np.round(y + 0.09 * np.sin(angle), 5) + 1e-5
    inside = inject.country.units_at(moved_x, moved_y) == unit
    for row in inject.pick("position_moved", inside & inject.has_previous()):
        point_x, point_y = round(float(moved_x[row]), 5), round(float(moved_y[row]), 5)
        _place(inject, "position_moved", row, point_x, point_y)


def _shared_positions(inject: Injector) -> None:
    draft = inject.draft
    unit = inject.history.sites["admin3"].to_numpy()[draft.site]
    for row in inject.pick("position_shared", inject.is_placed()):
        others = inject.free_with(row, unit)[:2]
        if not others:
            continue
        group = inject.new_group()
        x, y = float(draft.numbers["longitude"][row]), float(draft.numbers["latitude"][row])
        inject.note("position_shared", row, "longitude", x, x, recoverable=True, group=group)
        for other in others:
            inject.spoil(other)
            inject.change("position_shared", other, "longitude", x, group=group)
            inject.change("position_shared", other, "latitude", y, group=group)
