"""The form of one sheet's mapping: rows, constants, and a field in words for each column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from waystation.tracking.indicators import is_indicator
from waystation.tracking.intake.sheets import FIELDS
from waystation.tracking.mapping import SheetMapping
from waystation.tracking.mapping_edits import SheetEdit
from waystation.web.tracking.fields import (
    LONGEST,
    codes_of_text,
    nearest_text,
    text_of_fields,
)
from waystation.web.tracking.forms.sending import COMPONENTS, LARGEST_ROUND

LARGEST_ROW = 10_000_000
COLUMN = re.compile(r"c(\d{1,5})")


class MeaningField(forms.CharField):
    """What a column means, in words or codes; empty for a column that is not used."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            required=False,
            max_length=LONGEST,
            widget=forms.TextInput(
                attrs={
                    "list": "meanings", "autocomplete": "off", "dir": "auto",
                    "data-meaning": True,
                }
            ),
            **more,
        )  # fmt: skip

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the codes."""
        codes, unknown = codes_of_text(super().clean(value))
        if unknown:
            near = nearest_text(unknown[0])
            sentence = (
                _("“%(part)s” is nothing that a column can mean. Did you mean “%(near)s”?")
                if near
                else _("“%(part)s” is nothing that a column can mean. Choose from the list.")
            )
            params = {"part": unknown[0][:80], "near": near}
            raise forms.ValidationError(sentence, params=params)
        if any(code not in FIELDS and not is_indicator(code) for code in codes):
            raise forms.ValidationError(_("A column cannot mean this. Choose from the list."))
        return codes


class SheetForm(forms.Form):
    """What a sheet means, of the columns that a page shows."""

    first_row = forms.IntegerField(
        label=_("First row of data"), min_value=1, max_value=LARGEST_ROW
    )
    last_row = forms.IntegerField(
        label=_("Last row of data"), required=False, min_value=1, max_value=LARGEST_ROW,
        help_text=_("Empty for to the end"),
    )  # fmt: skip
    country = forms.RegexField(
        r"^[A-Z]{3}\Z", label=_("Country of all rows"), required=False,
        help_text=_("Three capital letters; empty where a column says it"),
    )  # fmt: skip
    round_number = forms.IntegerField(
        label=_("Round of all rows"), required=False, min_value=0, max_value=LARGEST_ROUND
    )
    reference_date = forms.DateField(
        label=_("Date of all rows"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    component = forms.ChoiceField(
        label=_("Component of all rows"), required=False, choices=COMPONENTS
    )

    def __init__(
        self,
        sheet: SheetMapping,
        positions: Iterable[int],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        columns = {column.position: column for column in sheet.columns}
        self.positions = [position for position in positions if position in columns]
        self.sheet = sheet
        initial: dict[str, Any] = {
            name: getattr(sheet, name)
            for name in (
                "first_row", "last_row", "country", "round_number", "reference_date"
            )
        }  # fmt: skip
        initial["component"] = sheet.component or ""
        for position in self.positions:
            initial[f"c{position}"] = text_of_fields(columns[position].fields)
        super().__init__(data, initial=initial)
        for position in self.positions:
            self.fields[f"c{position}"] = MeaningField(label=columns[position].heading)

    def clean(self) -> dict[str, Any]:
        """Refuse columns that the sheet does not have, and rows in no order."""
        cleaned: dict[str, Any] = super().clean() or {}
        asked = {name for name in self.data if COLUMN.fullmatch(name)}
        if asked - {f"c{position}" for position in self.positions}:
            raise forms.ValidationError(_("The sheet does not have such a column."))
        first, last = cleaned.get("first_row"), cleaned.get("last_row")
        if first is not None and last is not None and last < first:
            self.add_error("last_row", _("The last row stands before the first."))
        return cleaned

    def edit(self) -> SheetEdit:
        """Return what the person said; the form must be valid."""
        said = self.cleaned_data
        return SheetEdit(
            first_row=said["first_row"],
            last_row=said["last_row"],
            country=said["country"] or None,
            component=said["component"] or None,
            round_number=said["round_number"],
            reference_date=said["reference_date"],
            fields={position: said[f"c{position}"] for position in self.positions},
        )
