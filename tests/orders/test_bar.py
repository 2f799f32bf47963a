"""The barista board and the order admin: permissions of each role, and a repeated or outdated touch."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from orders import services
from orders.models import Order, OrderEvent, Stock, StockMove
from tests.harness.factories import americano, barista, croissant, latte, manager, nothing_written, order, wanted

pytestmark = pytest.mark.django_db

BAR = "/admin/bar/"
ORDERS = "/admin/orders/order/"
STOCK = "/admin/orders/stock/"
HTMX = {"hx-request": "true"}


def client_of(user: User | None) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def bar() -> Client:
    """The client of a signed-in barista."""
    return client_of(barista())


@pytest.fixture
def boss() -> Client:
    return client_of(manager())


@pytest.fixture
def placed() -> Order:
    """An order of two counted croissants, new on the board."""
    return order(wanted(croissant(stock=9), quantity=2))


def act(client: Client, placed: Order, action: str, *, seen: str | None = None, **fields: str) -> HttpResponse:
    """Post an action for an order; `seen` is the order's status when the page was rendered."""
    form = {"seen": placed.status if seen is None else seen} | fields
    return client.post(f"{BAR}{placed.token}/{action}/", form)


def state(placed: Order) -> tuple[str, str]:
    placed.refresh_from_db()
    return placed.status, placed.payment_status


REFUSED_REASONS = ["no\x07milk", "\u202eno milk", "\u200b", "\u034f"]


@pytest.mark.parametrize("reason", REFUSED_REASONS, ids=ascii)
def test_a_reason_is_refused_like_a_name_at_the_checkout(boss: Client, placed: Order, reason: str) -> None:
    chosen = {"action": "cancel", "_selected_action": str(placed.pk), "index": "0"}
    with nothing_written():
        page = act(boss, placed, "cancel", reason=reason)
        assert page.status_code == 409
        assert re.search("cannot be written down|nothing to be seen", page.content.decode())
        assert "errorlist" in boss.post(ORDERS, chosen | {"reason": reason}).content.decode()
        counted = {"item": "1", "how": "set", "available": "3", "shown": "7", "reason": reason}
        assert "errorlist" in boss.post(f"{STOCK}add/", counted).content.decode()


def test_an_order_in_admin_says_its_moves_in_the_language_of_its_reader(boss: Client, placed: Order) -> None:
    services.cancel_order(order=placed, actor=barista(), reason="没有牛奶")
    move = StockMove.objects.latest("pk")
    pages = (f"{ORDERS}{placed.pk}/change/", "/admin/orders/stockmove/", f"/admin/orders/stockmove/{move.pk}/change/")
    words = (("新单", "已取消", "没有牛奶", "下单", "取消"), ("下单", "取消"), ("取消",))
    for address, said in zip(pages, words, strict=True):
        page = boss.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        shown = {word.strip() for word in re.findall(r">([^<]+)<", page.partition('id="content-main"')[2])}
        assert not {"pending", "cancelled"} & shown
        assert set(said) <= shown, address


def columns(page: HttpResponse) -> list[list[int]]:
    parts = page.content.decode().split('<section class="bar__column')[1:]
    return [[int(number) for number in re.findall(r'<article [^>]*data-number="(\d+)"', part)] for part in parts]


# Permissions


def paths(placed: Order) -> list[str]:
    return [BAR, f"{BAR}{placed.token}/"]


def test_nobody_is_led_to_the_login(placed: Order) -> None:
    for path in paths(placed):
        response = client_of(None).get(path)
        assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/bar/")
    with nothing_written():
        assert act(client_of(None), placed, "advance").status_code == 302


def test_a_poll_after_the_sessions_end_leads_to_the_login() -> None:
    response = client_of(None).get(BAR, headers=HTMX)
    assert response["HX-Redirect"] == "/admin/login/?next=/admin/bar/"


@pytest.mark.parametrize("is_staff", [True, False])
def test_an_account_without_the_bar_is_refused(placed: Order, is_staff: bool) -> None:
    client = client_of(User.objects.create_user("visitor", is_staff=is_staff))
    for path in paths(placed):
        assert client.get(path).status_code == 403
    with nothing_written():
        assert act(client, placed, "advance").status_code == 403


def test_one_who_is_no_longer_staff_is_refused(placed: Order) -> None:
    user = barista()
    client = client_of(user)
    User.objects.update(is_staff=False)
    assert client.get(BAR).status_code == 403


def test_a_barista_and_a_manager_work_the_bar(bar: Client, boss: Client, placed: Order) -> None:
    for client in (bar, boss):
        for path in paths(placed):
            assert client.get(path).status_code == 200


def test_the_bar_is_never_kept_by_a_cache(bar: Client) -> None:
    response = bar.get(BAR)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_the_bar_wants_djangos_token_and_a_form_of_its_own(placed: Order) -> None:
    client = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})
    client.force_login(barista())
    with nothing_written():
        assert act(client, placed, "advance").status_code == 403
    foreign = Client(headers={"sec-fetch-site": "cross-site"})
    foreign.force_login(barista())
    with nothing_written():
        assert act(foreign, placed, "advance").status_code == 403


# The board


def test_orders_stand_in_their_columns_oldest_first(bar: Client) -> None:
    orders = [order() for _number in range(5)]
    actor = barista()
    services.advance_order(order=orders[3], actor=actor)
    services.advance_order(order=orders[1], actor=actor)
    for _step in range(2):
        services.advance_order(order=orders[2], actor=actor)
    numbers = [placed.number for placed in orders]
    assert columns(bar.get(BAR)) == [[numbers[0], numbers[4]], [numbers[1], numbers[3]], [numbers[2]]]


def test_a_closed_order_leaves_the_board(bar: Client) -> None:
    services.cancel_order(order=order())
    done = order()
    for _step in range(3):
        services.advance_order(order=done, actor=barista())
    assert columns(bar.get(BAR)) == [[], [], []]


@pytest.mark.parametrize(("language", "name", "size"), [("en", "Latte", "Large"), ("zh-CN", "拿铁", "大杯")])
def test_a_ticket_has_all_that_is_needed_to_make_it(bar: Client, language: str, name: str, size: str) -> None:
    order(wanted(latte(), "Large", quantity=2), customer_name="王小明", note="<b>少冰</b>", fulfilment="here")
    page = bar.get(BAR, headers={"accept-language": language}).content.decode()
    for words in ("2 ×", name, f"<b>{size}</b>", "王小明", "&lt;b&gt;少冰&lt;/b&gt;", "¥62"):
        assert words in page


@pytest.mark.parametrize("count", [1, 50])
def test_the_board_takes_six_queries_whatever_the_queue(
    bar: Client, django_assert_num_queries: Any, count: int
) -> None:
    drink, roll = latte(max_per_order=99), croissant(stock=500)
    for number in range(count):
        placed = order(wanted(drink, "Small"), wanted(roll))
        for _step in range(number % 3):
            services.advance_order(order=placed, actor=barista())
    with django_assert_num_queries(6):  # queries: session, user, two for permissions, orders, lines
        page = bar.get(BAR)
    assert sum(map(len, columns(page))) == count
    seen = re.search(r"\?seen=(\w+)", page.content.decode())
    assert seen
    with django_assert_num_queries(6):
        assert bar.get(BAR, {"seen": seen[1]}, headers=HTMX).status_code == 204


def test_the_board_is_polled(bar: Client, placed: Order) -> None:
    page = bar.get(BAR).content.decode()
    seen = re.search(r"\?seen=(\w+)", page)
    assert seen
    unchanged = bar.get(BAR, {"seen": seen[1]}, headers=HTMX)
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    for change in (services.mark_paid, services.advance_order):
        change(order=placed, actor=barista())
        changed = bar.get(BAR, {"seen": seen[1]}, headers=HTMX)
        assert changed.status_code == 200
        assert changed.content.lstrip().startswith(b'<div class="bar"')


# Actions


def test_one_touch_moves_an_order_on(bar: Client, placed: Order) -> None:
    services.mark_paid(order=placed, actor=barista())
    for status in ("preparing", "ready", "completed"):
        response = act(bar, placed, "advance")
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, BAR)
        assert state(placed) == (status, "paid")
    assert OrderEvent.objects.latest("pk").actor == barista()


def test_a_touch_is_answered_with_the_board_and_an_undo(bar: Client, placed: Order) -> None:
    response = bar.post(f"{BAR}{placed.token}/advance/", {"seen": "pending"}, headers=HTMX)
    assert response.status_code == 200
    assert columns(response) == [[], [placed.number], []]
    assert f"{BAR}{placed.token}/undo/" in response.content.decode()
    assert act(bar, Order.objects.get(), "undo").status_code == 302
    assert state(placed) == ("pending", "unpaid")


@pytest.mark.parametrize("action", ["advance", "undo", "paid", "cancel", "no-show", "refund"])
def test_a_touch_on_an_old_page_moves_nothing(boss: Client, placed: Order, action: str) -> None:
    services.advance_order(order=placed, actor=barista())
    for seen in ("", "pending", "ready", "completed", "nonsense", "\x00", "制作"):
        with nothing_written():
            response = act(boss, placed, action, seen=seen)
        assert response.status_code == 409
        assert f"Order {placed.number} has moved on meanwhile." in response.content.decode()


def test_the_switch_on_a_refused_touch_leads_to_the_ticket(bar: Client, placed: Order) -> None:
    """The refusal's own address accepts POST only, so the language switch leads to the ticket."""
    refusal = act(bar, placed, "advance", seen="ready")
    assert refusal.status_code == 409
    assert f'name="next" value="{BAR}{placed.token}/"' in refusal.content.decode()


def test_a_touch_on_an_old_page_is_said_on_the_board(bar: Client, placed: Order) -> None:
    services.advance_order(order=placed, actor=barista())
    with nothing_written():
        response = bar.post(f"{BAR}{placed.token}/advance/", {"seen": "pending"}, headers=HTMX)
    assert response.status_code == 200
    assert f"Order {placed.number} has moved on meanwhile." in response.content.decode()


def test_an_order_is_marked_paid_once(bar: Client, placed: Order) -> None:
    act(bar, placed, "paid")
    assert state(placed) == ("pending", "paid")
    with nothing_written():
        assert act(bar, placed, "paid").status_code == 409


def test_cancelling_keeps_the_reason_and_gives_back_what_was_not_made(bar: Client, placed: Order) -> None:
    act(bar, placed, "cancel", reason=" milk is out ")
    assert state(placed) == ("cancelled", "unpaid")
    assert OrderEvent.objects.latest("pk").reason == "milk is out"
    assert Stock.objects.get().available == 9


@pytest.mark.parametrize(("fields", "left"), [({}, 7), ({"restock": "on"}, 9)])
def test_cancelling_after_the_start_is_waste_unless_ticked(
    bar: Client, placed: Order, fields: dict[str, str], left: int
) -> None:
    services.advance_order(order=placed, actor=barista())
    act(bar, placed, "cancel", reason="dropped", **fields)
    assert state(placed) == ("cancelled", "unpaid")
    assert Stock.objects.get().available == left


def test_a_reason_that_is_too_long_is_refused_and_an_emoji_kept(bar: Client, placed: Order) -> None:
    with nothing_written():
        page = act(bar, placed, "cancel", reason="🥛" * 201)
    assert (page.status_code, "A reason has at most 200 characters." in page.content.decode()) == (409, True)
    act(bar, placed, "cancel", reason="🥛" * 200)
    assert OrderEvent.objects.latest("pk").reason == "🥛" * 200


def test_nobody_came_for_it(bar: Client, placed: Order) -> None:
    with nothing_written():
        assert act(bar, placed, "no-show").status_code == 409
    for _step in range(2):
        services.advance_order(order=placed, actor=barista())
    act(bar, placed, "no-show")
    assert state(placed) == ("no_show", "unpaid")


def test_only_a_manager_gives_money_back(bar: Client, boss: Client, placed: Order) -> None:
    services.mark_paid(order=placed, actor=barista())
    with nothing_written():
        assert act(bar, placed, "refund", reason="cold").status_code == 403
    assert "Give the money back" not in bar.get(f"{BAR}{placed.token}/").content.decode()
    assert "Give the money back" in boss.get(f"{BAR}{placed.token}/").content.decode()
    act(boss, placed, "refund", reason="cold", then="keep")
    assert state(placed) == ("pending", "refunded")
    event = OrderEvent.objects.latest("pk")
    assert (event.reason, event.actor) == ("cold", manager())


@pytest.mark.parametrize("action", ["nothing", "delete", "restock"])
def test_an_unknown_action_is_not_found(bar: Client, placed: Order, action: str) -> None:
    with nothing_written():
        assert act(bar, placed, action).status_code == 404


@pytest.mark.parametrize("token", ["nothing", "a" * 22, "é", "拿铁", "%00"])
def test_an_unknown_ticket_is_not_found(bar: Client, placed: Order, token: str) -> None:
    assert bar.get(f"{BAR}{token}/").status_code == 404
    with nothing_written():
        assert bar.post(f"{BAR}{token}/advance/", {"seen": "pending"}).status_code == 404


def test_a_link_moves_nothing(bar: Client, placed: Order) -> None:
    with nothing_written():
        assert bar.get(f"{BAR}{placed.token}/advance/").status_code == 405


def test_a_ticket_tells_what_happened(bar: Client, placed: Order) -> None:
    services.advance_order(order=placed, actor=barista())
    services.mark_paid(order=placed, actor=barista())
    services.cancel_order(order=placed, actor=barista(), reason="dropped")
    page = bar.get(f"{BAR}{placed.token}/").content.decode()
    events = re.findall(r"</time> (.*?)</li>", page)
    assert events == [
        "New",
        "New → In preparation · the-barista",
        "Unpaid → Paid · the-barista",
        "In preparation → Cancelled · the-barista · dropped",
    ]


# The order admin


def run(client: Client, action: str, *orders: Order, **fields: str) -> HttpResponse:
    form = {"action": action, "_selected_action": [placed.pk for placed in orders]} | fields
    return client.post(ORDERS, form, follow=True)


def test_orders_are_shown_and_never_edited(bar: Client, boss: Client, placed: Order) -> None:
    superuser = client_of(User.objects.create_superuser("root"))
    for client in (bar, boss, superuser):
        page = client.get(f"{ORDERS}{placed.pk}/change/")
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        assert b'name="status"' not in page.content
        assert "Butter Croissant" in page.content.decode()
        assert client.get(f"{ORDERS}add/").status_code == 403
        with nothing_written():
            assert client.post(f"{ORDERS}{placed.pk}/change/", {"status": "completed"}).status_code == 403
            assert client.post(f"{ORDERS}{placed.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("query", ["", "王芳", "🐼", "123", "é", "%00", "' OR 1=1"])
@pytest.mark.parametrize("model", ["order", "stock", "stockmove"])
def test_the_lists_can_be_searched_for_anything(boss: Client, placed: Order, model: str, query: str) -> None:
    assert boss.get(f"/admin/orders/{model}/?q={query}").status_code == 200


def test_an_order_is_found_by_its_number_and_its_name(boss: Client, placed: Order) -> None:
    for query in (str(placed.number), "王"):
        assert f"{ORDERS}{placed.pk}/change/" in boss.get(ORDERS, {"q": query}).content.decode()
    assert f"{ORDERS}{placed.pk}/change/" not in boss.get(ORDERS, {"q": "nobody"}).content.decode()


def test_the_list_of_orders_takes_as_many_queries_for_30_as_for_3(boss: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for count in (3, 27):
        for _number in range(count):
            order()
        with CaptureQueriesContext(connection) as captured:
            boss.get(ORDERS)
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_actions_move_orders_through_the_services(bar: Client) -> None:
    first, second = order(), order()
    for action, status in (("start", "preparing"), ("ready", "ready")):
        page = run(bar, action, first, second)
        assert "2 orders changed." in page.content.decode()
        assert state(first) == state(second) == (status, "unpaid")
    run(bar, "paid", first)
    page = run(bar, "complete", first, second).content.decode()
    assert f"Order {second.number} is not paid yet: take ¥18, or say why not." in page
    assert (state(first), state(second)) == (("completed", "paid"), ("ready", "unpaid"))
    run(bar, "no_show", second)
    run(bar, "restore", second)
    assert state(second) == ("ready", "unpaid")


def test_an_action_does_what_it_can_and_says_what_it_cannot(bar: Client) -> None:
    first, second = order(), order()
    services.cancel_order(order=second)
    page = run(bar, "start", first, second).content.decode()
    assert "1 order changed." in page
    assert f"Order {second.number} has moved on; that is no longer possible." in page
    assert (state(first)[0], state(second)[0]) == ("preparing", "cancelled")


def test_an_action_that_fits_none_writes_nothing(bar: Client, placed: Order) -> None:
    for action in ("ready", "complete", "no_show"):
        with nothing_written():
            assert run(bar, action, placed).status_code == 200


def test_cancelling_asks_for_a_reason_first(bar: Client, placed: Order) -> None:
    with nothing_written():
        page = run(bar, "cancel", placed).content.decode()
        assert 'name="reason"' in page
        assert f'name="_selected_action" value="{placed.pk}"' in page
        assert 'name="reason"' in run(bar, "cancel", placed, reason="").content.decode()
        assert 'name="reason"' in run(bar, "cancel", placed, reason="x" * 201).content.decode()
    run(bar, "cancel", placed, reason="closing early")
    assert state(placed) == ("cancelled", "unpaid")
    assert OrderEvent.objects.latest("pk").reason == "closing early"
    assert Stock.objects.get().available == 9


def test_refunding_in_the_admin_is_the_managers(bar: Client, boss: Client, placed: Order) -> None:
    services.mark_paid(order=placed, actor=barista())
    with nothing_written():
        run(bar, "refund", placed, reason="cold")
        assert "And the order?" in run(boss, "refund", placed, reason="cold").content.decode()
    run(boss, "refund", placed, reason="cold", then="keep")
    assert state(placed) == ("pending", "refunded")
    other = order()
    services.mark_paid(order=other, actor=barista())
    run(boss, "refund", other, reason="cold", then="cancel")
    assert state(other) == ("cancelled", "refunded")


@pytest.mark.parametrize("action", ["start", "cancel", "paid", "refund", "delete_selected"])
def test_one_who_may_only_look_moves_nothing(placed: Order, action: str) -> None:
    from django.contrib.auth.models import Permission

    visitor = User.objects.create_user("visitor", is_staff=True)
    visitor.user_permissions.add(Permission.objects.get(codename="view_order"))
    client = client_of(visitor)
    assert client.get(ORDERS).status_code == 200
    with nothing_written():
        run(client, action, placed, reason="x", post="yes")


# The stock admin


def test_a_barista_sets_a_count_which_leaves_a_move(bar: Client) -> None:
    roll = croissant()
    assert bar.get(f"{STOCK}add/").status_code == 200
    response = bar.post(f"{STOCK}add/", {"how": "set", "item": roll.pk, "available": "12", "reason": "baked"})
    assert response["Location"] == STOCK
    stock, move = Stock.objects.get(), StockMove.objects.get()
    assert (stock.item_id, stock.available) == (roll.pk, 12)
    assert (move.delta, move.reason, move.actor) == (12, "baked", barista())
    assert bar.get(STOCK).status_code == 200
    page = bar.get(f"{STOCK}{stock.pk}/change/")
    assert 'value="12"' in page.content.decode()
    bar.post(f"{STOCK}{stock.pk}/change/", {"how": "set", "item": roll.pk, "available": "", "reason": "enough"})
    assert not Stock.objects.exists()
    assert StockMove.objects.latest("pk").delta == -12


@pytest.mark.parametrize(
    "wrong", [{"available": "-1"}, {"available": "1.5"}, {"available": "1000001"}, {"reason": ""}]
)
def test_a_wrong_count_is_refused(bar: Client, wrong: dict[str, str]) -> None:
    roll = croissant(stock=5)
    with nothing_written():
        response = bar.post(f"{STOCK}add/", {"how": "set", "item": roll.pk, "available": "1", "reason": "x"} | wrong)
    assert response.status_code == 200


def test_an_item_that_never_was_is_not_counted(bar: Client) -> None:
    with nothing_written():
        for id_ in ("999999", "", "abc", str(2**70)):
            assert bar.post(f"{STOCK}add/", {"item": id_, "available": "1", "reason": "x"}).status_code == 200


def test_one_who_may_not_count_sets_nothing() -> None:
    client = client_of(User.objects.create_user("visitor", is_staff=True))
    roll = croissant(stock=5)
    with nothing_written():
        assert client.get(f"{STOCK}add/").status_code == 403
        form = {"item": roll.pk, "available": "1", "reason": "x"}
        assert client.post(f"{STOCK}add/", form).status_code == 403
        assert client.post(f"{STOCK}{Stock.objects.get().pk}/change/", form).status_code == 403


def test_nobody_without_an_account_sets_a_count() -> None:
    roll = croissant(stock=5)
    with nothing_written():
        for path in (f"{STOCK}add/", f"{STOCK}{Stock.objects.get().pk}/change/"):
            response = client_of(None).post(path, {"item": roll.pk, "available": "1", "reason": "x"})
            assert response.status_code in (302, 403)


def test_counts_and_moves_are_never_deleted_in_the_admin(boss: Client) -> None:
    croissant(stock=5)
    stock, move = Stock.objects.get(), StockMove.objects.get()
    client = client_of(User.objects.create_superuser("root"))
    with nothing_written():
        for one in (boss, client):
            for path in (f"{STOCK}{stock.pk}/delete/", f"/admin/orders/stockmove/{move.pk}/delete/"):
                assert one.post(path, {"post": "yes"}).status_code == 403
            for path, pk in ((STOCK, stock.pk), ("/admin/orders/stockmove/", move.pk)):
                one.post(path, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})


def test_the_admin_of_every_order_model_opens(boss: Client) -> None:
    order(wanted(americano(stock=3)))
    for model in ("order", "stock", "stockmove"):
        assert boss.get(f"/admin/orders/{model}/").status_code == 200
    assert boss.get(f"/admin/orders/stockmove/{StockMove.objects.latest('pk').pk}/change/").status_code == 200


@pytest.mark.parametrize("token", ["", "nothing", "é", "拿铁", "%00", "<script>"])
def test_an_undo_of_nothing_is_not_offered(bar: Client, placed: Order, token: str) -> None:
    page = bar.get(f"{BAR}?moved={token}")
    assert page.status_code == 200
    assert b"/undo/" not in page.content


def test_without_a_script_the_board_offers_the_undo_as_well(bar: Client, placed: Order) -> None:
    page = bar.get(act(bar, placed, "advance")["Location"]).content.decode()
    assert f"{BAR}{placed.token}/undo/" in page


@pytest.mark.parametrize("action", ["cancel", "refund"])
def test_a_reason_has_to_be_given(boss: Client, placed: Order, action: str) -> None:
    services.mark_paid(order=placed, actor=manager())
    with nothing_written():
        page = act(boss, placed, action, reason="  ")
    assert page.status_code == 409
    assert "Give a reason." in page.content.decode()


def test_a_count_that_is_not_there_is_not_found(bar: Client) -> None:
    for key in ("999999", "abc"):
        assert bar.get(f"{STOCK}{key}/change/").status_code == 404
