"""The customer's pages from the cart to the cup. None of them is cached."""

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from menu import choices
from menu.selectors import current_menu
from menu.snapshot import MenuItem
from orders import cart as carts
from orders import device, polling, selectors, services
from orders.errors import KeyReused, NotAllowedNow, NotKnownYet, OrderError, PriceChanged, Unavailable
from orders.forms import AddToCartForm, CartLineForm, CheckoutForm
from orders.models import Order
from orders.review import Review, review_cart
from orders.steps import label_of, steps
from orders.submission import fingerprint

COUNT = re.compile(r"[0-9]{1,18}")


def notice(name: str) -> str:
    """Return the words for a notice that a redirect carries by its name; none for a name that is not ours."""
    notices = {
        "forged": _("We could not read your cart, so we start with an empty one. Nothing was ordered."),
        "full": _("Your cart is full: it holds 30 lines. Place this order first."),
        "changed": _("Your cart had changed meanwhile; please look again."),
        "before": _("This checkout had already placed this order, so nothing was ordered twice."),
        "again": _("This checkout had already placed this order. Your newer cart is kept; it is not ordered yet."),
        "late": _("It is too late to cancel this order: it is being made. Please ask at the bar."),
        "unsure": _("We could not finish that in time. This page shows how the order stands; try again if you like."),
        "other": _("Only the device that placed this order can do that."),
    }
    return notices.get(name, "")


# The cart


@require_safe
@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    cart = carts.read(request)
    words = notice("forged" if cart.was_forged else request.GET.get("notice", ""))
    review = review_cart(cart, current_menu())
    response = render(request, "orders/cart.html", {"review": review, "notice": words})
    return carts.write(response, cart) if cart.was_forged else response


@csrf_exempt
@require_POST
@never_cache
def add_to_cart(request: HttpRequest) -> HttpResponse:
    """Put one item into the cart. The cart bar's script, which stays on its page, is answered 204."""
    form = AddToCartForm(request.POST)
    form.is_valid()
    item = current_menu().item_with_id(form.cleaned_data.get("item", 0))
    if item is None:
        raise Http404
    if not form.is_valid():
        return _refused_choice(request, item, form, _("A quantity is a whole number from 1 to 99."), 422)
    try:
        cart = carts.read(request).adding(_cart_line(form, item))
        stays = request.headers.get("X-Requested-With") == "fetch"
        return carts.write(HttpResponse(status=204) if stays else redirect("orders:cart"), cart)
    except choices.ChoiceError as error:
        return _refused_choice(request, item, form, error.message, 409 if error.is_sold_out else 422)
    except ValidationError as error:
        return _refused_choice(request, item, form, error.messages[0], 422)
    except carts.CartFull:
        return redirect(f"{reverse('orders:cart')}?notice=full")


def _cart_line(form: AddToCartForm, item: MenuItem) -> carts.CartLine:
    if item.sold_out:
        raise choices.ChoiceError(_("%(item)s is sold out.") % {"item": item.name}, is_sold_out=True)
    quantity = form.cleaned_data["quantity"]
    if quantity > item.max_per_order:
        limits = {"item": item.name, "most": item.max_per_order}
        raise choices.ChoiceError(_("%(item)s: at most %(most)s in one order.") % limits)
    was_chosen = form.cleaned_data["chosen"]
    options = choices.choose(item, form.option_ids()) if was_chosen else choices.default_choice(item)
    ids = tuple(option.id for option in options)
    return carts.CartLine(item.id, ids, quantity, choices.unit_price(item, options))


def _refused_choice(
    request: HttpRequest, item: MenuItem, form: AddToCartForm, message: str, status: int
) -> HttpResponse:
    context = {"item": item, "error": message, "chosen": form.ticked_ids()}
    return render(request, "menu/item.html", context, status=status)


@csrf_exempt
@require_POST
@never_cache
def change_cart(request: HttpRequest) -> HttpResponse:
    form = CartLineForm(request.POST)
    cart = carts.read(request)
    if not form.is_valid():
        review = review_cart(cart, current_menu())
        context = {"review": review, "notice": _("A quantity is a whole number from 0 to 99.")}
        return render(request, "orders/cart.html", context, status=422)
    changed = cart.with_quantity(form.cleaned_data["line"], form.cleaned_data["quantity"])
    return carts.write(redirect("orders:cart"), changed)


@csrf_exempt
@require_POST
@never_cache
def accept_cart(request: HttpRequest) -> HttpResponse:
    """Take the repaired cart that the page showed; if it has changed again, show it again."""
    review = review_cart(carts.read(request), current_menu())
    if request.POST.get("seen") != review.seen:
        return redirect(f"{reverse('orders:cart')}?notice=changed")
    return carts.write(redirect("orders:cart"), review.cart)


@csrf_exempt
@require_POST
@never_cache
def take_what_is_left(request: HttpRequest) -> HttpResponse:
    """Lower the cart to what the checkout said is left of each item, and go on there."""
    cart = carts.read(request)
    for name in request.POST:
        item_id, left = name.removeprefix("left-"), request.POST.get(name, "")
        if name.startswith("left-") and COUNT.fullmatch(item_id) and COUNT.fullmatch(left):
            cart = cart.with_at_most(int(item_id), int(left))
    return carts.write(redirect("orders:checkout"), cart)


# Checkout


@never_cache
def checkout(request: HttpRequest) -> HttpResponse:
    cart = carts.read(request)
    if request.method == "POST":
        return _place(request, cart)
    review = review_cart(cart, current_menu())
    if not review.lines or review.changes:
        return redirect("orders:cart")
    form = CheckoutForm(initial={"submission_key": cart.key, "expected_total": review.total})
    return _checkout_page(request, form, review)


def _checkout_page(
    request: HttpRequest,
    form: CheckoutForm,
    review: Review,
    refusal: OrderError | None = None,
    status: int = 200,
    total: Decimal | None = None,
) -> HttpResponse:
    total = review.total if total is None else total
    context = {"form": form, "review": review, "total": total, "refusal": refusal}
    return render(request, "orders/checkout.html", context, status=status)


def _place(request: HttpRequest, cart: carts.Cart) -> HttpResponse:
    form = CheckoutForm(request.POST)
    if not cart.lines:
        return _order_placed_before(request, form)
    if not form.is_valid():
        return _checkout_page(request, form, review_cart(cart, current_menu()), status=422)
    fields = dict(form.cleaned_data)
    key, was_unsure = fields.pop("submission_key"), fields.pop("is_unsure")
    lines = [line.wanted for line in cart.lines]
    try:
        order = services.place_order(
            lines=lines,
            language=get_language() or "zh-hans",
            submission_key=_checkout_key(key),
            submission_hash=fingerprint([fields, [vars(line) for line in lines]]),
            **fields,
        )
    except KeyReused as error:
        response = redirect(f"{_address(error.order)}?notice=again")
        return carts.write(device.remember(request, response, error.order), cart.with_new_key())
    except Unavailable as error:
        return _refused(request, form, cart, NotKnownYet() if was_unsure else error)
    except OrderError as error:
        return _refused(request, form, cart, error)
    placed = device.remember(request, redirect(_address(order)), order)
    return carts.write(placed, carts.Cart())


def _checkout_key(key: str) -> str:
    """Return a form's key apart from those that programs choose: whoever guesses one of these gets no order by it."""
    return f"checkout:{key}"


def _order_placed_before(request: HttpRequest, form: CheckoutForm) -> HttpResponse:
    """The form came again when its cart had become an order already (reload, back): show that order."""
    order = selectors.order_with_key(_checkout_key(form.data.get("submission_key", "")))
    if order is None:
        return redirect("orders:cart")
    return device.remember(request, redirect(f"{_address(order)}?notice=before"), order)


def _refused(request: HttpRequest, form: CheckoutForm, cart: carts.Cart, error: OrderError) -> HttpResponse:
    """Show the checkout again, with the cart kept and, when the price changed, the right one to accept."""
    status = 503 if error.code == "unavailable" else 409
    if isinstance(error, PriceChanged):
        pairs = zip(cart.lines, error.unit_prices, strict=True)
        cart = cart.with_lines(line.at_price(price) for line, price in pairs)
        form = form.expecting(error.total)
    try:
        response = _checkout_page(request, form, review_cart(cart, current_menu()), error, status)
    except (OperationalError, InterfaceError):
        # The menu cannot be read either: no lines to show, but the form is there to be sent again.
        response = _checkout_page(request, form, Review((), (), cart), error, status, cart.shown_total)
    if status == 503:
        response["Retry-After"] = "3"
    return carts.write(response, cart)


# The order


def _address(order: Order) -> str:
    return reverse("orders:order", args=[order.token])


def _order_or_404(token: str) -> Order:
    order = selectors.order_with_token(token)
    if order is None:
        raise Http404
    return order


@require_safe
@never_cache
def order(request: HttpRequest, token: str) -> HttpResponse:
    order = _order_or_404(token)
    context = {
        "order": order,
        "steps": steps(order, selectors.events(order)),
        "label": label_of(order.status),
        "is_mine": device.owns(request, order),
        "notice": notice(request.GET.get("notice", "")),
    }
    return polling.answer(
        request,
        "orders/order.html",
        "orders/_order_state.html",
        context,
        seen=f"{order.status}.{order.payment_status}",
        is_final=not order.is_open,
    )


@require_POST
@never_cache
def cancel_order(request: HttpRequest, token: str) -> HttpResponse:
    order = _order_or_404(token)
    if not device.owns(request, order):
        return redirect(f"{_address(order)}?notice=other")
    try:
        services.cancel_order(order=order)
    except NotAllowedNow:
        return redirect(f"{_address(order)}?notice=late")
    except OrderError:
        return redirect(f"{_address(order)}?notice=unsure")
    return redirect(_address(order))


@require_POST
@never_cache
def order_again(request: HttpRequest, token: str) -> HttpResponse:
    """Put the lines of an order of this device into the cart, which then says what has changed since."""
    order = _order_or_404(token)
    if not device.owns(request, order):
        return redirect(f"{_address(order)}?notice=other")
    cart = carts.read(request)
    try:
        for line in order.lines.all():
            ids = tuple(option["id"] for option in line.options)
            cart = cart.adding(carts.CartLine(line.item_id, ids, line.quantity, line.unit_price))
        return carts.write(redirect("orders:cart"), cart)
    except carts.CartFull:
        return redirect(f"{reverse('orders:cart')}?notice=full")


@require_safe
@never_cache
def my_orders(request: HttpRequest) -> HttpResponse:
    orders = [(order, label_of(order.status)) for order in selectors.orders_of_device(device.tokens(request))]
    return render(request, "orders/my_orders.html", {"orders": orders})


@require_safe
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    preparing, ready = selectors.numbers_on_board()
    context: dict[str, Any] = {"preparing": preparing, "ready": ready}
    seen = fingerprint([preparing, ready])[:16]
    return polling.answer(request, "orders/board.html", "orders/_board_state.html", context, seen=seen)
