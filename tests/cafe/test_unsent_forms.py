"""A form sent after its session has ended is kept through login: its sender may send it, others only read it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from orders import services
from orders.models import Order, OrderEvent, Stock
from tests.cafe.clock import Clock
from tests.harness.factories import barista, croissant, latte, manager, nothing_written, order
from tests.harness.html_forms import fields_of, fields_sent_to

pytestmark = pytest.mark.django_db

BAR, LOGIN, UNSENT = "/admin/bar/", "/admin/login/", "/admin/unsent/"
PASSWORD = "correct horse battery"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def _passwords_are_checked_quickly(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def placed() -> Order:
    return order()


@pytest.fixture
def tablet(clock: Clock) -> Client:
    """A barista's browser whose session has expired."""
    client = browser(barista())
    clock.forward(hours=13)
    return client


def browser(user: User, **options: Any) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"}, **options)
    sign_in(client, user)
    return client


def sign_in(client: Client, user: User) -> HttpResponse:
    user.set_password(PASSWORD)
    user.save()
    form = fields_of(client.get(LOGIN).content.decode(), "login-form")
    answer = client.post(LOGIN, form | {"username": [user.username], "password": [PASSWORD]})
    assert answer.status_code == 302, answer.content.decode()
    return answer


def press(client: Client, placed: Order, action: str, **fields: str) -> HttpResponse:
    return client.post(f"{BAR}{placed.token}/{action}/", {"seen": placed.status} | fields)


def form_at(client: Client, page: str, action: str) -> dict[str, Any]:
    return dict(fields_sent_to(client.get(page).content.decode(), action))


def send(client: Client) -> HttpResponse:
    """Press "Send it", and follow the redirects."""
    return client.post(f"{UNSENT}send/", form_at(client, UNSENT, f"{UNSENT}send/"), follow=True)


def is_sent_by_script(page: HttpResponse) -> bool:
    return b"data-send-now" in page.content


def may_send(page: HttpResponse) -> bool:
    return b'action="/admin/unsent/send/"' in page.content


def event(placed: Order) -> tuple[str, str, User | None]:
    last = OrderEvent.objects.filter(order=placed).latest("pk")
    return last.to_status, last.reason, last.actor


# The same person


def test_a_typed_reason_survives_the_login_of_the_same_person(tablet: Client, placed: Order) -> None:
    with nothing_written():
        assert press(tablet, placed, "cancel", reason="牛奶用完了 🥛")["Location"] == f"{LOGIN}?next={BAR}"
        assert "What you pressed is kept" in tablet.get(LOGIN).content.decode()
        assert sign_in(tablet, barista())["Location"] == UNSENT
        page = tablet.get(UNSENT)
    assert is_sent_by_script(page)
    assert f"{placed.number} · Cancel this order" in page.content.decode()
    assert "牛奶用完了 🥛" in page.content.decode()
    assert send(tablet).redirect_chain[0] == (f"{BAR}{placed.token}/cancel/", 307)
    assert event(placed) == ("cancelled", "牛奶用完了 🥛", barista())


def test_a_touch_on_the_bar_survives_as_well(tablet: Client, placed: Order) -> None:
    answer = tablet.post(f"{BAR}{placed.token}/advance/", {"seen": "pending"}, headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == f"{LOGIN}?next={BAR}"
    sign_in(tablet, barista())
    assert f"{placed.number} · Start" in tablet.get(UNSENT).content.decode()
    send(tablet)
    assert event(placed) == ("preparing", "", barista())


def test_a_form_of_the_admin_survives_as_well(clock: Clock) -> None:
    roll, client = croissant(stock=5), browser(manager())
    stock = f"/admin/orders/stock/{Stock.objects.get().pk}/change/"
    clock.forward(hours=13)
    form = {"how": "set", "item": str(roll.pk), "available": "12", "shown": "5", "reason": "baked"}
    with nothing_written():
        assert client.post(stock, form)["Location"] == f"{LOGIN}?next={stock}"
    sign_in(client, manager())
    page = client.get(UNSENT).content.decode()
    assert "Admin: stock" in page
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)[-1] == ("Reason", "baked")
    send(client)
    assert Stock.objects.get().available == 12


def test_a_price_list_survives_with_every_field(clock: Clock) -> None:
    made, client = latte(), browser(manager())
    page = client.get("/admin/menu/item/").content.decode()
    form = fields_of(page, "changelist-form") | {"form-0-price": ["27.00"], "_save": ["Save"]}
    clock.forward(hours=13)
    client.post("/admin/menu/item/", form)
    sign_in(client, manager())
    send(client)
    made.refresh_from_db()
    assert str(made.price) == "27.00"


def test_it_is_sent_once(tablet: Client, placed: Order) -> None:
    press(tablet, placed, "advance")
    sign_in(tablet, barista())
    form = form_at(tablet, UNSENT, f"{UNSENT}send/")
    assert tablet.post(f"{UNSENT}send/", form).status_code == 307
    assert tablet.post(f"{UNSENT}send/", form)["Location"] == UNSENT
    assert tablet.get(UNSENT)["Location"] == BAR


def test_what_has_moved_on_meanwhile_is_not_moved_twice(tablet: Client, placed: Order) -> None:
    press(tablet, placed, "advance")
    services.advance_order(order=placed, actor=manager())
    sign_in(tablet, barista())
    with nothing_written():
        page = send(tablet)
    assert (page.status_code, "has moved on meanwhile" in page.content.decode()) == (409, True)


@pytest.mark.parametrize(("minutes", "sends", "offers"), [(9, True, True), (11, False, True), (61, False, False)])
def test_what_was_pressed_a_while_ago_is_asked_for_first(
    tablet: Client, clock: Clock, placed: Order, minutes: int, sends: bool, offers: bool
) -> None:
    press(tablet, placed, "paid")
    clock.forward(minutes=minutes)
    sign_in(tablet, barista())
    page = tablet.get(UNSENT)
    assert (is_sent_by_script(page), may_send(page)) == (sends, offers)


def test_one_may_think_better_of_it(tablet: Client, placed: Order) -> None:
    press(tablet, placed, "paid")
    sign_in(tablet, barista())
    with nothing_written():
        assert tablet.post(f"{UNSENT}drop/")["Location"] == BAR
        assert send_without_a_page(tablet) == UNSENT


def send_without_a_page(client: Client, **fields: str) -> str:
    return str(client.post(f"{UNSENT}send/", fields)["Location"])


# Somebody else


def test_somebody_else_reads_it_and_it_is_not_sent(tablet: Client, placed: Order) -> None:
    press(tablet, placed, "cancel", reason="dropped")
    assert sign_in(tablet, manager())["Location"] == UNSENT
    page = tablet.get(UNSENT)
    for words in ("the-barista pressed this", f"{placed.number} · Cancel this order", "dropped"):
        assert words in page.content.decode()
    assert not may_send(page)
    with nothing_written():
        assert send_without_a_page(tablet, seen="pending", reason="dropped") == UNSENT
    assert not may_send(tablet.get(UNSENT)), "it is still there, and still not theirs"
    tablet.post(f"{UNSENT}drop/")
    assert tablet.get(UNSENT)["Location"] == BAR


def test_the_touch_of_an_account_that_was_deactivated_is_read_by_the_next(clock: Clock, placed: Order) -> None:
    client = browser(barista())
    User.objects.filter(pk=barista().pk).update(is_active=False)
    assert press(client, placed, "paid")["Location"] == f"{LOGIN}?next={BAR}"
    sign_in(client, manager())
    page = client.get(UNSENT)
    assert (may_send(page), f"{placed.number} · Take the money" in page.content.decode()) == (False, True)


# Nothing can be planted


def test_nothing_is_kept_of_a_browser_in_which_nobody_was_signed_in(placed: Order) -> None:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    for cookie in ("", "1", f"{barista().pk}", f"{barista().pk}:1tabcd:forged"):
        client.cookies["signed_in_as"] = cookie
        assert press(client, placed, "paid")["Location"] == f"{LOGIN}?next={BAR}"
    assert not Session.objects.exists()


def test_a_link_plants_nothing(tablet: Client, placed: Order) -> None:
    address = f"{BAR}{placed.token}/paid/"
    with nothing_written():
        for link in (
            f"{LOGIN}?next={address}",
            f"{LOGIN}?next={UNSENT}&unsent=paid",
            f"{UNSENT}?path={address}&seen=pending",
        ):
            tablet.get(link)
        sign_in(tablet, barista())
        assert tablet.get(f"{UNSENT}?path={address}")["Location"] == BAR


def test_a_form_of_another_site_is_not_kept(tablet: Client, placed: Order) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        assert tablet.post(f"{BAR}{placed.token}/paid/", {"seen": "pending"}, headers=headers).status_code == 403
    assert sign_in(tablet, barista())["Location"] == "/admin/"


def test_a_form_without_the_token_of_its_page_is_not_kept(clock: Clock, placed: Order) -> None:
    client = browser(barista(), enforce_csrf_checks=True)
    clock.forward(hours=13)
    assert press(client, placed, "paid").status_code == 403
    assert sign_in(client, barista())["Location"] == "/admin/"


def test_who_signed_out_leaves_nothing_to_send(clock: Clock, placed: Order) -> None:
    client = browser(barista())
    client.post("/admin/logout/")
    assert press(client, placed, "paid")["Location"] == f"{LOGIN}?next={BAR}"
    assert sign_in(client, barista())["Location"] == "/admin/"


def test_no_password_is_kept(clock: Clock) -> None:
    client = browser(User.objects.create_superuser("root"))
    clock.forward(hours=13)
    new = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/admin/auth/user/add/", new)
    client.post("/admin/password_change/", {"old_password": PASSWORD})
    assert sign_in(client, User.objects.get(username="root"))["Location"] == "/admin/"
    assert not User.objects.filter(username="new").exists()


# A page that was rendered before a newer sign-in in another tab


def old_page_sent(clock: Clock, placed: Order, now: User, **fields: str) -> tuple[Client, HttpResponse]:
    """Sign in a barista, open a ticket, sign in `now` in another tab, and send the first tab's form."""
    client = browser(barista(), enforce_csrf_checks=True)
    old = form_at(client, f"{BAR}{placed.token}/", f"{BAR}{placed.token}/cancel/")
    client.post("/admin/logout/", form_at(client, BAR, "/admin/logout/"))
    sign_in(client, now)
    return client, client.post(f"{BAR}{placed.token}/cancel/", old | {"reason": "dropped"} | fields)


def test_it_is_offered_and_sent_by_a_press_alone(clock: Clock, placed: Order) -> None:
    with nothing_written():
        client, answer = old_page_sent(clock, placed, barista())
        assert answer["Location"] == UNSENT
        page = client.get(UNSENT)
    assert (is_sent_by_script(page), may_send(page)) == (False, True)
    send(client)
    assert event(placed) == ("cancelled", "dropped", barista())


def test_a_page_that_says_whose_it_was_is_sent_by_the_same_person_after_a_press(clock: Clock, placed: Order) -> None:
    client, _answer = old_page_sent(clock, placed, barista(), by=str(barista().pk))
    page = client.get(UNSENT)
    assert (is_sent_by_script(page), may_send(page)) == (False, True)


def test_a_page_that_says_whose_it_was_is_not_sent_by_another(clock: Clock, placed: Order) -> None:
    client, answer = old_page_sent(clock, placed, manager(), by=str(barista().pk))
    assert answer["Location"] == UNSENT
    assert not may_send(client.get(UNSENT))


@pytest.mark.parametrize("forged", [{}, {"by": "9" * 30}, {"by": "é"}], ids=["none", "long", "no digits"])
def test_nobody_known_is_nobody_s_touch(clock: Clock, placed: Order, forged: dict[str, str]) -> None:
    client, _answer = old_page_sent(clock, placed, manager(), **forged)
    page = client.get(UNSENT)
    assert (is_sent_by_script(page), may_send(page)) == (False, True)
