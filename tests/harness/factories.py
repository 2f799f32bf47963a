"""Factories of items, option groups, orders and staff, and a check that a block writes no order or stock row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from menu.models import Category, Item, Option, OptionGroup
from orders.models import Order, OrderEvent, OrderLine, Stock, StockMove
from orders.placing.lines import LineRequest
from orders.services import place_order, set_stock


def category(slug: str = "coffee", name_en: str = "Coffee", name_zh_hans: str = "咖啡") -> Category:
    names = {"name_en": name_en, "name_zh_hans": name_zh_hans}
    return Category.objects.get_or_create(slug=slug, defaults=names)[0]


def item(slug: str, *, stock: int | None = None, **fields: Any) -> Item:
    defaults = {"category": category(), "name_en": slug, "name_zh_hans": slug, "price": "10.00"}
    made = Item.objects.create(slug=slug, **defaults | fields)
    made.refresh_from_db()
    if stock is not None:
        set_stock(item=made, available=stock, reason="counted")
    return made


def latte(**fields: Any) -> Item:
    """拿铁 at 25.00: one size (Small by default, Large +6), up to two extras (shot +4, vanilla +3, cream +4)."""
    made = item("latte", **{"name_en": "Latte", "name_zh_hans": "拿铁", "price": "25.00"} | fields)
    sizes = group("Size", "杯型", 1, 1, ("Small", "小杯", "0"), ("Large", "大杯", "6"))
    extras = ("Extra shot", "加浓", "4"), ("Vanilla", "香草", "3"), ("Cream", "奶油", "4")
    made.option_groups.set([sizes, group("Extras", "加料", 0, 2, *extras)])
    return made


def americano(**fields: Any) -> Item:
    """美式咖啡 at 18.00, without options."""
    own = {"name_en": "Americano", "name_zh_hans": "美式咖啡", "price": "18.00"}
    return item("americano", **own | fields)


def croissant(**fields: Any) -> Item:
    """黄油可颂 at 16.00; with `croissant(stock=2)` its stock is counted."""
    bakery = category("bakery", "Bakery", "烘焙")
    own = {"name_en": "Butter Croissant", "name_zh_hans": "黄油可颂", "price": "16.00", "category": bakery}
    return item("croissant", **own | fields)


def group(name_en: str, name_zh_hans: str, least: int, most: int, *options: tuple[str, str, str]) -> OptionGroup:
    """Create an option group; the first option of a required group is its default."""
    made = OptionGroup.objects.create(name_en=name_en, name_zh_hans=name_zh_hans, min_choices=least, max_choices=most)
    for position, (english, chinese, delta) in enumerate(options):
        made.options.create(
            name_en=english,
            name_zh_hans=chinese,
            price_delta=delta,
            is_default=least > 0 and position == 0,
            position=position,
        )
    return made


def option(item: Item, name_en: str) -> Option:
    return Option.objects.get(group__items=item, name_en=name_en)


def wanted(item: Item, *options: str, quantity: int = 1) -> LineRequest:
    """Return a line request, with options by their English names: `wanted(latte(), "Small", quantity=2)`."""
    return LineRequest(item.pk, tuple(option(item, name).pk for name in options), quantity)


def order(*lines: LineRequest, **fields: Any) -> Order:
    """Place an order for 王芳; without lines, of an americano."""
    lines = lines or (wanted(Item.objects.filter(slug="americano").first() or americano()),)
    return place_order(lines=lines, **{"customer_name": "王芳"} | fields)


def barista() -> User:
    return staff("barista")


def manager() -> User:
    return staff("manager")


def client_of(user: User | None, language: str = "en") -> Client:
    """Return a test client like a browser of our own pages, signed in as this user; as a stranger without one."""
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": language})
    if user:
        client.force_login(user)
    return client


def staff(group_name: str) -> User:
    user, is_new = User.objects.get_or_create(username=f"the-{group_name}", is_staff=True)
    if is_new:
        user.groups.add(Group.objects.get(name=group_name))
    return user


def books() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the tables that services write, by table."""
    written = (Order, OrderLine, OrderEvent, StockMove, Stock)
    rows = {}
    with connection.cursor() as cursor:  # half the time of a queryset's rows, for hundreds of tests
        for model in written:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")
            rows[model.__name__] = list(cursor.fetchall())
    return rows


@contextmanager
def nothing_written() -> Iterator[None]:
    """Fail if the block inserts, updates or deletes a row of `books()`."""
    before = books()
    yield
    assert books() == before
