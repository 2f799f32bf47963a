"""Form fields for prices: they parse what people type, and ask before a price changes by more than half."""

import re
from decimal import Decimal
from typing import Any, cast
from unicodedata import normalize

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from menu.concurrent_editing.merge import MergingField
from menu.money import CENT, currency_symbol, money

MAX_CHANGE = Decimal("0.5")  # share of the old price; a larger change must be confirmed
UNLIKELY = "unlikely_price"
CONFIRMED = "confirmed_prices"  # the button's name; its value names each change that was shown
CURRENCY_WORDS = ("¥", "￥", "元")

NUMBER = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?")
FULL_WIDTH = re.compile(r"[０-９]")  # from a Chinese keyboard; in a field they resemble plain digits
SIGN = re.compile(r"[-+\u2212]")


def parse_price(text: str) -> Decimal:
    """Return the amount that a person wrote: 27, 27.5, 1,250.00, ¥27, 27 元, −¥3.

    Raises ValidationError for anything else: 1e3 and digits of another width or script are typing mistakes.
    """
    text = text.strip()
    sign = SIGN.match(text)
    digits = _without_currency(text[1:] if sign else text)
    found = NUMBER.fullmatch(digits)
    if not found:
        raise ValidationError(_how_to_write(text), "not_a_price")
    if len(found["decimals"] or "") > 2:
        raise ValidationError(_("A price has at most two decimals."), "decimals")
    if len(found["whole"]) > 20:
        raise ValidationError(_("This price is too high."), "too_high")
    amount = Decimal(digits.replace(",", ""))
    return -amount if sign and sign[0] != "+" else amount


def _how_to_write(text: str) -> str:
    plain = normalize("NFKC", text)
    if FULL_WIDTH.search(text) and _is_price(plain):
        words = _("“%(written)s” is in full-width digits. Write it in plain digits: %(plain)s.")
        return words % {"written": text, "plain": plain}
    return _("Write it in plain digits, such as 27 or 27.50.")


def _is_price(text: str) -> bool:
    try:
        parse_price(text)
    except ValidationError:
        return False
    return True


def _without_currency(text: str) -> str:
    for word in {*CURRENCY_WORDS, currency_symbol().strip(), settings.CURRENCY}:
        if text.startswith(word) or text.endswith(word):
            return text.removeprefix(word).removesuffix(word).strip()
    return text


class PriceField(forms.DecimalField):
    default_error_messages = {
        "max_digits": gettext_lazy("This price is too high."),
        "max_whole_digits": gettext_lazy("This price is too high."),
        "min_value": gettext_lazy("A price is not negative."),
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(**{"widget": forms.TextInput(attrs=attrs)} | kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> "PriceBoundField":
        return PriceBoundField(form, self, field_name)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        return value if isinstance(value, Decimal) else parse_price(str(value))


class PriceBoundField(MergingField):
    """A bound price field that asks for confirmation before the price changes by more than MAX_CHANGE."""

    def confirmation_error(self) -> ValidationError | None:
        """Return an error that asks to confirm an unlikely price; None for a likely or a confirmed one."""
        old, new = self.initial, self.form.cleaned_data.get(self.name)
        if self._row._state.adding or not isinstance(old, Decimal) or not isinstance(new, Decimal):
            return None
        if abs(new - old) <= abs(old) * MAX_CHANGE or self.change_key(new) in self._confirmed():
            return None
        if not self._is_allowed(new):
            return None  # the model's own validation error is shown instead
        words = _("%(old)s → %(new)s: is that right?") % {"old": money(old), "new": money(new)}
        return ValidationError(words, UNLIKELY)

    def change_key(self, new: Decimal) -> str:
        return f"{self._row.pk}:{self.name}:{new.quantize(CENT)}"

    def _is_allowed(self, new: Decimal) -> bool:
        try:
            cast("Field[Any, Any]", self._row._meta.get_field(self.name)).clean(new, self._row)
        except ValidationError:
            return False
        return True

    @property
    def _row(self) -> Model:
        return cast(forms.ModelForm, self.form).instance

    def _confirmed(self) -> list[str]:
        return str(self.form.data.get(CONFIRMED, "")).split()
