"""The catalogue of findings on tracking data: every code, what is wrong and what to do.

``TRK-0xx`` speak of files and mappings, ``TRK-1xx`` of submissions, ``TRK-2xx`` of the matrix.
"""

from __future__ import annotations

from waystation.findings import Check, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        # Files and mappings
        Check(
            "TRK-001",
            _W,
            "HXL tag disagrees with heading and content",
            "Correct or remove the tag row; the heading and content were used.",
        ),
        Check(
            "TRK-002",
            _I,
            "Reading of a total chosen",
            "Check that the stated total is the one meant; set the mapping if not.",
        ),
        Check(
            "TRK-003",
            _W,
            "Text where a number is expected",
            "Enter the figure, or leave the cell empty if it is not known.",
        ),
        Check(
            "TRK-004",
            _I,
            "Column not used",
            "Name a field for it in the mapping if it matters.",
        ),
        Check(
            "TRK-005",
            _W,
            "Stated total differs from the sum of rows",
            "Find the missing or repeated rows.",
        ),
        Check(
            "TRK-006",
            _I,
            "Summary or note row left out",
            "Nothing, if the row is indeed a total or note.",
        ),
        Check(
            "TRK-007",
            _W,
            "Round not stated, or rows disagree on it",
            "Separate the rounds, or correct the round column.",
        ),
        Check("TRK-008", _W, "Date could not be read", "Write dates as year-month-day."),
        # Place codes and names
        Check(
            "TRK-101",
            _E,
            "Place has no code",
            "Enter the code of the unit, or a name that the list knows.",
        ),
        Check(
            "TRK-102",
            _E,
            "Place code is not in the list",
            "Correct the code, or use the list of the right vintage.",
        ),
        Check(
            "TRK-103",
            _E,
            "Place code lies under another unit than the one given",
            "Correct the parent or the code.",
        ),
        Check(
            "TRK-104", _W, "Place name and code disagree", "Check which of the two is right."
        ),
        Check("TRK-105", _I, "Place code repaired", "Nothing, if the repair is right."),
        Check(
            "TRK-106",
            _W,
            "Place name matches no unit with enough certainty",
            "Choose one of the candidates.",
        ),
        Check(
            "TRK-107",
            _W,
            "Place code stands at the wrong level",
            "Move the code to the column of its level.",
        ),
        # Coordinates
        Check(
            "TRK-109",
            _W,
            "Coordinates are zero",
            "Enter the position, or leave both cells empty.",
        ),
        Check("TRK-110", _W, "Latitude and longitude are swapped", "Exchange the two."),
        Check(
            "TRK-111",
            _W,
            "Coordinates lie outside the unit given",
            "Check the position and the unit.",
        ),
        Check(
            "TRK-112",
            _E,
            "Coordinates lie outside the country",
            "Check the sign and the digits.",
        ),
        Check(
            "TRK-113",
            _I,
            "Coordinates have low precision",
            "Take the position on the spot, to at least three decimals.",
        ),
        Check(
            "TRK-114",
            _W,
            "Several locations share the same coordinates",
            "Take each position on the spot.",
        ),
        # Identity
        Check("TRK-115", _E, "Location has no id", "Give it its id from the master list."),
        Check("TRK-120", _E, "Row repeated exactly", "Remove one; only the first is counted."),
        Check(
            "TRK-121",
            _W,
            "Location reported more than once with different figures",
            "Say which visit holds; the latest is counted.",
        ),
        Check(
            "TRK-122",
            _W,
            "Location resembles another one nearby",
            "Merge them in the master list if they are one place.",
        ),
        Check("TRK-123", _E, "Record id repeated", "Keep one record for the id."),
        Check(
            "TRK-124",
            _W,
            "Same location name twice in one unit",
            "Tell them apart, or merge them.",
        ),
        Check(
            "TRK-125",
            _W,
            "Identical answers from one enumerator",
            "Ask the enumerator how the figures were found.",
        ),
        Check(
            "TRK-126",
            _E,
            "One location id stands at several places",
            "Give each place an id of its own.",
        ),
        # Figures
        Check("TRK-130", _E, "Figure is negative", "Enter the figure as counted, 0 or more."),
        Check(
            "TRK-131",
            _E,
            "Persons or households are not a whole number",
            "Enter whole persons and households.",
        ),
        Check("TRK-132", _E, "Figure is beyond what is possible", "Check digits and unit."),
        Check(
            "TRK-134",
            _W,
            "Figure left blank",
            "Enter 0 if there is nobody, the figure if it is known.",
        ),
        Check(
            "TRK-135",
            _E,
            "Persons without households, or households without persons",
            "Complete the pair.",
        ),
        Check("TRK-136", _W, "Unusual number of persons a household", "Check both figures."),
        Check(
            "TRK-137",
            _E,
            "Impossible number of persons a household",
            "Correct the wrong one of the two.",
        ),
        Check(
            "TRK-138",
            _W,
            "Persons equal households",
            "Check whether one column was copied into the other.",
        ),
        Check(
            "TRK-139",
            _E,
            "Males and females do not add up to the total",
            "Correct the part or the total.",
        ),
        Check(
            "TRK-140",
            _E,
            "Age groups do not add up to the total",
            "Correct the part or the total.",
        ),
        Check("TRK-141", _W, "Some sex and age groups are blank", "Enter 0 or the figure."),
        Check(
            "TRK-142",
            _W,
            "Reasons do not add up to the total",
            "Correct the part or the total.",
        ),
        Check(
            "TRK-143",
            _W,
            "Areas of origin do not add up to the total",
            "Correct the part or the total.",
        ),
        Check(
            "TRK-144",
            _W,
            "Shelter or period categories do not add up to the total",
            "Correct the part or the total.",
        ),
        Check(
            "TRK-145", _E, "A part is larger than the whole", "Correct the part or the whole."
        ),
        Check(
            "TRK-147",
            _W,
            "Figures of one enumerator are all round",
            "Ask how the figures were found.",
        ),
        Check(
            "TRK-148",
            _I,
            "Persons are households times one constant",
            "State the rule; the persons are an estimate.",
        ),
        # Change since the previous rounds
        Check(
            "TRK-160",
            _W,
            "Change since the previous round is out of the ordinary",
            "Confirm with a reason, or correct.",
        ),
        Check(
            "TRK-161",
            _W,
            "Location of the previous round is absent",
            "Report it, or close it with a date.",
        ),
        Check(
            "TRK-162",
            _I,
            "Location reappears after an absence",
            "Check that the id is that of the same place.",
        ),
        Check(
            "TRK-163",
            _W,
            "Same figures as in the rounds before",
            "Confirm that the place was visited.",
        ),
        Check(
            "TRK-164",
            _W,
            "Location moved since the previous round",
            "Correct the position, or record the move.",
        ),
        Check(
            "TRK-165",
            _I,
            "Location renamed since the previous round",
            "Record the new name in the master list.",
        ),
        Check(
            "TRK-166",
            _E,
            "Closed location has people",
            "Reopen the location, or correct the figure.",
        ),
        Check(
            "TRK-167", _I, "New location without an opening date", "Add it to the master list."
        ),
        Check(
            "TRK-168",
            _W,
            "Location changed unit since the previous round",
            "Check the code of the unit.",
        ),
        # Dates
        Check("TRK-170", _W, "Date lies outside the round", "Correct the date or the round."),
        Check("TRK-171", _E, "Date lies in the future", "Correct the date."),
        Check("TRK-172", _W, "Date is missing", "Enter the day of the assessment."),
        # Key informants and needs
        Check("TRK-180", _W, "No key informant, or too few", "Interview at least one more."),
        Check("TRK-181", _W, "Low credibility of key informants", "Verify by another source."),
        Check(
            "TRK-182",
            _W,
            "Figures reported without access",
            "Say how the figures were obtained.",
        ),
        Check(
            "TRK-185",
            _W,
            "Same priority need given twice",
            "Ask for a different second or third need.",
        ),
        Check(
            "TRK-186",
            _W,
            "Priority need is not in the code list",
            "Use a code of the list, or other.",
        ),
        # Who does what where
        Check(
            "TRK-190",
            _E,
            "No organisation named; left out",
            "Say who does it.",
        ),
        Check(
            "TRK-191",
            _E,
            "Sector not known; left out",
            "Name a sector of the response.",
        ),
        Check(
            "TRK-192",
            _E,
            "Place not in the list; left out, or counted for the area above only",
            "Give the code of the unit.",
        ),
        Check(
            "TRK-193",
            _E,
            "No place below the country named; left out",
            "Say where it is; a row for the whole country is in no unit.",
        ),
        Check(
            "TRK-194",
            _E,
            "Ends before it starts; left out",
            "Correct the dates.",
        ),
        Check(
            "TRK-195",
            _W,
            "Date could not be read; counts as without it",
            "Write dates as year-month-day.",
        ),
        Check(
            "TRK-196",
            _W,
            "People reached is not a number; counts as not said",
            "Enter the number, or leave the cell empty.",
        ),
        Check(
            "TRK-197",
            _W,
            "Status not known; its dates alone count",
            "Write ongoing, planned, completed or suspended.",
        ),
        Check(
            "TRK-198",
            _I,
            "Columns of contacts; not read",
            "Nothing; better still, send the table without them.",
        ),
        Check(
            "TRK-199",
            _I,
            "Repeated exactly; counts once",
            "Nothing; it counts once.",
        ),
        # The matrix
        Check(
            "TRK-201",
            _I,
            "Persons estimated from households",
            "Report persons; the estimate is marked.",
        ),
        Check(
            "TRK-202",
            _I,
            "Value carried forward from an earlier round",
            "Reassess the location.",
        ),
        Check(
            "TRK-203", _W, "Levels of the input disagree", "Find the rows missing at one level."
        ),
        Check(
            "TRK-204",
            _I,
            "Value changed by a correction",
            "Nothing; the raw value is kept in the trail.",
        ),
        Check(
            "TRK-205",
            _W,
            "Place stands under no unit of the list",
            "Give it a code; its people count in the country's total only.",
        ),
        Check(
            "TRK-206",
            _W,
            "Correction not applied",
            "Check the id, question and old value of the entry in the cleaning log.",
        ),
    )
}
