"""Random prices, options and quantities: each order total is exact to the cent, and never negative.

The expected total is computed independently of our pricing, in whole cents.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape
from hypothesis import strategies as st

from menu.api import number
from menu.catalogue.current import current_menu
from menu.models import Item, Option, OptionGroup
from menu.money import money
from orders.audit import check_books
from orders.cart.cookie import SALT, Cart, CartLine
from orders.cart.review import review_cart
from orders.models import Order
from orders.services import place_order
from tests.harness.factories import category, nothing_written
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]

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


@pytest.fixture
def size(full_size: bool) -> Callable[[int], int]:
    """Return a function: from the number of examples in a full run to the number in this run."""
    return lambda whole: whole if full_size else max(10, whole // 100)


def assert_placed(order: Order, shop: Shop) -> None:
    order = Order.objects.get(pk=order.pk)
    assert order.total == shop.total
    assert order.total >= 0
    lines = list(order.lines.all())
    assert sum(line.unit_price * line.quantity for line in lines) == shop.total
    assert all(line.unit_price >= 0 for line in lines)
    assert check_books() == []


def test_a_total_is_the_sum_in_cents_and_never_negative(size: Callable[[int], int]) -> None:
    @tried(size(3000), basket=baskets())
    def each_total_is_exact(basket: tuple[list[Drink], list[Line]]) -> None:
        shop = Shop(*basket)
        placed = place_order(lines=[line.wanted for line in shop.lines], customer_name="王芳")
        assert placed.total == shop.total
        assert_placed(placed, shop)


def test_the_cart_shows_the_total_that_is_charged(size: Callable[[int], int]) -> None:
    @tried(size(1000), basket=baskets())
    def each_review_agrees(basket: tuple[list[Drink], list[Line]]) -> None:
        shop = Shop(*basket)
        review = review_cart(shop.cart(), current_menu())
        assert review.changes == ()
        assert review.total == shop.total == review.cart.shown_total
        lines = [line.wanted for line in review.cart.lines]
        assert_placed(place_order(lines=lines, customer_name="王芳", expected_total=review.total), shop)


# Totals as API clients write them

written_totals = st.one_of(
    st.sampled_from(
        ["18", "18.0", "18.00", "18.000", "1e2", "1.8E+1", "0", "-0", "-0.0", "0.30000000000000004", "1e-9"]
    ),
    st.sampled_from(["9999999999.99", "9999999999.999999999999999999999999999999999", "1e9", "1E-400", "0.005"]),
    st.integers(0, 10**10 - 1).map(str),
    st.floats(0, 10**9).map(repr),
    st.integers(0, 10**6).map(written),
)


def post(shop: Shop, total_price: str) -> HttpResponse:
    return Client().post("/api/orders", shop.body(total_price), content_type="application/json")


def exact(response: HttpResponse) -> Any:
    """Return the answer's JSON with its numbers as Decimals, not as floats."""
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)


def test_a_program_is_told_the_right_total_whatever_it_sent(size: Callable[[int], int]) -> None:
    @tried(size(1000), basket=baskets(), sent=written_totals)
    def each_is_placed_or_told(basket: tuple[list[Drink], list[Line]], sent: str) -> None:
        shop = Shop(*basket)
        if Decimal(sent).quantize(Decimal("0.01"), ROUND_HALF_UP) != shop.total:
            with nothing_written():
                refused = post(shop, sent)
            assert refused.status_code == 409
            assert exact(refused)["error"]["code"] == "price_changed"
            right = exact(refused)["error"]["fields"]["total_price"]
            assert right == shop.total
            sent = str(right)
        placed = post(shop, sent)
        assert placed.status_code == 201
        assert exact(placed)["total_price"] == shop.total
        assert_placed(Order.objects.get(), shop)


def test_a_total_computed_in_floats_is_right_when_it_is_right_to_the_cent() -> None:
    for cents, sent, status in (
        (30, "0.3", 201),
        (30, "0.30000000000000004", 201),  # 0.1 + 0.2 as JavaScript adds them
        (30, "0.304", 201),
        (30, "0.306", 409),
        (10_000, "1e2", 201),
        (10_000, "100.000", 201),
        (1_800, "18", 201),
    ):
        Item.objects.all().delete()
        assert post(Shop([Drink(cents, (0,), ())], [Line(0, 0, frozenset(), 1)]), sent).status_code == status


# Totals on the checkout page


def checkout(cart: Cart, **fields: str) -> HttpResponse:
    client = Client()
    kept = [[line.item_id, line.option_ids, line.quantity, str(line.shown_price)] for line in cart.lines]
    client.cookies["cart"] = signing.dumps([cart.key, *kept], salt=SALT)
    form = {"customer_name": "王芳", "fulfilment": "here", "submission_key": cart.key} | fields
    headers = {"Origin": "http://testserver"}
    return client.post("/en/checkout/", form, headers=headers) if fields else client.get("/en/checkout/")


def shown(page: HttpResponse) -> tuple[str, str]:
    """Return the total that a checkout page shows, and the one that its form sends back."""
    html = page.content.decode()
    [amount] = re.findall(r'class="sum__amount">([^<]+)<', html)
    [sent] = re.findall(r'name="expected_total" value="([^"]+)"', html)
    return amount, sent


def test_the_checkout_shows_the_total_that_it_charges(size: Callable[[int], int]) -> None:
    @tried(size(500), basket=baskets(), wrong=st.integers(0, 10**9).map(written))
    def each_page_is_right(basket: tuple[list[Drink], list[Line]], wrong: str) -> None:
        shop = Shop(*basket)
        cart = shop.cart()
        amount, sent = shown(checkout(cart))
        assert amount == escape(money(shop.total))
        assert Decimal(sent) == shop.total
        if Decimal(wrong) != shop.total:
            with nothing_written():
                refused = checkout(cart, expected_total=wrong)
            assert refused.status_code == 409
            assert shown(refused) == (amount, sent)
        assert checkout(cart, expected_total=sent).status_code == 302
        assert_placed(Order.objects.get(), shop)


# Amounts


def test_an_amount_comes_back_to_the_cent(size: Callable[[int], int]) -> None:
    @tried(size(20_000), cents=st.integers(-(10**12), 10**12))
    def each_comes_back(cents: int) -> None:
        amount = Decimal(written(cents))
        read = money(amount).replace("−", "-").replace("¥", "").replace(",", "")
        assert Decimal(read) == amount
        assert re.fullmatch(r"−?¥[0-9]{1,3}(,[0-9]{3})*(\.[0-9]{2})?", money(amount))
        assert Decimal(json.dumps(number(amount))) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "¥0"),
        ("0.05", "¥0.05"),
        ("25", "¥25"),
        ("25.5", "¥25.50"),
        ("-3", "−¥3"),
        ("1234567.89", "¥1,234,567.89"),
    ],
)
def test_an_amount_is_shown_with_its_cents_or_without_any(amount: str, shown: str) -> None:
    assert money(Decimal(amount)) == shown
