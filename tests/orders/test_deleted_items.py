"""Permission to delete an item suffices to delete its stock count too; stock moves are closed, history is kept."""

import pytest
from django.contrib.auth.models import Permission, User

from menu.availability.history import AvailabilityChange
from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.models import Stock, StockMove
from tests.harness.factories import barista, client_of, croissant, item, manager, nothing_written, order, wanted
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]

ITEMS = "/admin/menu/item/"
CHOSEN = {"action": "delete_selected", "index": "0"}
SURE = {"post": "yes", "reason": "season is over"}


def deleter() -> User:
    """Create a user who may view and delete items, without any permission on counts."""
    user = User.objects.create(username="deleter", is_staff=True)
    wanted_rights = ("view_item", "delete_item")
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted_rights))
    return user


def sent(where: str, *items: Item) -> tuple[str, dict[str, object]]:
    if where == "its page":
        return f"{ITEMS}{items[0].pk}/delete/", {}
    return ITEMS, CHOSEN | {"_selected_action": [str(one.pk) for one in items]}


@pytest.mark.parametrize("where", ["its page", "the list"])
@pytest.mark.parametrize("who", [manager, deleter, lambda: User.objects.create_superuser("root")])
def test_an_item_is_deleted_with_its_count(where: str, who: object) -> None:
    roll = croissant(stock=5)
    services.set_stock(item=roll, available=5, daily=20, reason="baked")
    user = who()  # type: ignore[operator]
    client = client_of(user)
    address, form = sent(where, roll)
    asked = (client.post(address, form) if form else client.get(address)).content.decode()
    assert f"Stock: {Stock.objects.get()}" in asked
    assert "permission" not in asked
    assert client.post(address, form | SURE).status_code == 302
    assert not Item.objects.exists()
    assert not Stock.objects.exists()
    last = StockMove.objects.latest("pk")
    assert (last.item_id, last.delta, last.reason, last.actor) == (roll.pk, -5, "season is over", user)
    assert StockMove.objects.count() == 3
    changes = AvailabilityChange.objects.filter(reason="season is over").order_by("pk")
    assert list(changes.values_list("what", "before", "after")) == [
        ("daily", "20", ""),
        ("count", "5", ""),
        ("removed", "", ""),
    ]
    assert check_books() == []


def test_several_items_go_at_once_counted_or_not() -> None:
    roll, cake = croissant(stock=5), item("cake")
    address, form = sent("the list", roll, cake)
    assert client_of(manager()).post(address, form | SURE).status_code == 302
    assert not Item.objects.exists()
    assert check_books() == []


def test_an_order_of_a_deleted_item_is_still_cancelled() -> None:
    roll = croissant(stock=5)
    placed = order(wanted(roll, quantity=2))
    address, _form = sent("its page", roll)
    client_of(manager()).post(address, SURE)
    assert not Item.objects.exists()
    services.cancel_order(order=placed)
    assert check_books() == []


@pytest.mark.parametrize("where", ["its page", "the list"])
def test_nothing_goes_without_the_right_or_the_reason(where: str) -> None:
    roll = croissant(stock=5)
    address, form = sent(where, roll)
    with nothing_written():
        client_of(barista()).post(address, form | SURE)
        client_of(manager()).post(address, form | {"post": "yes"})
    assert Item.objects.exists()


def test_a_count_alone_is_deleted_by_nobody() -> None:
    croissant(stock=5)
    with nothing_written():
        for who in (manager(), deleter(), User.objects.create_superuser("root")):
            path = f"/admin/orders/stock/{Stock.objects.get().pk}/delete/"
            assert client_of(who).post(path, {"post": "yes"}).status_code == 403
