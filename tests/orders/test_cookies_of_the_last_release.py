"""Cookies and addresses signed by the last release (1.0.0) are still valid: an upgrade keeps carts, devices' rights
and sessions.

The code of that release signed the values, with the key below, at the moment `SIGNED_AT`.
"""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.http import HttpRequest

from cafe.staff_session import unsent_forms
from orders import device_orders
from orders.cart import cookie, reorder
from orders.cart.cookie import CartLine
from orders.models import Order
from orders.storefront import remembered_details, sharing

SIGNED_AT = 1_790_000_000.0
KEY = "the-key-of-a-cafe-that-runs-two-releases-side-by-side-0001"
LINE = CartLine(7, (3, 5), 2, Decimal("25.00"))
CART = (
    "WyJhLWtleS1vZi10aGlzLWNhcnQtMDAwMSIsWzcsWzMsNV0sMiwiMjUuMDAiXV0:1x8elk:"
    "oD1pDZEuce-og-Ztvm2TVBtGQ_0wPUTIrQRQWpEPmJg"
)
CART_CHANGE = "W1tbNyxbMyw1XSwyLCIyNS4wMCJdXSxbXSwiIiwiIl0:1x8elk:1NHwLowyU2kxkDYbAqjXaQeCnRp-a0dOfFCKSZGpgAs"
MY_ORDERS = "WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIl0:1x8elk:pwAk5Zu64xXwy2fv0Z91D-LGeBeL2UJMywaaCG02wSw"
CUSTOMER = "WyJcdTczOGJcdTgyYjMiLCJoZXJlIl0:1x8elk:0zvKnh748DMJCTo8bu-597CwiRwwBbTqV1oxdWtN2bk"
AGAIN = "WyJhLWtleS1vZi10aGlzLWNhcnQtMDAwMSIsMTJd:1x8elk:U9RNWAweQj4QVWlxMwgY-OYfw_adeVSgbwoJ8pdyh1k"
SIGNED_IN_AS = "NQ:1x8elk:JBXYFi6GCSlxAhYuPCK3BSDwl7nwjz6hbSbyRT4QYkw"
SHARED = "20260921-41.wq7L68gnDDV5mJJZSqmiDTQhGSKitY7JwSN0NbQ4zvs"


@pytest.fixture(autouse=True)
def _the_same_key_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SECRET_KEY", KEY)
    monkeypatch.setattr("time.time", lambda: SIGNED_AT)


def with_cookies(**cookies: str) -> HttpRequest:
    request = HttpRequest()
    request.COOKIES = cookies
    return request


def an_order() -> Order:
    """Create the order that the cookies and the shared address name."""
    return Order.objects.create(pk=12, token="A" * 22, number=41, business_day=date(2026, 9, 21), total=Decimal(0))


def test_a_cart_is_kept() -> None:
    cart = cookie.read(with_cookies(cart=CART))
    assert (cart.lines, cart.key, cart.was_unreadable) == ((LINE,), "a-key-of-this-cart-0001", False)


def test_a_pending_change_of_a_cart_is_made() -> None:
    assert cookie.read(with_cookies(cart_change_6ab13b80000000=CART_CHANGE)).lines == (LINE,)


def test_a_device_keeps_its_orders() -> None:
    assert device_orders.tokens(with_cookies(my_orders=MY_ORDERS)) == ["A" * 22]


def test_a_customer_is_remembered() -> None:
    details = remembered_details.details(with_cookies(customer=CUSTOMER))
    assert details == {"customer_name": "王芳", "fulfilment": "here", "remember": True}


@pytest.mark.django_db
def test_a_cart_that_repeats_an_order_knows_it() -> None:
    placed = an_order()
    request = with_cookies(cart=CART, again=AGAIN, my_orders=MY_ORDERS)
    assert reorder.repeated_order(request, cookie.read(request)) == placed


def test_who_was_signed_in_is_known() -> None:
    assert unsent_forms.person_of(with_cookies(signed_in_as=SIGNED_IN_AS)) == 5


@pytest.mark.django_db
def test_a_shared_address_leads_to_its_order() -> None:
    placed = an_order()
    assert sharing.shared_order(SHARED) == placed


def test_the_cookies_have_their_names() -> None:
    names = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME]
    names += [cookie.COOKIE, cookie.BADGE_COOKIE, device_orders.COOKIE, remembered_details.COOKIE, reorder.COOKIE]
    names += [unsent_forms.PERSON, unsent_forms.KEPT]
    assert names == [
        *("sessionid", "csrftoken", "django_language"),
        *("cart", "cart_badge", "my_orders", "customer", "again"),
        *("signed_in_as", "unsent"),
    ]


# What a browser stores under a name of a script: (the script, the name).
STORED = [
    ("static/js/bar-actions.js", '"bar-touches"'),
    ("static/js/bar-connection.js", '"bar-notes"'),
    ("static/js/filtered-lines.js", '"wishes"'),
    ("static/js/item-filter.js", '"wishes"'),
    ("static/js/menu-filter.js", '"wishes"'),
    ("static/js/kept-orders.js", '"orders 1"'),
    ("static/js/ready-notice.js", '"tell-me"'),
    ("templates/offline/worker.js", '"orders 1"'),
]


@pytest.mark.parametrize(("script", "name"), STORED)
def test_what_a_browser_stores_has_its_name(script: str, name: str) -> None:
    assert name in (settings.BASE_DIR / script).read_text("utf-8")
