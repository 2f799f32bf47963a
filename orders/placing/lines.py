"""Order lines: checks requested lines against the rules, and prices them from the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from menu.catalogue.option_records import MenuOption
from menu.options import labels, selection
from orders import pricing
from orders.errors import Invalid, Shortage, SoldOut, UnknownItem
from orders.models import Order
from orders.placing.sellable_items import ItemOnSale, items_called, items_with_ids

MAX_LINES = 30
MAX_LINE_QUANTITY = 99
# Exclusive limits of the columns `OrderLine.unit_price` and `Order.total`; no café comes near.
MAX_UNIT_PRICE, MAX_TOTAL = Decimal(10**8), Decimal(10**10)


@dataclass(frozen=True)
class LineRequest:
    """An order line as the customer requests it. It has no price: that is read from the database."""

    item_id: int
    option_ids: tuple[int, ...] | None  # None: the default of each required group
    quantity: int


@dataclass(frozen=True)
class ApiLineRequest:
    """An order line as an API client requests it; `item` is a slug or a name."""

    item: str
    option_ids: tuple[int, ...] | None
    quantity: int


LineRequests = Sequence[LineRequest] | Sequence[ApiLineRequest]


@dataclass(frozen=True)
class PricedLine:
    """An order line that was checked and priced."""

    item: ItemOnSale
    options: tuple[MenuOption, ...]
    unit_price: Decimal
    quantity: int

    def line(self, order: Order, *, was_counted: bool) -> dict[str, Any]:
        """Return the `OrderLine` of this sale as a dict by column: copies of the menu's names, options and price."""
        contents = self.item.contents_with(self.options)
        return {
            "order_id": order.pk,
            "item_id": self.item.id,
            "item_slug": self.item.slug,
            "name_en": self.item.name_en,
            "name_zh_hans": self.item.name_zh_hans,
            "options": [
                {
                    "id": option.id,
                    "name_en": option.name_en,
                    "name_zh_hans": option.name_zh_hans,
                    "price_delta": str(option.price_delta),
                    **groups,
                }
                for option, groups in labels.with_groups(self.item, self.options)
            ],
            "allergens": contents.allergens,
            "allergens_are_stated": contents.is_stated,
            "unit_price": self.unit_price,
            "quantity": self.quantity,
            "was_counted": was_counted,
        }


def check_and_price(lines: LineRequests) -> list[PricedLine]:
    """Return the requested lines, checked and priced; one query. Raises Invalid, UnknownItem, SoldOut."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise Invalid(_("An order has 1 to %(most)s lines.") % {"most": MAX_LINES})
    sales = [_check_line(item, index, line) for index, (line, item) in enumerate(_with_items(lines))]
    if total_of(sales) >= MAX_TOTAL or any(sale.unit_price >= MAX_UNIT_PRICE for sale in sales):
        raise Invalid(_("This is more than one order can come to."))
    of_each = Counter[int]()
    for index, sale in enumerate(sales):
        of_each[sale.item.id] += sale.quantity
        if of_each[sale.item.id] > sale.item.max_per_order:
            limits = {"item": sale.item.name, "most": sale.item.max_per_order}
            raise Invalid(_("%(item)s: at most %(most)s in one order.") % limits, line=index)
    return sales


def _with_items(lines: LineRequests) -> list[tuple[LineRequest | ApiLineRequest, ItemOnSale | None]]:
    words = {line.item for line in lines if isinstance(line, ApiLineRequest)}
    if words:
        called = items_called(words)
        return [(line, called.get(line.item)) for line in lines if isinstance(line, ApiLineRequest)]
    of_ids = items_with_ids({line.item_id for line in lines if isinstance(line, LineRequest)})
    return [(line, of_ids.get(line.item_id)) for line in lines if isinstance(line, LineRequest)]


def total_of(sales: Sequence[PricedLine]) -> Decimal:
    return pricing.order_total(pricing.line_total(sale.unit_price, sale.quantity) for sale in sales)


def quantities_by_item(sales: Sequence[PricedLine]) -> Counter[int]:
    """Return the quantity of each item by its id, summed over the lines."""
    need = Counter[int]()
    for sale in sales:
        need[sale.item.id] += sale.quantity
    return need


def _check_line(item: ItemOnSale | None, index: int, line: LineRequest | ApiLineRequest) -> PricedLine:
    if item is None:
        raise UnknownItem(_("This is not on the menu."), line=index)
    if not 1 <= line.quantity <= MAX_LINE_QUANTITY:
        raise Invalid(_("%(item)s: a quantity is 1 to 99.") % {"item": item.name}, line=index)
    if not item.can_be_made:
        raise SoldOut(shortages=[Shortage(item.id, item.slug, item.name, 0)])
    try:
        chosen = line.option_ids
        options = selection.default_choice(item) if chosen is None else selection.choose(item, chosen)
    except selection.ChoiceError as error:
        if error.is_sold_out:
            raise SoldOut(error.message) from error
        raise Invalid(error.message, line=index) from error
    return PricedLine(item, options, pricing.unit_price(item, options), line.quantity)
