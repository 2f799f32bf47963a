"""Compares a cart with the current menu, and repairs it. Only for display: `place_order` checks everything again."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import Menu, MenuItem
from menu.dietary.allergens import DietaryInfo
from menu.money import money
from menu.options.labels import option_labels
from orders import pricing
from orders.cart.cookie import Cart, CartLine


@dataclass(frozen=True)
class ReviewLine:
    line: CartLine
    item: MenuItem
    options: tuple[MenuOption, ...]
    unit_price: Decimal

    @property
    def key(self) -> str:
        return self.line.key

    @property
    def drawing(self) -> SafeString:
        return self.item.drawing_with(self.options, key=f"line-{self.key}")

    @property
    def option_names(self) -> list[str]:
        return option_labels(self.item, self.options)

    @property
    def contents(self) -> DietaryInfo:
        return self.item.contents_with(self.options)

    @property
    def quantity(self) -> int:
        return self.line.quantity

    @property
    def total(self) -> Decimal:
        return pricing.line_total(self.unit_price, self.quantity)

    @property
    def most(self) -> int:
        """The maximum quantity of the item in one order, other lines of it included."""
        return self.item.max_per_order

    @property
    def can_grow(self) -> bool:
        return self.quantity < self.most


@dataclass(frozen=True)
class Review:
    """The cart as it can be ordered now, and a message for each change of it."""

    lines: tuple[ReviewLine, ...]
    changes: tuple[str, ...]
    cart: Cart

    @property
    def total(self) -> Decimal:
        return pricing.order_total(line.total for line in self.lines)

    @property
    def seen(self) -> str:
        """A fingerprint of the lines that the page shows, so that its button accepts exactly those."""
        shown = [(line.key, line.quantity, str(line.unit_price)) for line in self.lines]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def review_cart(cart: Cart, menu: Menu) -> Review:
    """Compare a cart with the menu: take out what is no longer sold, lower quantities, and report changed prices."""
    lines: list[ReviewLine] = []
    changes: list[str] = []
    of_each = Counter[int]()
    for line in cart.lines:
        repaired = _repair(line, menu.item_with_id(line.item_id), of_each, changes)
        if repaired:
            of_each[line.item_id] += repaired.quantity
            lines.append(repaired)
    return Review(tuple(lines), tuple(dict.fromkeys(changes)), cart.with_lines(line.line for line in lines))


def _repair(line: CartLine, item: MenuItem | None, of_each: Counter[int], changes: list[str]) -> ReviewLine | None:
    if item is None:
        changes.append(_("Something in your cart is no longer on the menu; we take it out."))
        return None
    if item.sold_out:
        changes.append(_("%(item)s is sold out; we take it out.") % {"item": item.name})
        return None
    options = _repair_options(line, item, changes)
    if options is None:
        return None
    quantity = min(line.quantity, item.max_per_order - of_each[item.id])
    if quantity < line.quantity:
        limits = {"item": item.name, "most": item.max_per_order}
        changes.append(_("%(item)s: at most %(most)s in one order; we take out the rest.") % limits)
    if quantity < 1:
        return None
    unit_price = pricing.unit_price(item, options)
    if unit_price != line.shown_price:
        amounts = {"item": item.name, "old": money(line.shown_price), "new": money(unit_price)}
        changes.append(_("%(item)s costs %(new)s now, not %(old)s.") % amounts)
    repaired = CartLine(item.id, tuple(option.id for option in options), quantity, unit_price)
    return ReviewLine(repaired, item, options, unit_price)


def _repair_options(line: CartLine, item: MenuItem, changes: list[str]) -> tuple[MenuOption, ...] | None:
    chosen: list[MenuOption] = []
    known = 0
    for group in item.groups:
        own = [option for option in group.options if option.id in line.option_ids]
        known += len(own)
        for option in own:
            if not option.is_available:
                names = {"item": item.name, "option": option_labels(item, [option])[0]}
                changes.append(_("%(item)s: “%(option)s” is sold out; we leave it out.") % names)
        kept = [option for option in own if option.is_available][: group.max_choices]
        if len(kept) < group.min_choices:
            kept = _fill_up(group, kept)
            if len(kept) < group.min_choices:
                names = {"item": item.name, "group": group.name}
                changes.append(_("%(item)s now asks for “%(group)s”; choose it again.") % names)
                return None
            names = {"item": item.name, "option": _(", ").join(option_labels(item, kept))}
            changes.append(_("%(item)s comes with “%(option)s” instead.") % names)
        chosen += kept
    if known < len(line.option_ids):
        changes.append(_("%(item)s: one of its options is gone; we leave it out.") % {"item": item.name})
    return tuple(chosen)


def _fill_up(group: MenuGroup, kept: list[MenuOption]) -> list[MenuOption]:
    spare = [option for option in group.defaults() if option not in kept]
    return kept + spare[: group.min_choices - len(kept)]
