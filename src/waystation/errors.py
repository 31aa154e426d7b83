"""Every error the library raises.

::

    WaystationError
    ├── InvalidTable            fix the table you passed
    │   ├── MissingColumns
    │   ├── BrokenRules
    │   ├── CoverageMismatch
    │   ├── MixedRevisions
    │   ├── UnusableArray
    │   │   └── CollinearCovariate
    │   └── UnbalancedMargins
    ├── UnusableInput           fix the file you passed
    │   ├── UnreadableFile
    │   ├── InputTooLarge
    │   ├── NothingToRead
    │   ├── UnknownLayout
    │   ├── UncertainMapping
    │   └── InvalidMapping
    ├── InvalidChoice           fix the option you passed
    ├── MissingSetting          set it, then start again
    ├── InvalidSetting          correct it, then start again
    ├── NotSignedIn             sign in, or send a key that is valid
    ├── NotFound                it is not there, or not yours to see
    ├── NotAllowed              you may see it, and may not do this
    │   └── LastAdministrator   name another administrator first
    └── Unavailable             try again later, or install what is missing
        └── DataKeyLost         put the data key back

What is wrong with *data* is a `Finding` and is returned; what is wrong with a *call* is raised.
"""

from __future__ import annotations


class WaystationError(Exception):
    """Base of all errors; carries a stable code and the details its sentence names.

    Attributes:
        code: Stable dotted name, for programs and translations.
        template: The English sentence, with the names of its details in braces.
        details: What the sentence names.
    """

    code = "waystation.error"
    template = "{reason}"

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.template.format(**details))


class InvalidTable(WaystationError):
    """A table passed to a function does not keep its schema."""

    code = "table.invalid"
    template = "Table {table} is not valid: {reason}."


class MissingColumns(InvalidTable):
    """Columns that the schema requires are absent."""

    code = "table.missing_columns"
    template = "Table {table} lacks the columns {columns}; add them, null where not known."


class BrokenRules(InvalidTable):
    """Rows break rules of the schema."""

    code = "table.broken_rules"
    template = "Table {table} breaks its rules: {rules}."


class CoverageMismatch(InvalidTable):
    """Two tables that must cover the same keys do not."""

    code = "table.coverage"
    template = "The tables do not cover the same {what}: {missing}."


class MixedRevisions(InvalidTable):
    """A series would mix revisions or datasets, whose figures cannot be compared."""

    code = "table.mixed_revisions"
    template = (
        "The series of {measure} would mix {datasets}; choose one dataset, "
        "or ask for the mix with mix_revisions=True."
    )


class UnusableArray(InvalidTable):
    """An array passed to a function has the wrong shape, or values that cannot be."""

    code = "table.array"
    template = "The {name} cannot be used: {reason}."


class CollinearCovariate(UnusableArray):
    """A covariate says nothing that effects and other covariates do not say already."""

    code = "table.collinear"


class UnbalancedMargins(InvalidTable):
    """Margins of one table, or net totals, do not add up to the same."""

    code = "table.unbalanced_margins"
    template = (
        "The {first} add up to {first_total} and the {second} to {second_total}{where}; "
        "no table has both. Rescale one to the other, and say so beside the result."
    )


class UnusableInput(WaystationError):
    """A file cannot be used; the sentence says why and what to do."""

    code = "input.unusable"
    template = "{file}: {reason}. {action}."


class UnreadableFile(UnusableInput):
    """A file is not what its name says, is protected, damaged, or in no known format."""

    code = "input.unreadable"


class InputTooLarge(UnusableInput):
    """A file, or what it unpacks to, passes the limits of time and memory."""

    code = "input.too_large"


class NothingToRead(UnusableInput):
    """A file holds no rows, or no numbers."""

    code = "input.empty"


class UnknownLayout(UnusableInput):
    """A file is in none of the layouts known, or lacks a column of the one it is in."""

    code = "input.unknown_layout"


class UncertainMapping(UnusableInput):
    """What the columns of a file mean could not be told with enough certainty."""

    code = "input.uncertain_mapping"


class InvalidMapping(UnusableInput):
    """A mapping file names sheets, columns or fields that do not exist."""

    code = "input.invalid_mapping"


class InvalidChoice(WaystationError):
    """An option has a value that is not one of those possible."""

    code = "choice.invalid"
    template = "{value!r} is not a possible {option}; choose one of {choices}."


class MissingSetting(WaystationError):
    """A value that the server cannot start without is not set."""

    code = "setting.missing"
    template = "{name} is not set, and production does not start without it. {meaning}."


class InvalidSetting(WaystationError):
    """A value of the environment cannot be used; the sentence never repeats the value."""

    code = "setting.invalid"
    template = "{name} cannot be used: {reason}."


class NotSignedIn(WaystationError):
    """The caller did not say who they are, or their key is wrong or withdrawn."""

    code = "not_signed_in"
    template = "{reason}."


class NotFound(WaystationError):
    """A thing does not exist, or is not the caller's to see; the two look alike."""

    code = "not_found"
    template = "There is no {what} {name!r}."


class NotAllowed(WaystationError):
    """The caller may see a thing and may not do this to it."""

    code = "not_allowed"
    template = "You may not {action} this {what}."


class LastAdministrator(NotAllowed):
    """Nobody would be left who manages accounts."""

    code = "not_allowed.last_administrator"


class Unavailable(WaystationError):
    """Something outside the library is missing or does not answer."""

    code = "unavailable"
    template = "{what} is not available: {reason}. {action}."


class DataKeyLost(Unavailable):
    """A secret was sealed with a data key that this server does not have."""

    code = "unavailable.data_key"

    def __init__(self) -> None:
        super().__init__(
            what="This second factor",
            reason="it was sealed with a data key that this server does not have",
            action="Put the key back, or reset the second factors of those concerned",
        )
