"""Random prices, options and quantities, and their exact totals."""

import json
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from menu.models import Item, Option, OptionGroup
from orders.audit import check_books
from orders.cart.cookie import Cart, CartLine
from orders.models import Order
from tests.harness.factories import category
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture

MAX_ITEM_QUANTITY = 99


DEAREST = 99_999_999  # cents: the highest price that the column holds


@dataclass(frozen=True)
class Drink:
    """An item of the random menu, in cents: its price, sizes (one is chosen) and extras (any number)."""

    price: int
    sizes: tuple[int, ...]
    extras: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    drink: int
    size: int
    extras: frozenset[int]
    quantity: int


prices = st.one_of(st.integers(0, 100), st.integers(0, 10_000), st.integers(0, DEAREST), st.just(DEAREST))


deltas = st.one_of(
    st.just(0), st.integers(-1000, 1000), st.integers(-DEAREST, DEAREST), st.sampled_from([DEAREST, -DEAREST])
)


drinks = st.builds(
    Drink,
    prices,
    st.lists(deltas, max_size=2).map(lambda others: (0, *others)),  # the default costs nothing extra
    st.lists(deltas, max_size=3).map(tuple),
)


@st.composite
def baskets(draw: st.DrawFn) -> tuple[list[Drink], list[Line]]:
    """Return a random menu, and order lines that its rules allow."""
    menu = draw(st.lists(drinks, min_size=1, max_size=3))
    left = [MAX_ITEM_QUANTITY] * len(menu)
    lines = []
    for _line in range(draw(st.integers(1, 4))):
        which = draw(st.integers(0, len(menu) - 1))
        if left[which]:
            quantity = draw(st.integers(1, left[which]) | st.integers(1, min(3, left[which])))
            left[which] -= quantity
            drink = menu[which]
            size = draw(st.integers(0, len(drink.sizes) - 1))
            extras = draw(st.sets(st.sampled_from(range(len(drink.extras))))) if drink.extras else ()
            lines.append(Line(which, size, frozenset(extras), quantity))
    return menu, lines


def unit_cents(drink: Drink, line: Line) -> int:
    return max(0, drink.price + drink.sizes[line.size] + sum(drink.extras[extra] for extra in line.extras))


def total_cents(menu: list[Drink], lines: list[Line]) -> int:
    return sum(unit_cents(menu[line.drink], line) * line.quantity for line in lines)


def written(cents: int) -> str:
    """Return cents as an amount: 1805 is "18.05"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


class Shop:
    """A random menu in the database, and order lines as the service, the cart and the API take them."""

    def __init__(self, menu: list[Drink], lines: list[Line]) -> None:
        self.total = Decimal(written(total_cents(menu, lines)))
        self.items = [self._item(index, drink) for index, drink in enumerate(menu)]
        self.lines = [
            CartLine(
                self.items[line.drink][0].pk,
                self._option_ids(line),
                line.quantity,
                Decimal(written(unit_cents(menu[line.drink], line))),
            )
            for line in lines
        ]

    def _item(self, index: int, drink: Drink) -> tuple[Item, list[int], list[int]]:
        item = Item.objects.create(
            slug=f"drink-{index}",
            name=f"Drink {index}",
            category=category(),
            price=written(drink.price),
            max_per_order=MAX_ITEM_QUANTITY,
        )
        ids = []
        for least, most, group_deltas in ((1, 1, drink.sizes), (0, 9, drink.extras)):
            group = OptionGroup.objects.create(name="group", min_choices=least, max_choices=most)
            item.option_groups.add(group)
            options = [
                Option(group=group, name="o", price_delta=written(delta), position=place)
                for place, delta in enumerate(group_deltas)
            ]
            if least:
                options[0].is_default = True
            Option.objects.bulk_create(options)
            ids.append(list(group.options.order_by("position").values_list("pk", flat=True)))
        return item, ids[0], ids[1]

    def _option_ids(self, line: Line) -> tuple[int, ...]:
        _item, sizes, extras = self.items[line.drink]
        return (sizes[line.size], *(extras[extra] for extra in sorted(line.extras)))

    def cart(self) -> Cart:
        """Return the lines as a cart, which merges equal lines."""
        cart = Cart()
        for line in self.lines:
            cart = cart.adding(line)
        return cart

    def body(self, total_price: str) -> str:
        """Return the lines as an API client's JSON body; `total_price` goes into it unchanged."""
        lines = [
            {"item": f"drink-{self._place(line)}", "options": list(line.option_ids), "quantity": line.quantity}
            for line in self.lines
        ]
        body = json.dumps({"customer_name": "王芳", "lines": lines})
        return f'{body[:-1]}, "total_price": {total_price}}}' if total_price else body

    def _place(self, line: CartLine) -> int:
        return next(place for place, (item, *_ids) in enumerate(self.items) if item.pk == line.item_id)


def assert_placed(order: Order, shop: Shop) -> None:
    order = Order.objects.get(pk=order.pk)
    assert order.total == shop.total
    assert order.total >= 0
    lines = list(order.lines.all())
    assert sum(line.unit_price * line.quantity for line in lines) == shop.total
    assert all(line.unit_price >= 0 for line in lines)
    assert check_books() == []
