"""The order's page with its timeline, the list of this device's orders, and the board over the counter."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from menu.catalogue.current import menu_from_database
from orders import device_orders, page_polling, selectors, services
from orders.cart import cookie as carts
from orders.cart import reorder
from orders.cart.messages import notice
from orders.cart.review import review_cart
from orders.errors import NotAllowedNow, OrderError
from orders.models import Order, Status
from orders.placing.idempotency import fingerprint
from orders.storefront import sharing
from orders.storefront.post_only import post_only
from orders.storefront.timeline import label, payment_sentence, steps


def address(order: Order) -> str:
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
    is_mine = device_orders.owns(request, order)
    context = {
        "order": order,
        "steps": steps(order, selectors.events(order)),
        "label": label(order),
        "payment": payment_sentence(order),
        "is_mine": is_mine,
        "is_asking": is_mine and order.can_be_cancelled_by_customer and "sure" in request.GET,
        "here": address(order),
        "shared": sharing.shared_address(order),
        "notice": notice(request.GET.get("notice", "")),
    }
    return page_polling.answer(
        request,
        "orders/order.html",
        "orders/_order_state.html",
        context,
        seen=f"{order.status}.{order.payment_status}",
        is_final=order.is_settled,
    )


@require_safe
@never_cache
def shared_order(request: HttpRequest, code: str) -> HttpResponse:
    """Show an order's number and timeline to anybody with the share link."""
    order = sharing.shared_order(code)
    if order is None:
        raise Http404
    context = {
        "order": order,
        "steps": steps(order, selectors.events(order)),
        "label": label(order),
        "is_mine": False,
        "is_shared": True,
        "here": request.path,
    }
    return page_polling.answer(
        request,
        "orders/shared_order.html",
        "orders/_order_state.html",
        context,
        seen=order.status,
        is_final=order.is_settled,
    )


@post_only("orders:order")
def cancel_order(request: HttpRequest, token: str) -> HttpResponse:
    order = _order_or_404(token)
    if not device_orders.owns(request, order):
        return redirect(f"{address(order)}?notice=other")
    try:
        services.cancel_order(order=order)
    except NotAllowedNow:
        is_cancelled = _order_or_404(token).status == Status.CANCELLED
        return redirect(address(order) if is_cancelled else f"{address(order)}?notice=late")
    except OrderError:
        return redirect(f"{address(order)}?notice=unsure")
    return redirect(address(order))


@post_only("orders:order")
def order_again(request: HttpRequest, token: str) -> HttpResponse:
    """Reorder: put the lines of an order of this device into the cart, and redirect to the checkout.

    The checkout has the details of that order filled in, and shows what has changed since. Redirects to the cart
    instead if it held something else, or if nothing of the order is sold any more.
    """
    order = _order_or_404(token)
    if not device_orders.owns(request, order):
        return redirect(f"{address(order)}?notice=other")
    cart, lines = carts.read(request), reorder.lines_of(order)
    review = review_cart(cart.with_lines(lines), menu_from_database())
    if not cart.lines or cart.lines == review.cart.lines:
        # A double submit: the second request finds the lines that the first has put in.
        if review.lines:
            return reorder.remember(
                carts.write(request, redirect("orders:checkout"), review.cart), review.cart, order
            )
        return carts.write(request, redirect("orders:cart"), cart.with_lines(lines))
    try:
        for line in lines:
            cart = cart.adding(line)
        return carts.write(request, redirect(f"{reverse('orders:cart')}?notice=added"), cart)
    except carts.CartFull:
        return redirect(f"{reverse('orders:cart')}?notice=full")


@require_safe
@never_cache
def my_orders(request: HttpRequest) -> HttpResponse:
    orders = [(order, label(order)) for order in selectors.orders_of_device(device_orders.tokens(request))]
    return render(request, "orders/my_orders.html", {"orders": orders})


def _size_on_board(numbers: list[int]) -> str:
    """Return the size of the numbers (a CSS class) at which all of them fit on the screen."""
    return "few" if len(numbers) <= 6 else "some" if len(numbers) <= 16 else "many"


@require_safe
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    preparing, ready = selectors.numbers_on_board()
    sizes = {"preparing_size": _size_on_board(preparing), "ready_size": _size_on_board(ready)}
    context: dict[str, Any] = {"preparing": preparing, "ready": ready} | sizes
    seen = fingerprint([preparing, ready])[:16]
    return page_polling.answer(request, "orders/board.html", "orders/_board_state.html", context, seen=seen)
