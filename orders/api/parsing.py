"""Parses an order of an API client. Strict about types: `true`, "2" and 1.5 are no quantities."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cafe.web.json_error import ApiError
from menu.money import CENT
from menu.text import clean_text
from orders.models import Order
from orders.placing.lines import MAX_LINE_QUANTITY, MAX_LINES, ApiLineRequest
from orders.storefront import forms

MAX_TOTAL_PRICE = Decimal(10**10)
KEY = re.compile(r"[\x21-\x7e]{1,200}")
FIELDS = {
    "customer_name",
    "coffee_type",
    "quantity",
    "total_price",
    "lines",
    "fulfilment",
    "note",
    "phone",
}


def read_key(request: HttpRequest) -> str | None:
    """Return the Idempotency-Key. Raises ApiError 422 for one that is not 1 to 200 visible ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        message = _("Idempotency-Key takes 1 to 200 visible ASCII characters.")
        raise ApiError(422, "invalid", message, {"Idempotency-Key": message})
    return key


@dataclass(frozen=True)
class OrderRequest:
    customer_name: str
    phone: str
    note: str
    fulfilment: str
    total_price: Decimal | None
    lines: tuple[ApiLineRequest, ...]
    # The text fields as they were before cleaning, by name; the fingerprint needs them.
    as_sent: Mapping[str, str] = field(default_factory=dict, compare=False)


def in_cents(value: int | Decimal) -> Decimal | None:
    """Return a JSON number rounded half up to cents; None if it is negative, or `MAX_TOTAL_PRICE` or more.

    JavaScript computes 3 × 19.90 as 59.699999999999996, and 0.3 - 0.1 - 0.2 as just below zero.
    """
    if not -1 < value < MAX_TOTAL_PRICE:
        return None
    cents = Decimal(value).quantize(CENT, ROUND_HALF_UP)
    if not 0 <= cents < MAX_TOTAL_PRICE:
        return None
    return abs(cents)  # -0.00 is 0.00; 18, 18.0 and 18.00 are the same data


def read_order_request(body: dict[str, Any]) -> OrderRequest:
    """Return the order that a JSON object asks for. Raises ApiError 422 with every field that is wrong."""
    return _Reader(body).read()


class _Reader:
    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.problems: dict[str, str] = {}
        self.as_sent: dict[str, str] = {}

    def read(self) -> OrderRequest:
        for name in self.body.keys() - FIELDS:
            # JSON can contain a lone surrogate, which UTF-8 cannot encode in the response.
            self.problems[name.encode(errors="replace").decode()] = _("There is no such field.")
        request = OrderRequest(
            customer_name=self._text("customer_name", 60, is_required=True),
            phone=self._phone(),
            note=self._text("note", 200),
            fulfilment=self._fulfilment(),
            total_price=self._total_price(),
            lines=self._lines(),
            as_sent=self.as_sent,
        )
        if self.problems:
            raise ApiError(422, "invalid", _("Some fields are wrong."), self.problems)
        return request

    def _text(self, name: str, most: int, *, is_required: bool = False) -> str:
        value = self.body.get(name)
        if value is None and not is_required:
            return ""
        if isinstance(value, str):
            self.as_sent[name] = value
        return self._clean_text(name, value, most, is_required)

    def _clean_text(self, name: str, value: Any, most: int, is_required: bool) -> str:
        if not isinstance(value, str):
            self.problems[name] = _("This takes a text.")
            return ""
        try:
            value = clean_text(value, is_required=is_required)
        except ValidationError as error:
            self.problems[name] = error.messages[0]
            return ""
        if len(value) > most or (is_required and not value):
            least = 1 if is_required else 0
            self.problems[name] = _("This takes %(least)s to %(most)s characters.") % {
                "least": least,
                "most": most,
            }
        return value

    def _phone(self) -> str:
        value = self.body.get("phone")
        if value is None:
            return ""
        if not isinstance(value, str):
            self.problems["phone"] = _("This takes a text.")
            return ""
        try:
            return forms.clean_phone(value)
        except ValidationError as error:
            self.problems["phone"] = error.messages[0]
            return ""

    def _fulfilment(self) -> str:
        value = self.body.get("fulfilment")
        if value is None:
            return str(Order.Fulfilment.TO_GO)
        if value not in list(Order.Fulfilment.values):
            self.problems["fulfilment"] = _("This takes “here” or “to_go”.")
            return ""
        return str(value)

    def _total_price(self) -> Decimal | None:
        value = self.body.get("total_price")
        if value is None:
            return None
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        cents = in_cents(value) if is_number else None
        if cents is None:
            self.problems["total_price"] = _("This takes an amount of money.")
        return cents

    def _lines(self) -> tuple[ApiLineRequest, ...]:
        if "lines" not in self.body:
            item = self._clean_text("coffee_type", self.body.get("coffee_type"), 60, True)
            return (ApiLineRequest(item, None, self._quantity("quantity", self.body.get("quantity", 1))),)
        for name in ("coffee_type", "quantity"):
            if name in self.body:
                self.problems[name] = _("Give either “lines” or this.")
        lines = self.body["lines"]
        if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
            self.problems["lines"] = _("This takes a list of 1 to %(most)s lines.") % {"most": MAX_LINES}
            return ()
        return tuple(self._line(f"lines.{index}", line) for index, line in enumerate(lines))

    def _line(self, name: str, line: Any) -> ApiLineRequest:
        if not isinstance(line, dict) or not line.keys() <= {"item", "options", "quantity"}:
            self.problems[name] = _("A line is an object with “item”, “options” and “quantity”.")
            return ApiLineRequest("", (), 1)
        item = self._clean_text(f"{name}.item", line.get("item"), 60, True)
        options = line.get("options", [])
        if not isinstance(options, list) or not all(type(option) is int for option in options):
            self.problems[f"{name}.options"] = _("This takes a list of option ids.")
            options = []
        return ApiLineRequest(item, tuple(options), self._quantity(f"{name}.quantity", line.get("quantity", 1)))

    def _quantity(self, name: str, value: Any) -> int:
        if type(value) is not int or not 1 <= value <= MAX_LINE_QUANTITY:
            self.problems[name] = _("This takes a whole number from 1 to 99.")
            return 1
        return value
