"""The catalogue of findings on statistics: every code, what is wrong and what to do.

``STA-1xx`` speak of stocks, population and remittances of UN DESA and the World Bank, and of
judging; ``STA-2xx`` of other producers, ``STA-3xx`` of flows, ``STA-4xx`` of indicators.
"""

from __future__ import annotations

from waystation.findings import Check, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        # Files
        Check(
            "STA-101",
            _W,
            "Cell is not a figure",
            "Look the cell up in the file; it was left out, not made 0.",
        ),
        Check(
            "STA-102",
            _I,
            "Meaning taken from the name of the file",
            "Check it: the content does not say which sex or measure it holds.",
        ),
        Check(
            "STA-103",
            _W,
            "Sheet of the workbook not understood",
            "Nothing if it holds notes; otherwise report the new layout.",
        ),
        Check(
            "STA-104",
            _I,
            "Year stated is not the year of the figures",
            "Nothing, if the producer repeats the figure; otherwise ask for the right file.",
        ),
        Check(
            "STA-105",
            _W,
            "Indicator has no figures or could not be fetched",
            "Ask again later, or check the code of the indicator; the others were kept.",
        ),
        Check(
            "STA-106",
            _W,
            "Columns of years look reversed",
            "Compare a total with a published one before using it; turn them round if so.",
        ),
        # Judging
        Check(
            "STA-110",
            _E,
            "Code is not known",
            "Add it to the concordance, or correct it; its figures were left out.",
        ),
        Check(
            "STA-111",
            _I,
            "Figure stands twice",
            "Nothing: the figures agree, and one was kept.",
        ),
        Check(
            "STA-112",
            _E,
            "Figures of one key disagree",
            "Find out which one holds; the first was kept.",
        ),
        Check(
            "STA-113",
            _I,
            "Zero of an area that did not exist yet",
            "Nothing: it was set to not reported.",
        ),
        Check(
            "STA-114",
            _I,
            "Figure of an area before it existed",
            "Nothing, if the producer casts series back; say so beside the figure.",
        ),
        Check("STA-115", _E, "Figure is negative", "Ask the producer; it was left out."),
        Check(
            "STA-116",
            _I,
            "Documented correction applied",
            "Read its reason and source in the corrections.",
        ),
        Check(
            "STA-117",
            _W,
            "Documented correction found nothing to correct",
            "Take it out if the producer has corrected the figure.",
        ),
        Check(
            "STA-118",
            _W,
            "Codes are of another scheme than stated",
            "Look at a few areas; correct the importer or the file if they are wrong.",
        ),
        # Checks on the series
        Check(
            "STA-120",
            _W,
            "Total is below the sum of its parts",
            "Find the part that is too large, or counted twice.",
        ),
        Check(
            "STA-121",
            _E,
            "Stock is above the population",
            "Check units: populations are often in thousands.",
        ),
        Check(
            "STA-122",
            _W,
            "Figure jumps between two moments",
            "Look for a change of definition, a new source or an error before using it.",
        ),
        Check(
            "STA-123",
            _W,
            "Sexes do not add up to both",
            "Use the figure for both; find the sex that is wrong.",
        ),
        Check(
            "STA-124",
            _W,
            "Published aggregate differs from the sum of its members",
            "See the table of differences and its reasons.",
        ),
        # Flow estimation
        Check(
            "STA-301",
            _W,
            "More foreign born than people",
            "Check population and stock; foreign born were scaled down to the population.",
        ),
        Check(
            "STA-302",
            _I,
            "World does not gain its births less its deaths",
            "Nothing, if the gap is small: native born were scaled at both ends. Else look for "
            "areas without births or deaths.",
        ),
        Check(
            "STA-303",
            _W,
            "More births than native born at the end",
            "Check births and stock; the newborn were spread over all residents.",
        ),
        Check(
            "STA-304",
            _E,
            "More births than people at the end",
            "Correct births or population; births were cut to the population.",
        ),
        Check(
            "STA-305",
            _E,
            "More deaths than people at the start",
            "Correct deaths or population; deaths were cut to the population.",
        ),
        Check(
            "STA-306",
            _W,
            "Deaths by birthplace would be negative",
            "Check stocks and births of those born there; they were given no deaths.",
        ),
        Check(
            "STA-307",
            _W,
            "More taken off than a cell holds",
            "Check births, deaths and stock; the rest was taken off the other residents.",
        ),
        Check(
            "STA-308",
            _W,
            "Total by birthplace cannot be reached",
            "Use rescale-adjust-zero-fb, merge the area with the one it came from, or leave "
            "it out.",
        ),
        Check(
            "STA-309",
            _W,
            "Fitted total differs from the one asked for",
            "Read flows of this area with care; see the misfit in the report.",
        ),
        Check(
            "STA-310",
            _W,
            "Net migration of the flows is not that of the population figures",
            "Read flows of this area with care; see the misfit in the report.",
        ),
        Check(
            "STA-311",
            _W,
            "Flows are negative",
            "Use another method; this one gives negative flows where stocks shrink.",
        ),
        Check(
            "STA-312",
            _I,
            "Area left out or merged by a rule",
            "Nothing, if the rule is right for the period.",
        ),
        Check(
            "STA-313",
            _W,
            "Area has no population, births or deaths",
            "Add its figures; it was left out of the estimate.",
        ),
        Check(
            "STA-314",
            _I,
            "File lists only pairs with people",
            "Nothing, if so; else give every pair a row, and 0 where there is nobody.",
        ),
        # Files
        # Judging
        # Checks on the series
        # Cells of other producers
        Check(
            "STA-201",
            _W,
            "Cell is neither a number nor a known sign for none",
            "Look at the cell in the file; no figure was taken from it.",
        ),
        Check(
            "STA-202",
            _W,
            "Code of a sex, year or date could not be read",
            "Look at the row in the file; it was left out where a figure needs it.",
        ),
        Check(
            "STA-204",
            _W,
            "Characters of the file were left out or guessed",
            "Download the file again if a name or figure looks wrong.",
        ),
        Check(
            "STA-205",
            _W,
            "Flag of the producer is not known",
            "Add its meaning; the figure was taken as observed.",
        ),
        # UNHCR
        Check(
            "STA-211",
            _I,
            "Refugees or asylum seekers in their own country",
            "Leave them out of figures by origin and host, or explain them.",
        ),
        Check(
            "STA-212",
            _W,
            "Refugees of a host or origin fell by more than nine tenths in a year",
            "Look for a change of definition before showing a trend.",
        ),
        Check(
            "STA-213",
            _W,
            "Column can only be filled on rows of another kind",
            "Ask the producer: IDPs belong to their own country, stateless to no origin.",
        ),
        # Eurostat and OECD
        Check(
            "STA-221",
            _I,
            "Both definitions of age are in the file",
            "Use one measure; figures of the two are never added.",
        ),
        # Missing Migrants
        Check(
            "STA-231",
            _W,
            "Stated total is not dead plus missing",
            "Look at the incident; the sum of dead and missing was taken.",
        ),
        Check(
            "STA-232",
            _I,
            "Count is below zero",
            "Nothing, where it corrects a record that this incident was split from.",
        ),
        Check(
            "STA-233", _E, "Incident stands twice", "Only its first row was counted; check it."
        ),
        Check(
            "STA-234",
            _W,
            "Coordinates are missing a half or lie off the globe",
            "Look at the incident; it has no position here.",
        ),
        Check(
            "STA-235", _W, "Source quality is not one of 1 to 5", "Nothing; it is not known."
        ),
        # Files
        # Judging
        # Checks on the series
        # Cells of other producers
        # UNHCR
        # Eurostat and OECD
        # Missing Migrants
    )
}
