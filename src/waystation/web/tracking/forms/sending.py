"""Forms of files that offices send in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from waystation.tracking.build import READABLE
from waystation.web.tracking.actions.uploads import MOST_BYTES
from waystation.web.tracking.models.rounds import Component
from waystation.web.tracking.storage import plain_name

MOST_FILES = 50
LARGEST_ROUND = 99_999
LONGEST_MAPPING = 1_000_000
ENDINGS = ", ".join(sorted(READABLE))
COMPONENTS = [("", _("As the file says")), *Component.choices]


class ManyFiles(forms.ClearableFileInput):
    """An input for one or several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files of the kinds that are read; one sentence for each that is not."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files:
            raise forms.ValidationError(_("Choose a file."), code="required")
        if len(files) > MOST_FILES:
            sentence = _("Send at most %(most)s files at once.")
            raise forms.ValidationError(sentence, params={"most": MOST_FILES})
        problems = [problem for file in files if (problem := _problem(file)) is not None]
        if problems:
            raise forms.ValidationError(problems)
        return files


def _problem(file: UploadedFile[Any]) -> forms.ValidationError | None:
    name = plain_name(file.name or "")
    size = file.size or 0
    known = {"name": name, "endings": ENDINGS, "limit": filesizeformat(MOST_BYTES)}
    if Path(name).suffix.lower() not in READABLE:
        return forms.ValidationError(
            _("%(name)s is of a kind that is not read. Save it as one of these: %(endings)s"),
            params=known,
        )
    if not size:
        return forms.ValidationError(
            _("%(name)s is empty. Check that the right file was saved."), params=known
        )
    if size > MOST_BYTES:
        return forms.ValidationError(
            _("%(name)s is larger than %(limit)s. Split it, or save it as Parquet."),
            params=known,
        )
    return None


class WhereSilent(forms.Form):
    """What a person says of a file where the file itself does not."""

    round_number = forms.IntegerField(
        label=_("Round number"), required=False, min_value=0, max_value=LARGEST_ROUND
    )
    reference_date = forms.DateField(
        label=_("Reference date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    component = forms.ChoiceField(label=_("Component"), required=False, choices=COMPONENTS)


class SendForm(WhereSilent):
    """Files, and what they do not say themselves."""

    file = FilesField(
        label=_("Files"), widget=ManyFiles(attrs={"multiple": True, "accept": ENDINGS})
    )
    field_order = ("file", "round_number", "reference_date", "component")


class ConfirmForm(WhereSilent):
    """A person's yes to the mapping they saw; its key says which one that was."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class YamlForm(forms.Form):
    """A mapping as text, for people who know the format."""

    mapping = forms.CharField(
        label=_("Mapping as YAML"),
        max_length=LONGEST_MAPPING,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "code"}),
    )
