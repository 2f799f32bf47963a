"""Errors that refuse an order or a move of one. All of them except NotKnownYet mean that nothing was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext as _

from menu.money import money

if TYPE_CHECKING:
    from orders.models import Order


class OrderError(Exception):
    """A refusal with a message for people and a `code` for API clients (contract: Errors)."""

    code: ClassVar[str] = "invalid"
    is_unsure: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(OrderError):
    """The request breaks a validation rule; `line` is the index (from 0) of the order line at fault, if it is one."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class UnknownItem(Invalid):
    code = "unknown_item"


@dataclass(frozen=True)
class Shortage:
    item_id: int
    slug: str
    name: str
    left: int


class SoldOut(OrderError):
    code = "sold_out"

    def __init__(self, message: str = "", *, shortages: Sequence[Shortage] = ()) -> None:
        super().__init__(message or " ".join(_describe(shortage) for shortage in shortages))
        self.shortages = tuple(shortages)


def _describe(shortage: Shortage) -> str:
    if shortage.left:
        return _("Only %(left)s of %(item)s left.") % {"left": shortage.left, "item": shortage.name}
    return _("%(item)s is sold out.") % {"item": shortage.name}


class PriceChanged(OrderError):
    """The total is not the one that the customer saw; `unit_prices` has the current unit price of each line."""

    code = "price_changed"

    def __init__(self, *, expected: Decimal, total: Decimal, unit_prices: Sequence[Decimal]) -> None:
        amounts = {"old": money(expected), "new": money(total)}
        super().__init__(_("The price changed: it is %(new)s now, not %(old)s.") % amounts)
        self.total, self.unit_prices = total, tuple(unit_prices)


class CartChanged(OrderError):
    """The cart is not the one that the checkout showed: another tab has changed it."""

    code = "cart_changed"

    def __init__(self) -> None:
        super().__init__(_("Your cart had changed meanwhile; please look again."))


class KeyReused(OrderError):
    """The submission key (an idempotency key) has already placed `order`, with other data."""

    code = "key_reused"

    def __init__(self, order: "Order") -> None:
        super().__init__(_("This key has already placed another order."))
        self.order = order


class NotAllowedNow(OrderError):
    code = "not_allowed_now"


def stale_state_error(order: "Order") -> NotAllowedNow:
    """Return the refusal of a move that the order's present state does not allow."""
    return NotAllowedNow(_("Order %(number)s has moved on; that is no longer possible.") % {"number": order.number})


class Unavailable(OrderError):
    """The transaction could not be finished in time. Nothing was written."""

    code = "unavailable"


class NotKnownYet(OrderError):
    """The connection was lost at COMMIT, and it could not be read afterwards whether the transaction was written.

    A retry with the same submission key is safe.
    """

    code = "unavailable"
    is_unsure = True

    def __init__(self) -> None:
        super().__init__(_("We do not know yet whether that went through. Press again: it cannot happen twice."))
