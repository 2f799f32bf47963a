"""The checkout: one page, one submit, one order."""

from decimal import Decimal

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from menu.catalogue.current import menu_from_database
from orders import device_orders, selectors, services
from orders.cart import cookie as carts
from orders.cart import reorder
from orders.cart.review import Review, review_cart
from orders.errors import CartChanged, KeyReused, NotKnownYet, OrderError, PriceChanged, Unavailable
from orders.models import Order
from orders.placing.idempotency import fingerprint_of_checkout
from orders.storefront import remembered_details
from orders.storefront.forms import CheckoutForm
from orders.storefront.order import address
from orders.storefront.post_only import post_only
from orders.storefront.script_responses import redirect_as_json


@never_cache
def checkout(request: HttpRequest) -> HttpResponse:
    cart = carts.read(request)
    if request.method == "POST":
        return redirect_as_json(request, _place(request, cart))
    menu = menu_from_database()
    review = review_cart(cart, menu)
    if not review.lines or review.changes:
        return redirect("orders:cart")
    seen = {"submission_key": cart.key, "cart_seen": cart.seen, "expected_total": review.total}
    repeated = reorder.repeated_order(request, cart)
    details = remembered_details.details(request) | (reorder.details_of(repeated) if repeated else {})
    form = CheckoutForm(initial=details | seen)
    changes = review_cart(cart.with_lines(reorder.lines_of(repeated)), menu).changes if repeated else ()
    return carts.settle(request, _checkout_page(request, form, review, changes=changes))


def _checkout_page(
    request: HttpRequest,
    form: CheckoutForm,
    review: Review,
    refusal: OrderError | None = None,
    status: int = 200,
    total: Decimal | None = None,
    changes: tuple[str, ...] = (),
) -> HttpResponse:
    """Show the checkout; `changes` are the changes of the menu since the order that it reorders."""
    total = review.total if total is None else total
    # What is sold out or invalid has to be changed first; after any other refusal the form may be sent again.
    can_submit = refusal is None or refusal.code in ("price_changed", "cart_changed", "unavailable")
    context = {"form": form, "review": review, "total": total, "refusal": refusal, "can_submit": can_submit}
    context |= {"changes": changes, "is_remembered": "customer_name" in remembered_details.details(request)}
    return render(request, "orders/checkout.html", context, status=status)


def _place(request: HttpRequest, cart: carts.Cart) -> HttpResponse:
    form = CheckoutForm(request.POST)
    if not cart.lines:
        return _order_placed_before(request, form)
    if not form.is_valid():
        return _checkout_page(request, form, review_cart(cart, menu_from_database()), status=422)
    fields = dict(form.cleaned_data)
    key, was_unsure, seen = (fields.pop(name) for name in ("submission_key", "is_unsure", "cart_seen"))
    is_remembered = fields.pop("remember")
    if not was_unsure and seen not in ("", cart.seen) and selectors.order_with_key(_checkout_key(key)) is None:
        return _refused(request, form, cart, CartChanged())
    lines = [line.wanted for line in cart.lines]
    try:
        order = services.place_order(
            lines=lines,
            language=get_language() or "zh-hans",
            submission_key=_checkout_key(key),
            submission_hash=fingerprint_of_checkout(fields, lines, form.as_sent),
            **fields,
        )
    except KeyReused as error:
        left = cart.without(reorder.lines_of(error.order)) if key == cart.key else cart
        return carts.write(request, _order_page(request, error.order, "again" if left.lines else "before"), left)
    except Unavailable as error:
        return _refused(request, form, cart, NotKnownYet() if was_unsure else error)
    except OrderError as error:
        return _refused(request, form, cart, error)
    placed = device_orders.remember(request, redirect(address(order)), order)
    placed = remembered_details.remember(placed, order) if is_remembered else remembered_details.refuse(placed)
    return carts.write(request, placed, cart.without(cart.lines))


@post_only("orders:checkout")
def forget_details(request: HttpRequest) -> HttpResponse:
    """Forget name and choice on this device, and do not remember the next ones unless the customer ticks it."""
    return remembered_details.refuse(redirect("orders:checkout"))


def _checkout_key(key: str) -> str:
    """Return a form's idempotency key in a namespace of its own: an API client's key cannot collide with it."""
    return f"checkout:{key}"


def _order_placed_before(request: HttpRequest, form: CheckoutForm) -> HttpResponse:
    """Show the order that this form has already placed: the form was sent again (reload, back) with an empty cart."""
    order = selectors.order_with_key(_checkout_key(form.data.get("submission_key", "")))
    if order is None:
        return redirect("orders:cart")
    return _order_page(request, order, "before")


def _order_page(request: HttpRequest, order: Order, notice: str) -> HttpResponse:
    return device_orders.remember(request, redirect(f"{address(order)}?notice={notice}"), order)


def _refused(request: HttpRequest, form: CheckoutForm, cart: carts.Cart, error: OrderError) -> HttpResponse:
    """Show the checkout again with the cart kept and, if the price changed, the new total to accept."""
    status = 503 if error.code == "unavailable" else 409
    if isinstance(error, PriceChanged):
        pairs = zip(cart.lines, error.unit_prices, strict=True)
        cart = cart.with_lines(line.at_price(price) for line, price in pairs)
        form = form.showing(expected_total=error.total)
    try:
        review = review_cart(cart, menu_from_database())
        if isinstance(error, CartChanged):
            form = form.showing(expected_total=review.total, cart_seen=cart.seen)
        response = _checkout_page(request, form, review, error, status)
    except (OperationalError, InterfaceError):
        # The menu cannot be read either: show the form without lines, so that it can be sent again.
        response = _checkout_page(request, form, Review((), (), cart), error, status, cart.shown_total)
    if status == 503:
        response["Retry-After"] = "3"
    return carts.write(request, response, cart)
