"""The reason for a change, picked from a list or written: the same form field on every page for staff."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from menu.text import clean_text

MAX_REASON_LENGTH = 200

# The reason that is stored, and its label in the reader's language.
OF_AVAILABILITY: dict[str, Any] = {
    "ran out": gettext_lazy("ran out"),
    "not delivered": gettext_lazy("not delivered"),
    "machine is down": gettext_lazy("machine is down"),
    "not good enough": gettext_lazy("not good enough"),
    "season is over": gettext_lazy("season is over"),
    "back again": gettext_lazy("back again"),
}
OF_COUNTS: dict[str, Any] = {
    "counted": gettext_lazy("counted"),
    "baked": gettext_lazy("baked"),
    "delivered": gettext_lazy("delivered"),
    "ran out": gettext_lazy("ran out"),
    "thrown away": gettext_lazy("thrown away"),
    "typing mistake": gettext_lazy("typing mistake"),
}
OF_DELETION: dict[str, Any] = {
    "no longer sold": gettext_lazy("no longer sold"),
    "season is over": gettext_lazy("season is over"),
    "entered by mistake": gettext_lazy("entered by mistake"),
}
LABELS = OF_AVAILABILITY | OF_COUNTS | OF_DELETION


def label_of(reason: str) -> str:
    """Return the label of a listed reason in the active language; a written reason is returned unchanged."""
    return str(LABELS.get(reason, reason))


def reason_in(data: Mapping[str, Any], name: str = "reason") -> str:
    """Return the reason that a form sent: the words that were written, else the one that was picked, else "".

    Raises ValidationError for a text that is too long or that `clean_text` refuses.
    """
    reason = clean_text(data.get(f"{name}_words") or "") or clean_text(data.get(name) or "")
    if len(reason) > MAX_REASON_LENGTH:
        raise ValidationError(_("A reason has at most %(most)s characters.") % {"most": MAX_REASON_LENGTH})
    return reason


class ReasonChips(forms.Widget):
    """Radio buttons, each a listed reason, and a text input for a written one, which takes precedence."""

    use_fieldset = True

    def __init__(self, reasons: Mapping[str, Any]) -> None:
        super().__init__()
        self.reasons = reasons

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        return (data.get(f"{name}_words") or "").strip() or data.get(name) or ""

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}_words" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        words = "" if value in self.reasons else value or ""
        chips = [(reason, label, reason == value) for reason, label in self.reasons.items()]
        context = {
            "name": name,
            "chips": chips,
            "words": words,
            "max_length": MAX_REASON_LENGTH,
            "attrs": attrs or {},
        }
        return render_to_string("components/_reason_field.html", context)


class ReasonField(forms.CharField):
    def __init__(self, reasons: Mapping[str, Any], **options: Any) -> None:
        own: dict[str, Any] = {
            "label": gettext_lazy("Reason"),
            "max_length": MAX_REASON_LENGTH,
            "widget": ReasonChips(reasons),
        }
        super().__init__(**own | options)

    def clean(self, value: Any) -> str:
        return clean_text(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return False: a reason is no column of the row that a form changes."""
        return False


class ReasonForm(forms.Form):
    """The reason for changes in a changelist."""

    reason = ReasonField(OF_AVAILABILITY, required=False)


class DeletionReasonForm(forms.Form):
    """The reason for a deletion."""

    reason = ReasonField(OF_DELETION, required=False)
