"""Pricing, the only place where money is added up: an item with its options, a line, an order."""

from collections.abc import Iterable
from decimal import Decimal

from menu.catalogue.option_records import MenuOption
from menu.catalogue.records import SoldItem


def unit_price(item: SoldItem, options: Iterable[MenuOption]) -> Decimal:
    """Return the price of one item with these options, never below zero, in units of CURRENCY."""
    return max(Decimal(0), item.price + sum((option.price_delta for option in options), Decimal(0)))


def line_total(unit_price: Decimal, quantity: int) -> Decimal:
    """Return the price of a line."""
    return unit_price * quantity


def order_total(line_totals: Iterable[Decimal]) -> Decimal:
    """Return the sum of the lines; zero for none."""
    return sum(line_totals, Decimal(0))
