"""How pages of accounts ask."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from waystation.errors import InvalidChoice
from waystation.geography.countries import iso2_of
from waystation.web.accounts import actions, reach
from waystation.web.accounts.roles import (
    EVERYWHERE,
    ORGANISATION_WIDE,
    Digits,
    ResetReason,
    Role,
    Scope,
    ScopeKind,
)
from waystation.web.audit.queries import Choice

_DAYS = (MinValueValidator(dt.date(2000, 1, 1)), MaxValueValidator(dt.date(2100, 12, 31)))


def _day(label: Any, *, required: bool = False, **rest: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, widget=widget, validators=_DAYS, **rest
    )


class SignIn(LoginForm):  # type: ignore[misc]  # allauth has no types
    """A name and a password, which may be good for some days only."""

    def clean(self) -> Any:
        """Refuse a one-time password whose days are over."""
        cleaned = super().clean()
        until = self.user.one_time_until if self.user else None
        if until is not None and until < timezone.now():
            raise forms.ValidationError(
                _("This one-time password has ended. Ask your administrator for a new one.")
            )
        return cleaned


class Search(forms.Form):
    """Part of a name."""

    search = forms.CharField(
        label=_("Search by name"), required=False, max_length=150,
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip


class NewPerson(forms.Form):
    """Who is to sign in."""

    username = forms.CharField(
        label=_("Name to sign in with"), max_length=150,
        help_text=_("Letters, digits and @ . + - _ only."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    full_name = forms.CharField(label=_("Full name"), max_length=200, required=False)

    def clean_username(self) -> str:
        """Refuse a name that is taken or is none."""
        try:
            return actions.require_user_name(self.cleaned_data["username"])
        except InvalidChoice:
            raise forms.ValidationError(
                _("This name is taken, or has other characters than those allowed.")
            ) from None


class GiveRole(forms.Form):
    """Which role, where, from when, until when."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose")), *Role.choices])
    scope = forms.ChoiceField(label=_("Reach"))
    starts_on = _day(_("First day"), required=True)
    ends_on = _day(_("Last day"), help_text=_("Empty: until it is ended."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = reach.all_scopes()
        self._scopes = {reach.as_value(scope): scope for scope in labels}
        field = self.fields["scope"]
        if isinstance(field, forms.ChoiceField):
            field.choices = _grouped(labels)
        self.fields["starts_on"].initial = timezone.now().date()

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order, and a reach that a role cannot have."""
        cleaned = self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        if "scope" in cleaned:
            cleaned["scope"] = self._scopes[cleaned["scope"]]
            is_narrow = cleaned["scope"].kind != ScopeKind.ORGANISATION
            if is_narrow and cleaned.get("role") in ORGANISATION_WIDE:
                self.add_error("scope", _("This role reaches the whole organisation."))
        if "role" in cleaned:
            cleaned["role"] = Role(cleaned["role"])
        return cleaned


class Reason(forms.Form):
    """Why a second factor is taken away."""

    reason = forms.TypedChoiceField(
        label=_("Why"), choices=[("", _("Choose")), *ResetReason.choices], coerce=ResetReason
    )


class OfficeName(forms.Form):
    """What an office is called, and where it is."""

    name = forms.CharField(label=_("Name"), max_length=200)
    country = forms.CharField(
        label=_("Country"), max_length=3, help_text=_("ISO 3166-1 alpha-3, such as KEN")
    )

    def clean_country(self) -> str:
        """Refuse what is no country's code."""
        country: str = self.cleaned_data["country"].upper()
        if iso2_of(country) is None:
            raise forms.ValidationError(_("There is no country with this code."))
        return country


class NewOffice(OfficeName):
    """The same, with the code that roles name it by."""

    code = forms.SlugField(
        label=_("Code"), max_length=32, help_text=_("Letters, digits and hyphens; it stays.")
    )
    field_order = ("code", "name", "country")


class NewKey(forms.Form):
    """What a key is for."""

    name = forms.RegexField(
        r"^[\w .-]{1,64}\Z", label=_("What the key is for"), max_length=64,
        help_text=_("1 to 64 letters, digits, spaces and _ . -"),
    )  # fmt: skip


class Profile(forms.Form):
    """How one is called, and how pages speak."""

    full_name = forms.CharField(label=_("Full name"), max_length=200, required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False,
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
    )  # fmt: skip
    digits = forms.TypedChoiceField(
        label=_("Digits on pages in Arabic"), choices=Digits.choices, coerce=Digits
    )


class Events(forms.Form):
    """Which events of the audit trail."""

    verb = forms.CharField(
        label=_("What was done"), required=False, max_length=64,
        help_text=_("Such as role.assign, or role for all about roles"),
    )  # fmt: skip
    actor = forms.CharField(label=_("Who did it"), required=False, max_length=150)
    kind = forms.CharField(
        label=_("Kind of object"), required=False, max_length=64,
        help_text=_("Such as accounts.user"),
    )  # fmt: skip
    key = forms.CharField(label=_("Number of the object"), required=False, max_length=64)
    first_day = _day(_("From"))
    last_day = _day(_("To"))
    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput
    )

    def choice(self) -> Choice:
        """Return what was chosen."""
        cleaned = {k: v for k, v in self.cleaned_data.items() if k != "before" and v}
        return Choice(**cleaned)


def _grouped(labels: dict[Scope, str]) -> list[Any]:
    """Return each reach under its kind, as a list to choose from shows them."""
    found: list[Any] = [(reach.as_value(EVERYWHERE), labels[EVERYWHERE])]
    for kind in (ScopeKind.OFFICE, ScopeKind.OPERATION):
        values = [(reach.as_value(s), label) for s, label in labels.items() if s.kind == kind]
        if values:
            found.append((kind.label, values))
    return found
