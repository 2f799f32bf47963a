"""Payments on the barista board: due refunds stay listed, no unpaid handover goes unnoticed, an undo restores."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from orders import services
from orders.audit import check_books
from orders.models import Order, OrderEvent, PaymentStatus, Stock
from tests.harness.factories import barista, croissant, item, manager, nothing_written, order, wanted
from tests.orders.customer import text_of
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture
from tests.orders.test_bar import BAR, HTMX, act, client_of, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]
DAY = f"{BAR}day/"


@pytest.fixture
def bar() -> Client:
    return client_of(barista())


@pytest.fixture
def boss() -> Client:
    return client_of(manager())


@pytest.fixture
def placed() -> Order:
    """A paid order of two counted croissants, ¥32, for 王芳."""
    placed = order(wanted(croissant(stock=9), quantity=2))
    return services.mark_paid(order=placed, actor=barista())


def ready(placed: Order) -> Order:
    for _step in range(2):
        services.advance_order(order=placed, actor=barista())
    return placed


def touch(client: Client, placed: Order, action: str, **fields: str) -> HttpResponse:
    """Post an action of a ticket, as the board's script does."""
    form = {"seen": placed.status} | fields
    return client.post(f"{BAR}{placed.token}/{action}/", form, headers=HTMX)


def undo_offered(page: HttpResponse) -> str:
    toast = page.content.decode().partition('id="toast"')[2]
    found = re.search(r'data-action="([\w-]+)"', toast)
    return found[1] if found else ""


def toast_words(page: HttpResponse) -> str:
    """Return the toast's text; assert that screen readers get the same words (`data-say`)."""
    toast = page.content.decode().partition('id="toast"')[2]
    shown, said = re.search(r"<p>(.*?)</p>", toast, re.DOTALL), re.search(r'data-say="([^"]*)"', toast)
    assert shown
    assert said
    words = re.sub(r"<br>", " · ", shown[1])
    assert re.sub(r"<[^>]*>", "", words) == said[1]
    return said[1]


def repayments(page: HttpResponse) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="repayment-(\d+)"', page.content.decode())]


# Refunds that are due


def test_what_a_customer_paid_and_cancelled_stays_on_the_board_until_it_is_given_back(
    bar: Client, placed: Order
) -> None:
    seen = re.search(r"\?seen=(\w+)", bar.get(BAR).content.decode())
    assert seen
    services.cancel_order(order=placed)
    board = bar.get(BAR, {"seen": seen[1]}, headers=HTMX)
    assert (board.status_code, repayments(board)) == (200, [placed.pk])
    words = text_of(board)
    for said in ("To give back", "¥32", "王芳", "Cancelled by the customer", "¥32 given back"):
        assert said in words
    given = touch(bar, placed, "refund")
    assert repayments(given) == []
    assert state(placed) == ("cancelled", "refunded")
    event = OrderEvent.objects.latest("pk")
    assert (event.to_status, event.actor) == ("refunded", barista())
    assert check_books() == []


@pytest.mark.parametrize("end", ["cancelled at the bar", "not picked up"])
def test_other_ends_are_given_back_by_a_manager(bar: Client, boss: Client, placed: Order, end: str) -> None:
    if end == "not picked up":
        services.mark_no_show(order=ready(placed), actor=barista())
    else:
        services.cancel_order(order=placed, actor=barista(), reason="closing")
    assert repayments(bar.get(BAR)) == repayments(boss.get(BAR)) == [placed.pk]
    assert "A manager gives it back" in text_of(bar.get(BAR))
    with nothing_written():
        assert touch(bar, placed, "refund").status_code == 403
    assert touch(boss, placed, "refund").status_code == 200
    assert state(placed)[1] == "refunded"


def test_what_cost_nothing_and_what_was_not_paid_is_not_to_be_given_back(bar: Client) -> None:
    services.cancel_order(order=order())
    free = order(wanted(croissant(price="0.00")))
    services.mark_paid(order=free, actor=barista())
    services.cancel_order(order=free)
    assert repayments(bar.get(BAR)) == []


def test_the_days_list_says_who_gave_back_what(bar: Client, boss: Client, placed: Order) -> None:
    services.cancel_order(order=placed)
    assert repayments(bar.get(DAY)) == [placed.pk]
    act(bar, placed, "refund", reason="paid in cash")
    page = bar.get(DAY)
    assert repayments(page) == []
    row = text_of(page).partition("Given back 1")[2]
    for said in (str(placed.number), "¥32", "the-barista", "paid in cash"):
        assert said in row.partition("Handed over and not paid")[0]
    yesterday = timezone.localdate() - timedelta(days=1)
    assert "Given back 0" in text_of(bar.get(DAY, {"day": yesterday.isoformat()}))


def test_a_refund_that_was_corrected_and_noted_again_is_listed_once(bar: Client, boss: Client, placed: Order) -> None:
    services.cancel_order(order=placed)
    act(bar, placed, "refund", reason="by mistake")
    act(boss, placed, "not-refunded")
    act(bar, placed, "refund", reason="in cash")
    page = text_of(bar.get(DAY))
    assert "Given back 1" in page
    assert ("by mistake" in page, "in cash" in page) == (False, True)


def test_what_came_back_and_paid_is_not_undone_into_unpaid(bar: Client) -> None:
    placed = ready(order())
    act(bar, placed, "gone", reason="left")
    placed.refresh_from_db()
    assert undo_offered(touch(bar, placed, "paid")) == ""
    assert state(placed) == ("completed", "paid")


def test_a_debt_of_yesterday_is_still_in_todays_list(bar: Client, placed: Order) -> None:
    services.cancel_order(order=placed)
    long_ago = timezone.now() - timedelta(days=40)
    Order.objects.update(business_day=long_ago.date(), placed_at=long_ago, moved_at=long_ago)
    assert repayments(bar.get(DAY)) == repayments(bar.get(BAR)) == [placed.pk]


@pytest.mark.parametrize("day", ["", "tomorrow", "2999-01-01", "0001-01-01", "2026-02-30", "\x00"])
def test_a_day_that_is_none_is_refused_in_words(bar: Client, day: str) -> None:
    page = bar.get(DAY, {"day": day})
    assert page.status_code == 422
    assert b"field__error" in page.content


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_day_that_is_shown_stands_in_the_field_as_browsers_read_it(bar: Client, language: str) -> None:
    page = bar.get(DAY, headers={"accept-language": language}).content.decode()
    assert f'name="day" value="{timezone.localdate().isoformat()}"' in page


def test_the_days_list_is_for_those_who_work_the_bar(placed: Order) -> None:
    assert client_of(None).get(DAY).status_code == 302
    assert client_of(User.objects.create_user("visitor", is_staff=True)).get(DAY).status_code == 403


# Handing over


@pytest.fixture
def unpaid() -> Order:
    return ready(order(wanted(croissant(stock=9), quantity=2)))


def test_one_touch_takes_the_money_and_hands_over(bar: Client, unpaid: Order) -> None:
    board = text_of(bar.get(BAR))
    assert "Take ¥32 and hand over" in board
    assert "Gone without paying" in board
    assert "Picked up" not in board
    touch(bar, unpaid, "hand-over")
    assert state(unpaid) == ("completed", "paid")
    assert check_books() == []


@pytest.mark.parametrize("action", ["paid", "hand-over", "advance"])
def test_a_touch_on_an_old_ticket_says_that_no_money_was_noted(bar: Client, unpaid: Order, action: str) -> None:
    Order.objects.update(status="cancelled")
    with nothing_written():
        page = text_of(act(bar, unpaid, action))
    assert f"Order {unpaid.number} has moved on meanwhile." in page
    assert ("This touch noted no money." in page) == (action != "advance")


def test_a_ticket_says_who_cancelled_the_order(bar: Client) -> None:
    by_customer, by_staff = order(), order()
    services.cancel_order(order=by_customer)
    services.cancel_order(order=by_staff, actor=barista())
    said = [text_of(bar.get(f"{BAR}{placed.token}/")).partition("→")[2] for placed in (by_customer, by_staff)]
    assert ["Cancelled · the customer" in words for words in said] == [True, False]


def test_an_unpaid_order_is_not_handed_over_in_silence(bar: Client, unpaid: Order) -> None:
    with nothing_written():
        page = act(bar, unpaid, "advance")
    assert page.status_code == 409
    assert "is not paid yet: take ¥32, or say why not." in text_of(page)


def test_what_costs_nothing_is_just_picked_up(bar: Client) -> None:
    free = ready(order(wanted(croissant(price="0.00"))))
    assert "Picked up" in text_of(bar.get(BAR))
    act(bar, free, "advance")
    assert state(free) == ("completed", "unpaid")


def test_gone_without_paying_keeps_the_reason_and_is_in_the_days_list(bar: Client, unpaid: Order) -> None:
    with nothing_written():
        assert act(bar, unpaid, "gone").status_code == 409
    touch(bar, unpaid, "gone", reason="Left without paying")
    assert state(unpaid) == ("completed", "written_off")
    assert OrderEvent.objects.latest("pk").reason == "Left without paying"
    listed = text_of(bar.get(DAY)).partition("Handed over and not paid 1")[2]
    assert str(unpaid.number) in listed
    assert "Left without paying" in listed
    assert check_books() == []


@pytest.mark.parametrize(("action", "payment"), [("paid", "paid"), ("unpaid", "unpaid")])
def test_what_was_written_off_is_paid_or_open_again(bar: Client, unpaid: Order, action: str, payment: str) -> None:
    touch(bar, unpaid, "gone", reason="x")
    unpaid.refresh_from_db()
    words = text_of(bar.get(f"{BAR}{unpaid.token}/"))
    assert "Came back and paid ¥32" in words
    assert "Written off by mistake" in words
    act(bar, unpaid, action)
    assert state(unpaid) == ("completed", payment)
    assert check_books() == []


def test_an_order_handed_over_by_an_old_page_is_listed_and_may_be_written_off(bar: Client, unpaid: Order) -> None:
    services.advance_order(order=unpaid, actor=barista())
    assert str(unpaid.number) in text_of(bar.get(DAY)).partition("Handed over and not paid 1")[2]
    act(bar, unpaid, "write-off", reason_words="regular")
    assert state(unpaid) == ("completed", "written_off")


# Undo


def test_an_undo_undoes_what_was_done(bar: Client, boss: Client) -> None:
    """Each answer offers an undo, which restores the order's status, payment and stock."""
    roll = croissant(stock=99)

    def fresh(*, is_paid: bool, steps: int) -> Order:
        placed = order(wanted(roll, quantity=2))
        if is_paid:
            services.mark_paid(order=placed, actor=barista())
        for _step in range(steps):
            services.advance_order(order=placed, actor=barista())
        return placed

    touches = [
        (bar, "advance", True, 0, "undo", {}),
        (bar, "advance", True, 2, "undo", {}),
        (bar, "paid", False, 0, "unpaid", {}),
        (bar, "paid", False, 1, "unpaid", {}),
        (bar, "hand-over", False, 2, "undo-hand-over", {}),
        (bar, "gone", False, 2, "undo", {"reason": "left"}),
        (bar, "cancel", False, 0, "restore", {"reason": "wrong ticket"}),
        (bar, "cancel", True, 0, "restore", {"reason": "wrong ticket"}),
        (bar, "no-show", True, 2, "restore", {}),
        (boss, "refund", True, 0, "undo-refund", {"reason": "cold"}),
        (boss, "refund", True, 1, "not-refunded", {"reason": "cold", "then": "keep"}),
        (boss, "refund", True, 3, "not-refunded", {"reason": "cold"}),
    ]
    for client, action, is_paid, steps, undo, fields in touches:
        placed = fresh(is_paid=is_paid, steps=steps)
        before = state(placed), Stock.objects.get().available
        answer = touch(client, placed, action, **fields)
        assert undo_offered(answer) == undo, action
        placed.refresh_from_db()
        assert state(placed) != before[0]
        undone = touch(client, placed, undo)
        assert (state(placed), Stock.objects.get().available) == before, action
        assert undo_offered(undone) == ""
    assert check_books() == []


def test_a_toast_says_where_the_money_is_and_how_much(bar: Client, boss: Client) -> None:
    roll = croissant()
    steps = [
        (bar, "paid", {}, "New · ¥32 paid"),
        (bar, "unpaid", {}, "New · ¥32 unpaid"),
        (bar, "advance", {}, "In preparation · ¥32 unpaid"),
        (bar, "advance", {}, "Ready · ¥32 unpaid"),
        (bar, "gone", {"reason": "On the house"}, "Picked up · ¥32 · On the house"),
        (bar, "paid", {}, "Picked up · ¥32 paid"),
        (boss, "refund", {"reason": "cold"}, "Picked up · ¥32 given back"),
    ]
    placed = order(wanted(roll, quantity=2))
    for client, action, fields, said in steps:
        answer = touch(client, placed, action, **fields)
        assert toast_words(answer) == f"{placed.number} · {said}", action
        placed.refresh_from_db()
    kept, free = order(wanted(roll)), order(wanted(item("water", price="0.00")))
    assert toast_words(touch(bar, free, "advance")) == f"{free.number} · In preparation"
    assert toast_words(touch(bar, kept, "cancel", reason="x")) == f"{kept.number} · Cancelled"


def test_what_a_barista_noted_as_given_back_is_a_managers_to_take_back(
    bar: Client, boss: Client, placed: Order
) -> None:
    words = "Noted by mistake? A manager takes it back."
    services.cancel_order(order=placed)
    noted = touch(bar, placed, "refund")
    assert (undo_offered(noted), toast_words(noted).endswith(words)) == ("", True)
    ticket = f"{BAR}{placed.token}/"
    assert words in text_of(bar.get(ticket))
    assert words not in text_of(boss.get(ticket))
    Order.objects.update(payment_status="paid")
    placed.refresh_from_db()
    noted = touch(boss, placed, "refund")
    assert (undo_offered(noted), words in toast_words(noted)) == ("not-refunded", False)
    OrderEvent.objects.filter(to_status="refunded").update(at=timezone.now() - timedelta(days=3))
    assert words not in text_of(bar.get(ticket))  # the time limit for a manager is over


def test_paid_on_the_wrong_ticket_moves_no_status_when_undone(bar: Client) -> None:
    placed = order()
    services.advance_order(order=placed, actor=barista())
    touch(bar, placed, "paid")
    touch(bar, placed, "unpaid")
    assert state(placed) == ("preparing", "unpaid")
    touch(bar, placed, "paid")
    assert state(placed) == ("preparing", "paid")


def test_a_refund_noted_by_mistake_is_the_managers_to_take_back(bar: Client, boss: Client, placed: Order) -> None:
    act(boss, placed, "refund", reason="cold", then="keep")
    placed.refresh_from_db()
    with nothing_written():
        assert act(bar, placed, "not-refunded").status_code == 403
    assert "Refund noted by mistake" in text_of(boss.get(f"{BAR}{placed.token}/"))
    act(boss, placed, "not-refunded")
    assert state(placed) == ("pending", "paid")


def test_a_payment_noted_long_ago_is_not_a_baristas_to_take_back(bar: Client, boss: Client, placed: Order) -> None:
    OrderEvent.objects.filter(to_status="paid").update(at=timezone.now() - timedelta(minutes=11))
    with nothing_written():
        page = act(bar, placed, "unpaid")
    assert page.status_code == 409
    assert "ask a manager" in text_of(page)
    assert "Payment noted by mistake" not in text_of(bar.get(f"{BAR}{placed.token}/"))
    act(boss, placed, "unpaid")
    assert state(placed) == ("pending", "unpaid")


def test_much_later_a_superuser_says_why(boss: Client, placed: Order) -> None:
    OrderEvent.objects.filter(to_status="paid").update(at=timezone.now() - timedelta(days=3))
    owner = client_of(User.objects.create_superuser("owner"))
    with nothing_written():
        assert act(boss, placed, "unpaid").status_code == 409
        assert "Give a reason." in text_of(act(owner, placed, "unpaid"))
    act(owner, placed, "unpaid", reason_words="found by the accountant")
    assert state(placed) == ("pending", "unpaid")
    assert OrderEvent.objects.latest("pk").reason == "found by the accountant"


# Refunds, and orders that come back


@pytest.mark.parametrize(
    ("steps", "then", "restock", "status", "left"),
    [
        (0, {}, {}, "cancelled", 9),
        (0, {"then": "cancel"}, {}, "cancelled", 9),
        (0, {"then": "keep"}, {}, "pending", 7),
        (1, {}, {}, "cancelled", 7),
        (1, {}, {"restock": "on"}, "cancelled", 9),
        (2, {"then": "keep"}, {"restock": "on"}, "ready", 7),
        (3, {}, {}, "completed", 7),
    ],
)
def test_a_refund_asks_what_becomes_of_the_order(
    boss: Client, placed: Order, steps: int, then: dict[str, str], restock: dict[str, str], status: str, left: int
) -> None:
    for _step in range(steps):
        services.advance_order(order=placed, actor=barista())
    asks = "And the order?" in text_of(boss.get(f"{BAR}{placed.token}/"))
    assert asks == (steps < 3)
    act(boss, placed, "refund", reason="cold", **then, **restock)
    assert state(placed) == (status, "refunded")
    assert Stock.objects.get().available == left
    assert check_books() == []


def test_a_guest_who_comes_after_all_gets_the_order(bar: Client, placed: Order) -> None:
    services.mark_no_show(order=ready(placed), actor=barista())
    assert "Bring it back" in text_of(bar.get(f"{BAR}{placed.token}/"))
    act(bar, placed, "restore")
    assert state(placed) == ("ready", "paid")


def test_an_order_that_comes_back_says_what_is_missing(bar: Client, placed: Order) -> None:
    services.cancel_order(order=placed, actor=barista())
    roll = Stock.objects.get().item
    services.set_stock(item=roll, available=1, reason="sold at the counter")
    with nothing_written():
        page = act(bar, placed, "restore")
    assert page.status_code == 409
    assert "Only 1 of Butter Croissant left." in text_of(page)


def test_what_was_placed_before_midnight_and_ended_after_it_may_come_back(bar: Client, placed: Order) -> None:
    Order.objects.update(business_day=timezone.localdate() - timedelta(days=1))
    services.cancel_order(order=placed)
    act(bar, placed, "restore")
    assert state(placed) == ("pending", "paid")
    assert check_books() == []


@pytest.mark.parametrize("why", ["another day", "refunded"])
def test_an_order_that_cannot_come_back_says_why(bar: Client, placed: Order, why: str) -> None:
    services.cancel_order(order=placed)
    if why == "refunded":
        services.refund_order(order=placed, actor=barista())
    else:
        Order.objects.update(moved_at=timezone.now() - timedelta(days=1))
    with nothing_written():
        page = act(bar, placed, "restore")
    assert page.status_code == 409
    said = "Its money was given back already" if why == "refunded" else "It ended on an earlier day"
    assert said in text_of(page)
    assert "Bring it back" not in text_of(bar.get(f"{BAR}{placed.token}/"))


# A missing reason


def opened(page: HttpResponse) -> list[tuple[str, str]]:
    """Return (action, error message) of each ticket form that is rendered open."""
    forms = re.findall(r"<details[^>]* open>(.*?)</details>", page.content.decode(), re.DOTALL)
    wrong = re.compile(r'/([a-z-]+)/" method.*<p class="field__error"[^>]*>(.*?)</p>', re.DOTALL)
    found = [wrong.search(form) for form in forms]
    return [(form[1], form[2]) for form in found if form]


@pytest.mark.parametrize(("action", "steps"), [("cancel", 1), ("refund", 1), ("refund", 3), ("write-off", 3)])
def test_a_form_without_its_reason_is_open_again(boss: Client, action: str, steps: int) -> None:
    placed = order()
    if action != "write-off":
        services.mark_paid(order=placed, actor=barista())
    for _step in range(steps):
        services.advance_order(order=placed, actor=barista())
    also = {"then": "keep"} if action == "refund" else {}
    page = act(boss, placed, action, restock="on", **also)
    assert (page.status_code, opened(page)) == (409, [(action, "Give a reason.")])
    assert text_of(page).count("Give a reason.") == 1
    kept = re.findall(r'value="(keep)" checked|name="(restock)" checked', page.content.decode())
    assert len(kept) == {"cancel": 1, "refund": 2 if steps < 3 else 0, "write-off": 0}[action]


def test_the_words_of_a_reason_that_is_refused_are_kept(bar: Client, placed: Order) -> None:
    page = act(bar, placed, "cancel", reason_words="too long " * 30)
    assert [action for action, _problem in opened(page)] == ["cancel"]
    assert f'value="{"too long " * 30}"' in page.content.decode()


def test_a_refusal_that_is_not_about_the_form_stands_above(bar: Client, placed: Order) -> None:
    page = act(bar, placed, "cancel", seen="ready", reason="x")
    assert (page.status_code, "notice--problem" in page.content.decode()) == (409, True)


def test_a_cancel_says_before_what_is_to_be_given_back(bar: Client, boss: Client, placed: Order) -> None:
    ticket = f"{BAR}{placed.token}/"
    assert "¥32 will have to be given back. A manager gives it back." in text_of(bar.get(ticket))
    assert "¥32 will have to be given back. “Give the money back” does both" in text_of(boss.get(ticket))
    services.move_payment(order=placed, to=PaymentStatus.UNPAID, actor=barista())
    assert "will have to be given back" not in text_of(bar.get(ticket))
