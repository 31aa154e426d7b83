"""What reviewers and publishers fill in."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from waystation.tracking.review import Act

LONGEST_REASON = 500
LARGEST_LOG = 20 * 1024 * 1024
LOG_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
ACTS = (
    (Act.EXPECTED.value, _("Set to the expected value")),
    (Act.VALUE.value, _("Set to another value")),
    (Act.SET_ASIDE.value, _("Set the row aside")),
    (Act.KEEP.value, _("Confirm the value as right")),
    (Act.ACCEPT.value, _("Accept as it is")),
    (Act.ASK.value, _("Ask the field")),
)
BULK_ACTS = tuple(choice for choice in ACTS if choice[0] != Act.VALUE)


class ReasonField(forms.CharField):
    """A few words, kept with what they are about."""

    def __init__(self, **settings: Any) -> None:
        """Take the settings of any text field."""
        settings.setdefault("widget", forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
        super().__init__(max_length=LONGEST_REASON, **settings)


class DecisionForm(forms.Form):
    """What to do about one finding.

    Attributes:
        severity: Of the finding; accepting anything and confirming an error need words.
    """

    act = forms.ChoiceField(choices=ACTS)
    new = forms.CharField(label=_("New value"), required=False, max_length=1000)
    reason = ReasonField(label=_("Reason"), required=False)
    severity: str = ""
    needing_words: ClassVar[frozenset[str]] = frozenset({Act.ACCEPT.value, Act.ASK.value})

    def clean(self) -> dict[str, Any]:
        """Ask for words where an act needs them."""
        cleaned = super().clean() or {}
        act, reason = cleaned.get("act"), (cleaned.get("reason") or "").strip()
        is_error = act == Act.KEEP.value and self.severity == "error"
        if (act in self.needing_words or is_error) and not reason and "reason" in cleaned:
            asks = act == Act.ASK.value
            self.add_error("reason", _("Say what to ask.") if asks else _("Say why."))
        return cleaned


class BulkForm(DecisionForm):
    """What to do to all findings that match."""

    act = forms.ChoiceField(choices=BULK_ACTS)
    needing_words: ClassVar[frozenset[str]] = frozenset(
        {Act.ACCEPT.value, Act.ASK.value, Act.KEEP.value}
    )


class LogFileForm(forms.Form):
    """A cleaning log made elsewhere."""

    file = forms.FileField(
        label=_("Cleaning log"),
        help_text=_("csv or Excel, with columns such as id, question, old, new and reason"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(LOG_ENDINGS)}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what is no table, or too large."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if not str(file.name).lower().endswith(LOG_ENDINGS):
            raise forms.ValidationError(_("Send a csv or Excel file."))
        if (file.size or 0) > LARGEST_LOG:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file


class AskToPublishForm(forms.Form):
    """What a second person should know."""

    note = ReasonField(
        label=_("Note for the second person"),
        required=False,
        help_text=_("What this version changes, and what to look at"),
    )


class DeclineForm(forms.Form):
    """Why not, and what to do first."""

    answer = ReasonField(label=_("What to do first"))


class WithdrawForm(forms.Form):
    """Why a published version is taken back."""

    reason = ReasonField(label=_("Reason"))
