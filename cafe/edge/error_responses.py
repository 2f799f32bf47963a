"""Error responses that the edge serves itself: Django cannot be reached, or a limit of the edge refuses the request.

`manage.py edge_pages` writes each of them as a page in both languages and as JSON.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Button:
    label: Words
    route: str


TO_CHECKOUT = Button(_("Back to the checkout"), "orders:checkout")
TO_MENU = Button(_("To the menu"), "menu:menu")
TO_MY_ORDERS = Button(_("My orders"), "orders:my_orders")
TO_LOGIN = Button(_("Back to the login"), "admin:login")


NOT_FOUND_DRAWING, SERVER_ERROR_DRAWING, BUSY_DRAWING, TOO_LARGE_DRAWING, OFFLINE_DRAWING = (
    f"components/states/_{name}.html" for name in ("not_found", "server_error", "busy", "too_large", "offline")
)


@dataclass(frozen=True)
class Answer:
    """One error response, sent by the edge with any of `statuses`. `comfort` says what is safe, `advice` what to do.

    The first button is the primary one. `for_api_clients` (English, for API clients) replaces `message` in JSON.
    """

    name: str
    statuses: tuple[int, ...]
    code: str
    title: Words
    message: Words
    comfort: Words = ""
    advice: Words = ""
    for_api_clients: str = ""
    buttons: tuple[Button, ...] = (TO_MENU,)
    drawing: str = NOT_FOUND_DRAWING


CART_IS_SAFE = _("Your cart is safe.")
# The checkout form contains its idempotency key (`submission_key`), so sending it again places no second order.
SEND_THE_ORDER_AGAIN = _(
    "Wait a few seconds, then reload this page. Your browser asks whether to send the form again: say yes."
    " The same order is never placed twice."
)

ANSWERS = (
    Answer("malformed", (400,), "malformed", _("That did not work"), _("We could not read that request.")),
    Answer(
        "forbidden",
        (403,),
        "forbidden",
        _("That did not work"),
        _("That is not allowed from here. Nothing was changed."),
    ),
    Answer("not_found", (404,), "not_found", _("Nothing here but crumbs"), _("There is nothing at this address.")),
    Answer(
        "method_not_allowed",
        (405,),
        "method_not_allowed",
        _("That did not work"),
        _("This address cannot be used in that way. Nothing was changed."),
        for_api_clients="This address does not take that method.",
    ),
    Answer(
        "timeout",
        (408,),
        "timeout",
        _("That took too long"),
        _("Your request came in so slowly that we stopped waiting. Nothing was changed; please try again."),
        for_api_clients="The request came too slowly and was not carried out. Send it again.",
    ),
    Answer(
        "too_large",
        (413, 414, 431),
        "too_large",
        _("More than fits into the cup"),
        _("What was sent is too large for us. Nothing was changed."),
        for_api_clients="The request is too large.",
        drawing=TOO_LARGE_DRAWING,
    ),
    Answer(
        "busy",
        (429, 503),
        "busy",
        _("The queue is out of the door"),
        _("More is coming in at this moment than we can serve. Wait a few seconds, then reload this page."),
        for_api_clients="Too many requests at this moment; this one was not carried out."
        " Wait as long as Retry-After says, then send it again.",
        drawing=BUSY_DRAWING,
    ),
    Answer(
        "busy_order",
        (429, 503),
        "busy",
        _("Many are ordering at this moment"),
        _("Your order has not been placed this time."),
        CART_IS_SAFE,
        SEND_THE_ORDER_AGAIN,
        "Too many orders at this moment; this one was not placed."
        " Wait as long as Retry-After says, then send it again with the same Idempotency-Key.",
        (TO_CHECKOUT, TO_MENU),
        BUSY_DRAWING,
    ),
    Answer(
        "busy_login",
        (429,),
        "busy",
        _("One moment, please"),
        _("Too many sign-ins came from your network. Wait a moment, then try again."),
        for_api_clients="Too many sign-ins from this address. Wait as long as Retry-After says, then try again.",
        buttons=(TO_LOGIN,),
        drawing=BUSY_DRAWING,
    ),
    Answer(
        "unavailable",
        (503,),
        "unavailable",
        _("We will be right back"),
        _("The café cannot be reached right now. Try again in a moment."),
        for_api_clients="The café cannot be reached right now. Wait as long as Retry-After says, then try again.",
        drawing=SERVER_ERROR_DRAWING,
    ),
    Answer(
        "unavailable_order",
        (503,),
        "unavailable",
        _("No word from your order yet"),
        _("The connection broke, so we do not know yet whether it reached us."),
        CART_IS_SAFE,
        SEND_THE_ORDER_AGAIN,
        "The café cannot be reached right now, and it is not known whether this order was placed. Send it again with"
        " the same Idempotency-Key: the same order is never placed twice. Without a key, look at the orders first.",
        (TO_CHECKOUT, TO_MY_ORDERS),
        OFFLINE_DRAWING,
    ),
)
