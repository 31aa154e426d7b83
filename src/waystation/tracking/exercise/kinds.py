"""The kinds of defects: the code that should be found, what else counts, what else follows."""

from __future__ import annotations

from dataclasses import dataclass

# Sums and ratios that break when one figure of a row is wrong.
SUMS = frozenset(
    f"TRK-{n}" for n in (135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 160)
)
PLACE = frozenset(f"TRK-{n}" for n in (101, 102, 103, 104, 105, 106, 107, 111, 168, 205))
HABITS = frozenset({"TRK-125", "TRK-147", "TRK-148"})
POSITION = frozenset({"TRK-111", "TRK-112", "TRK-113", "TRK-164", "TRK-122"})
IDENTITY = frozenset({"TRK-122", "TRK-124", "TRK-161", "TRK-162", "TRK-165", "TRK-167"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of defect.

    Attributes:
        name: Stable name.
        code: The finding that names it best.
        also: Codes that find it as well: they point at the same cell with the same remedy.
        causes: Codes that follow from it, at its place in its round or at the next report;
            they are right but do not count as having found it.
        share: Defects a thousand rows.
    """

    name: str
    code: str
    also: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    share: float = 0.8


def _kind(
    name: str, code: int, also: tuple[int, ...] = (), causes: frozenset[str] = frozenset(),
    share: float = 0.8,
) -> Kind:  # fmt: skip
    equal = frozenset(f"TRK-{n:03d}" for n in also)
    return Kind(name, f"TRK-{code:03d}", equal, causes, share)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        # Files
        _kind("tags_shifted", 1),
        _kind("stated_total_wrong", 5),
        _kind("round_mixed", 7, (170,), IDENTITY | SUMS | {"TRK-121"}, 0.1),
        # Place codes and names
        _kind("codes_missing", 101, (105, 106), PLACE),
        _kind("place_missing", 101, (106, 205), PLACE | IDENTITY),
        _kind("name_misspelt", 101, (104, 105, 106), PLACE),
        _kind("name_unknown", 106, (101,), PLACE | IDENTITY),
        _kind("code_unknown", 102, (), PLACE),
        _kind("parent_wrong", 103, (104,), PLACE),
        _kind("name_of_another", 104, (), PLACE),
        _kind("code_respelt", 105, (), PLACE),
        _kind("code_at_wrong_level", 107, (103,), PLACE),
        _kind("unit_changed", 168, (111,), PLACE | IDENTITY),
        # Coordinates
        _kind("position_zero", 109, (112,), POSITION),
        _kind("position_swapped", 110, (112,), POSITION),
        _kind("position_outside_unit", 111, (164,), POSITION),
        _kind("position_outside_country", 112, (111,), POSITION),
        _kind("position_coarse", 113, (), POSITION),
        _kind("position_shared", 114, (), POSITION, 0.3),
        _kind("position_moved", 164, (), POSITION),
        # Identity
        _kind("id_missing", 115, (), IDENTITY),
        _kind("row_repeated", 120, (), frozenset({"TRK-114", "TRK-124", "TRK-121"})),
        _kind("second_visit", 121, (), frozenset({"TRK-114", "TRK-124"}) | SUMS),
        _kind("near_duplicate", 122, (124,), IDENTITY | POSITION | {"TRK-125", "TRK-163"}, 0.4),
        _kind("uuid_repeated", 123, (), frozenset({"TRK-120"}), 0.3),
        _kind("name_twice", 124, (122,), IDENTITY, 0.4),
        _kind("answers_identical", 125, (), SUMS | HABITS | {"TRK-163"}, 0.06),
        _kind("renamed", 165, (), IDENTITY),
        _kind("vanished", 161, (), frozenset({"TRK-162"})),
        # Figures
        _kind("negative", 130, (), SUMS),
        _kind("fractional", 131, (), SUMS),
        _kind("extra_digit", 132, (136, 137, 160), SUMS),
        _kind("lost_digit", 160, (136, 137), SUMS),
        _kind("text_for_number", 3, (), SUMS | {"TRK-134"}),
        _kind("persons_blank", 134, (135,), SUMS),
        _kind("households_blank", 135, (134,), SUMS),
        _kind("persons_zero", 135, (160,), SUMS),
        _kind("size_unusual", 136, (137,), SUMS),
        _kind("size_impossible", 137, (136,), SUMS),
        _kind("households_copied", 138, (137, 136), SUMS),
        _kind("sex_sum_broken", 139, (), SUMS),
        _kind("age_sum_broken", 140, (), SUMS),
        _kind("band_blank", 141, (), SUMS),
        _kind("reason_sum_broken", 142, (), SUMS),
        _kind("origin_sum_broken", 143, (), SUMS),
        _kind("shelter_sum_broken", 144, (), SUMS),
        _kind("part_too_large", 145, (), SUMS),
        _kind("figures_round", 147, (), SUMS | HABITS, 0.06),
        _kind("size_constant", 148, (), SUMS | HABITS, 0.06),
        _kind("stale", 163, (), SUMS),
        _kind("closed_with_people", 166, (), IDENTITY),
        # Dates
        _kind("date_outside_round", 170),
        _kind("date_in_future", 171, (170,)),
        _kind("date_missing", 172),
        _kind("date_unreadable", 8, (172,)),
        # Key informants and needs
        _kind("informants_too_few", 180),
        _kind("credibility_low", 181),
        _kind("access_denied", 182),
        _kind("need_twice", 185),
        _kind("need_unknown", 186),
    )
}
