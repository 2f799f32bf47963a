"""Forms of the customer's pages. They explain rules that the services and the database enforce as well."""

import re
from decimal import Decimal
from typing import Any, cast
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from menu.fields import CleanTextField
from menu.text import clean_text
from orders.models import Order

PHONE_REGION = "CN"
MAX_PHONE_LENGTH = 40
_ID = re.compile(r"[0-9]{1,18}")


def clean_phone(value: str) -> str:
    """Return a phone number as +8613800138000, or "" for none. Raises ValidationError.

    Every invisible character is removed, also those that are refused in a name: address books copy numbers between
    U+202A and U+202C.
    """
    text = clean_text("".join(one for one in value if category(one) != "Cf"), is_required=False)
    if not text:
        return ""
    import phonenumbers  # not at the top: most orders have no phone number, and the import lengthens the start

    try:
        number = phonenumbers.parse(text, PHONE_REGION) if len(text) <= MAX_PHONE_LENGTH else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("This is not a phone number that we can call."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class PhoneField(forms.CharField):
    """A phone number as `clean_phone` returns it."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def to_python(self, value: Any) -> str:
        return clean_phone(super().to_python(value) or "")


class CheckoutForm(forms.Form):
    customer_name = CleanTextField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("We call your number; the name is for the cup."),
        error_messages={"required": gettext_lazy("Please write a name for the cup; any name will do.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "enterkeyhint": "next"}),
    )
    phone = PhoneField(label=gettext_lazy("Phone (optional)"), required=False)
    fulfilment = forms.ChoiceField(
        label=gettext_lazy("For here or to go"),
        choices=Order.Fulfilment.choices,
        initial=Order.Fulfilment.TO_GO,
        error_messages={
            "required": gettext_lazy("Please choose one of the two."),
            "invalid_choice": gettext_lazy("Please choose one of the two."),
        },
        widget=forms.RadioSelect,
    )
    note = CleanTextField(
        label=gettext_lazy("Note for the barista (optional)"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    remember = forms.BooleanField(
        label=gettext_lazy("Remember my name and “here or to go” on this device"), required=False, initial=True
    )
    submission_key = forms.RegexField(r"^[A-Za-z0-9_-]{16,64}$", widget=forms.HiddenInput)
    expected_total = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)
    # The page sends `is_unsure` after NotKnownYet: from then on, "nothing was written" would be a guess.
    cart_seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)
    is_unsure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def showing(self, **fields: Decimal | str) -> "CheckoutForm":
        """Return the same form with other hidden fields, such as a new total for the customer to accept."""
        data = cast(QueryDict, self.data).copy()
        for name, value in fields.items():
            data[name] = str(value)
        return CheckoutForm(data)

    @property
    def as_sent(self) -> dict[str, str]:
        """The texts before they were cleaned."""
        return {name: self.data.get(name) or "" for name in ("customer_name", "note")}

    @property
    def first_wrong(self) -> str:
        """The name of the first field that the customer has to correct; it gets the focus."""
        return next((field.name for field in self.visible_fields() if field.errors), "")

    def full_clean(self) -> None:
        super().full_clean()
        if self.first_wrong:
            self.fields[self.first_wrong].widget.attrs["autofocus"] = True


class AddToCartForm(forms.Form):
    """An item with its options (`option_ids` reads these, because the names of the inputs differ by group)."""

    item = forms.IntegerField(min_value=1, max_value=2**62)
    quantity = forms.IntegerField(min_value=1, max_value=99, required=False)
    chosen = forms.BooleanField(required=False)
    replaces = forms.CharField(max_length=400, required=False)  # the key of the line that is being edited

    def clean_quantity(self) -> int:
        """Return 1 for an item card's form, which lacks the field. Raises ValidationError if it was emptied."""
        if self.cleaned_data["quantity"] is None and "quantity" in self.data:
            raise ValidationError("")
        return self.cleaned_data["quantity"] or 1

    def option_ids(self) -> tuple[int, ...]:
        """Return the ids of every ticked option. Raises ValidationError for what is not an id."""
        return tuple(_id(value) for value in self._ticked())

    def ticked_ids(self) -> tuple[int, ...] | None:
        """Return the ids of ticked options, to show them again; None (the defaults) if nothing is ticked."""
        return tuple(int(value) for value in self._ticked() if _ID.fullmatch(value)) or None

    def _ticked(self) -> list[str]:
        lists = cast(QueryDict, self.data).lists()
        return [value for name, values in lists if name.startswith("group-") for value in values if value]


def _id(value: str) -> int:
    if not _ID.fullmatch(value):
        raise ValidationError(_("We could not read that request."))
    return int(value)


class CartLineForm(forms.Form):
    line = forms.CharField(max_length=400)
    quantity = forms.IntegerField(min_value=0, max_value=99)
    was = forms.IntegerField(min_value=0, max_value=99, required=False)


class PutBackForm(forms.Form):
    """A line that was removed from the cart: its key, its quantity, and where it was."""

    line = forms.RegexField(r"^[0-9]{1,18}(-[0-9]{1,18}){0,20}$", strip=False)
    quantity = forms.IntegerField(min_value=1, max_value=99)
    place = forms.IntegerField(min_value=0, max_value=99)
