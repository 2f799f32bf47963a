"""Forms of the barista board."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from menu.fields import CleanTextField

MIN_DAY = date(2000, 1, 1)


class TableForm(forms.Form):
    """The text on the card of a table; empty for a card without a table."""

    table = CleanTextField(
        label=gettext_lazy("Table"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("As guests read it, such as 5 or Window. Empty: a card for anywhere."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


_NO_NUMBER = gettext_lazy("Write the number that was called, such as 298.")


class NumberForm(forms.Form):
    """The number of an order."""

    number = forms.IntegerField(
        label=gettext_lazy("Order number"),
        min_value=1,
        max_value=10**6,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "required"), _NO_NUMBER),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )


class DayForm(forms.Form):
    """A business day up to today."""

    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not MIN_DAY <= day <= timezone.localdate():
            raise ValidationError(_("Choose a day up to today."))
        return day
