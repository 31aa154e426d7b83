"""What a reader chooses about a page, read from its address: never an error page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

Choices = list[Any]
LONGEST = 100
MOST_PERSONS = 10**12


class ViewForm(forms.Form):
    """Choices in an address; what is absent has its default, what is wrong is said.

    Args:
        query: The query of the address.
        defaults: Value by field, for those that the address does not name.
    """

    def __init__(self, query: QueryDict, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        data = query.copy()
        for name, value in defaults.items():
            if name not in data:
                data.setlist(name, value if isinstance(value, list) else [value])
        super().__init__(data, auto_id="id_%s")

    def chosen(self, name: str) -> Any:
        """Return what was chosen, or the default where that cannot be used."""
        if self.is_valid() or name in self.cleaned_data:
            return self.cleaned_data[name]
        return self.defaults.get(name)

    @property
    def answer(self) -> int:
        """Return the status of the answer."""
        return 200 if self.is_valid() else 422


class PlaceForm(ViewForm):
    """Which indicator a place's page follows."""

    indicator = forms.ChoiceField(label=_("Indicator"))

    def __init__(self, query: QueryDict, *, indicators: Choices, default: str) -> None:
        super().__init__(query, {"indicator": default})
        _offer(self, indicator=indicators)


class CompareForm(ViewForm):
    """Which two rounds or versions are compared, and how."""

    before = forms.ChoiceField(label=_("From"))
    after = forms.ChoiceField(label=_("To"))
    level = forms.ChoiceField(label=_("Level"))
    indicator = forms.ChoiceField(label=_("Indicator"))

    def __init__(
        self, query: QueryDict, *, sides: Choices, levels: Choices, indicators: Choices,
        defaults: dict[str, str],
    ) -> None:  # fmt: skip
        super().__init__(query, defaults)
        _offer(self, before=sides, after=sides, level=levels, indicator=indicators)


class FlowsForm(ViewForm):
    """Which round, level and how many flows."""

    round = forms.ChoiceField(label=_("Round"))
    level = forms.ChoiceField(label=_("Level"))
    top = forms.IntegerField(label=_("Largest on the map"), min_value=1, max_value=500)

    def __init__(
        self, query: QueryDict, *, rounds: Choices, levels: Choices, defaults: dict[str, Any]
    ) -> None:
        super().__init__(query, defaults)
        _offer(self, round=rounds, level=levels)


class TableForm(ViewForm):
    """Which rows and columns a table has."""

    level = forms.ChoiceField(label=_("Rows"))
    round = forms.MultipleChoiceField(
        label=_("Rounds"), widget=forms.SelectMultiple(attrs={"size": 5})
    )
    indicator = forms.MultipleChoiceField(
        label=_("Indicators"), widget=forms.SelectMultiple(attrs={"size": 5})
    )
    unit = forms.ChoiceField(label=_("Within"), required=False)
    q = forms.CharField(label=_("Name or code"), max_length=LONGEST, required=False)
    minimum = forms.FloatField(
        label=_("At least"), min_value=0, max_value=MOST_PERSONS, required=False
    )
    status = forms.ChoiceField(label=_("How sure"), required=False)
    show = forms.MultipleChoiceField(
        label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sort = forms.CharField(max_length=LONGEST, required=False, widget=forms.HiddenInput)

    def __init__(
        self, query: QueryDict, *, offered: dict[str, Choices], defaults: dict[str, Any]
    ) -> None:
        super().__init__(query, defaults)
        _offer(self, **offered)


class TrailForm(forms.Form):
    """Which figure is asked about."""

    place = forms.CharField(label=_("Place"), max_length=300)
    indicator = forms.CharField(label=_("Indicator"), max_length=200)
    round = forms.CharField(label=_("Round"), max_length=100)
    version = forms.IntegerField(
        label=_("Version"), min_value=1, max_value=10**6, required=False
    )


def _offer(form: forms.Form, **choices: Choices) -> None:
    for name, offered in choices.items():
        form.fields[name].choices = offered  # type: ignore[attr-defined]  # fields of choices
