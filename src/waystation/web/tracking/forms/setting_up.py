"""What people fill in to open an operation, give it places and keep its master list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from waystation.geography.countries import country_codes, country_name
from waystation.web.accounts.models import Office
from waystation.web.tracking.actions.operations import SETTINGS
from waystation.web.tracking.models import Operation
from waystation.web.tracking.models.operations import PlaceKind

# Codes that ISO 3166 leaves to users: exercises and territories without a code of their own.
USER_ASSIGNED = r"X[A-Z]{2}"


def country_choices() -> list[tuple[str, str]]:
    """Return every country by its name in the reader's language."""
    language = (get_language() or "en")[:2]
    codes = country_codes()["iso3"].to_list()
    named = [(code, country_name(code, language) or code) for code in codes]
    return [("", ""), *sorted(named, key=lambda pair: pair[1])]


class OperationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only for checkers
    """An operation to be opened."""

    country = forms.ChoiceField(label=_("Country"), choices=country_choices)

    class Meta:
        model = Operation
        fields = ("name", "country", "office", "producer", "visibility")

    def clean_name(self) -> str:
        """Return the name with its spaces in order."""
        return " ".join(str(self.cleaned_data["name"]).split())


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # the same
    """What can be changed about an operation."""

    class Meta:
        model = Operation
        fields = SETTINGS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["disclosure_base"].widget.attrs |= {"min": 1, "max": 100}
        self.fields["office"].queryset = Office.objects.order_by("name")  # type: ignore[attr-defined]  # a model choice


class PlaceFileForm(forms.Form):
    """A list of units or a boundary file."""

    kind = forms.ChoiceField(label=_("What it is"), choices=PlaceKind.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_("P-codes: csv or Excel. Boundaries: GeoJSON, GeoPackage or zipped shapes."),
    )


class LocationEditForm(forms.Form):
    """What the master list says of a location."""

    name = forms.CharField(label=_("Name"), max_length=200)
    location_type = forms.CharField(label=_("Type"), max_length=100, required=False)
    latitude = forms.FloatField(
        label=_("Latitude"), min_value=-90, max_value=90, required=False
    )
    longitude = forms.FloatField(
        label=_("Longitude"), min_value=-180, max_value=180, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def clean(self) -> dict[str, Any]:
        """Refuse half a position."""
        cleaned = super().clean() or {}
        if (cleaned.get("latitude") is None) != (cleaned.get("longitude") is None):
            self.add_error("longitude", _("Give both latitude and longitude, or neither."))
        return cleaned


class LocationStatusForm(forms.Form):
    """From when on a location is closed or open, and why."""

    holds_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)


class LocationMergeForm(forms.Form):
    """Which location another one really is."""

    other_id = forms.CharField(label=_("Is the same place as"), max_length=300)
    reason = forms.CharField(label=_("Reason"), max_length=500)


class LocationFilterForm(forms.Form):
    """What part of the master list is shown."""

    q = forms.CharField(label=_("Name or id"), max_length=100, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=32, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("All")), ("open", _("Open")), ("closed", _("Closed"))],
        required=False,
    )
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)


class ProposalForm(forms.Form):
    """An answer to a proposal about the master list."""

    kind = forms.CharField(max_length=32)
    location_id = forms.CharField(max_length=300)
    other_id = forms.CharField(max_length=300, required=False)
    answer = forms.ChoiceField(choices=[("take", ""), ("dismiss", "")])
    reason = forms.CharField(max_length=500, required=False)
