"""What a person fills in to publish a survey of households' needs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from waystation.tracking.needs import FEWEST_HOUSEHOLDS


class NeedsSurveyForm(forms.Form):
    """A table of household needs."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "csv or Excel with codes of the data dictionary: one row a household, or one row "
            "an area and population group."
        ),
    )
    year = forms.IntegerField(
        label=_("Year"), required=False, min_value=1990, max_value=2100,
        help_text=_("Where the table does not say it"),
    )  # fmt: skip
    stratum = forms.CharField(
        label=_("Population group"), required=False, max_length=60,
        help_text=_("Where the table does not say it: IDP, IDP returnee, non-displaced"),
    )  # fmt: skip
    fewest = forms.IntegerField(
        label=_("Fewest households"), min_value=FEWEST_HOUSEHOLDS, max_value=1000,
        initial=FEWEST_HOUSEHOLDS,
        help_text=_("Shares that rest on fewer are withheld"),
    )  # fmt: skip
