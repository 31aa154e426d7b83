"""What a coordinator chooses, and what says who does what where."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from waystation.tracking.response import MOST_PERSONS
from waystation.web.tracking.actions.presence import EARLIEST
from waystation.web.tracking.forms.closer import LONGEST, Choices, ViewForm

READ = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
HIGH_PERCENT = 33
LARGEST = 1_000_000


class ResponseForm(ViewForm):
    """Which round, level, sector and gap; and what counts as high and thin."""

    round = forms.ChoiceField(label=_("Round"))
    level = forms.ChoiceField(label=_("Level"))
    sector = forms.ChoiceField(label=_("Sector"), required=False)
    gap = forms.ChoiceField(label=_("Gap"), required=False)
    high = forms.IntegerField(
        label=_("A need is high from (percent of locations)"), min_value=1, max_value=100
    )
    most = forms.IntegerField(
        label=_("Presence is thin above (displaced persons for each organisation)"),
        min_value=1, max_value=LARGEST,
    )  # fmt: skip
    q = forms.CharField(label=_("Organisation"), max_length=LONGEST, required=False)

    def __init__(
        self, query: QueryDict, *, offered: dict[str, Choices], defaults: dict[str, Any]
    ) -> None:
        usual = {"high": HIGH_PERCENT, "most": MOST_PERSONS, "sector": "", "gap": "", "q": ""}
        super().__init__(query, {**usual, **defaults})
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # fields of choices


class PresenceForm(forms.Form):
    """A table of who does what where."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_(
            "csv or Excel, one row an activity, with organisation, sector and place; English, "
            "French, Spanish or Arabic headings, or HXL tags"
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(READ)}),
    )
    as_of = forms.DateField(
        label=_("As of"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day that the table describes"),
    )

    def clean_file(self) -> Any:
        """Refuse kinds of files that no table comes in."""
        file = self.cleaned_data["file"]
        if not str(file.name).lower().endswith(READ):
            raise forms.ValidationError(_("Save the table as csv or xlsx and send it again."))
        return file

    def clean_as_of(self) -> dt.date:
        """Refuse days that have not been."""
        day: dt.date = self.cleaned_data["as_of"]
        if not EARLIEST <= day <= timezone.localdate():
            raise forms.ValidationError(_("Give a day that has been."))
        return day
