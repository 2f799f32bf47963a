"""A line of a cart, and its form in a signed cookie."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from orders.placing.idempotency import fingerprint
from orders.placing.lines import MAX_LINE_QUANTITY, LineRequest

MAX_SHOWN_PRICE = 10**8


@dataclass(frozen=True)
class CartLine:
    item_id: int
    option_ids: tuple[int, ...]
    quantity: int
    shown_price: Decimal  # the unit price that the customer saw last; only used to report a change

    @property
    def key(self) -> str:
        return "-".join(map(str, (self.item_id, *self.option_ids)))

    @property
    def choice(self) -> tuple[int, frozenset[int]]:
        """Item and options for comparison, independent of the order of the menu's option groups."""
        return self.item_id, frozenset(self.option_ids)

    @property
    def digest(self) -> str:
        """A short hash of the key, for cookies."""
        return fingerprint(self.key)[:8]

    @property
    def wanted(self) -> LineRequest:
        return LineRequest(self.item_id, self.option_ids, self.quantity)

    def at_price(self, unit_price: Decimal) -> "CartLine":
        return replace(self, shown_price=unit_price)

    def with_quantity(self, quantity: int) -> "CartLine":
        """Return the line with this quantity, cut to what one line may hold; 0 removes the line."""
        return replace(self, quantity=max(0, min(quantity, MAX_LINE_QUANTITY)))


def pack_line(line: CartLine) -> list[Any]:
    return [line.item_id, line.option_ids, line.quantity, str(line.shown_price)]


def unpack_line(item_id: Any, option_ids: Any, quantity: Any, price: str) -> CartLine:
    """Return a line as `pack_line` wrote it. Raises ValueError, TypeError, ArithmeticError."""
    numbers = (item_id, quantity, *option_ids)
    shown_price = Decimal(price)
    if not all(type(number) is int and 0 < number < 2**62 for number in numbers) or quantity > MAX_LINE_QUANTITY:
        raise ValueError("not a line of a cart")
    if not 0 <= shown_price < MAX_SHOWN_PRICE:
        raise ValueError("not a price")
    return CartLine(item_id, tuple(option_ids), quantity, shown_price)
