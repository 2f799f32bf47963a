"""The cart page: add items, change quantities, and accept what has changed on the menu."""

import re

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from menu.catalogue.current import current_menu, menu_from_database
from menu.catalogue.records import MenuItem
from menu.options import selection
from orders import pricing
from orders.cart import cookie as carts
from orders.cart.messages import notice
from orders.cart.review import review_cart
from orders.storefront.cart_line import address_after_removal, removed_line
from orders.storefront.forms import AddToCartForm, CartLineForm
from orders.storefront.post_only import post_only
from orders.storefront.script_responses import redirect_as_json

COUNT = re.compile(r"[0-9]{1,18}")


@require_safe
@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    """Show the cart. A form without script redirects here (`?added=`) to detect a browser that keeps no cookies."""
    cart, menu = carts.read(request), menu_from_database()
    added = menu.item(request.GET.get("added", ""))
    if added and cart.lines:
        return carts.settle(request, redirect(_on_the_menu(added)))
    context = {
        "review": review_cart(cart, menu),
        "notice": notice("forged" if cart.was_unreadable else request.GET.get("notice", "")),
        "badge": carts.badge(cart),
        "removed": removed_line(request, cart, menu),
        "needs_cookies": added is not None,
    }
    response = render(request, "orders/cart.html", context)
    return carts.write(request, response, cart) if cart.was_unreadable else carts.settle(request, response)


@csrf_exempt
@post_only("orders:cart")
def add_to_cart(request: HttpRequest) -> HttpResponse:
    """Add one item to the cart, or replace the line named by `replaces`. Answers 204 to a script, else redirects."""
    form = AddToCartForm(request.POST)
    is_valid = form.is_valid()
    item_id = form.cleaned_data.get("item", 0)
    item = current_menu().item_with_id(item_id) or menu_from_database().item_with_id(item_id)
    if item is None:
        raise Http404
    if not is_valid:
        error = selection.ChoiceError(_("A quantity is a whole number from 1 to 99."), wrong="quantity")
        return _refused_choice(request, item, form, error)
    old, replaced = carts.read(request), form.cleaned_data["replaces"]
    if replaced and old.line(replaced) is None:
        return redirect(f"{reverse('orders:cart')}?notice=changed")
    try:
        line = _cart_line(form, item, old.with_quantity(replaced, 0))
        cart = old.replacing(replaced, line) if replaced else old.adding(line)
    except selection.ChoiceError as error:
        return _refused_choice(request, item, form, error)
    except ValidationError as error:
        return _refused_choice(request, item, form, selection.ChoiceError(error.messages[0]))
    except carts.CartFull:
        return redirect(f"{reverse('orders:cart')}?notice=full")
    is_fetched = request.headers.get("X-Requested-With") == "fetch"
    answer = HttpResponse(status=204) if is_fetched else redirect(_after_adding(request, old, item, replaced))
    return carts.write(request, answer, cart)


def _after_adding(request: HttpRequest, old: carts.Cart, item: MenuItem, replaced: str) -> str:
    """Return where a form without script redirects: to the menu, once the browser is known to keep cookies."""
    if replaced:
        return reverse("orders:cart")
    if old.was_unreadable:
        return f"{reverse('orders:cart')}?notice=forged_before"
    if carts.COOKIE in request.COOKIES:
        return _on_the_menu(item)
    return f"{reverse('orders:cart')}?added={item.slug}"


def _on_the_menu(item: MenuItem) -> str:
    """Return the address of the item's card on the menu, with the fragment that marks it as added."""
    return f"{reverse('menu:menu')}#{item.slug}.added"


def _cart_line(form: AddToCartForm, item: MenuItem, cart: carts.Cart) -> carts.CartLine:
    if item.sold_out:
        raise selection.ChoiceError(_("%(item)s is sold out.") % {"item": item.name}, is_sold_out=True)
    quantity = form.cleaned_data["quantity"]
    if cart.count_of(item.id) + quantity > item.max_per_order:
        limits = {"item": item.name, "most": item.max_per_order}
        raise selection.ChoiceError(_("%(item)s: at most %(most)s in one order.") % limits, wrong="quantity")
    was_chosen = form.cleaned_data["chosen"]
    options = selection.choose(item, form.option_ids()) if was_chosen else selection.default_choice(item)
    ids = tuple(option.id for option in options)
    return carts.CartLine(item.id, ids, quantity, pricing.unit_price(item, options))


def _refused_choice(
    request: HttpRequest, item: MenuItem, form: AddToCartForm, error: selection.ChoiceError
) -> HttpResponse:
    """Show the item's form with its choices kept, and the error next to what has to be chosen again."""
    context = {"item": item, "error": error.message, "wrong": error.wrong, "chosen": form.ticked_ids()}
    context |= {"quantity": form.data.get("quantity", 1), "replaces": form.cleaned_data.get("replaces", "")}
    return render(request, "menu/item.html", context, status=409 if error.is_sold_out else 422)


@csrf_exempt
@post_only("orders:cart")
def settle_cart(request: HttpRequest) -> HttpResponse:
    """Merge the pending changes of overlapping requests, on request of `static/js/cart-writer.js`."""
    return carts.settle(request, HttpResponse(status=204))


@csrf_exempt
@post_only("orders:cart")
def change_cart(request: HttpRequest) -> HttpResponse:
    """Set the quantity of a line.

    With `was`, the quantity that the page showed, the difference is applied: another tab may have changed the line.
    """
    form = CartLineForm(request.POST)
    cart = carts.read(request)
    if not form.is_valid():
        review = review_cart(cart, menu_from_database())
        context = {"review": review, "notice": _("A quantity is a whole number from 0 to 99.")}
        return render(request, "orders/cart.html", context, status=422)
    line = cart.line(form.cleaned_data["line"])
    if line is None:
        return redirect_as_json(request, redirect("orders:cart"))
    changed = cart.with_quantity(line.key, _quantity(form, cart, line))
    onward = reverse("orders:cart") if changed.line(line.key) else address_after_removal(cart, line)
    return redirect_as_json(request, carts.write(request, redirect(onward), changed))


def _quantity(form: CartLineForm, cart: carts.Cart, line: carts.CartLine) -> int:
    """Return the line's new quantity; an increase stops at the item's `max_per_order`."""
    quantity, was = form.cleaned_data["quantity"], form.cleaned_data["was"]
    if was is None:
        return int(quantity)
    item = current_menu().item_with_id(line.item_id)
    room = max(0, item.max_per_order - cart.count_of(line.item_id)) if item else 0
    return line.with_quantity(line.quantity + min(quantity - was, room)).quantity


@csrf_exempt
@post_only("orders:cart")
def accept_cart(request: HttpRequest) -> HttpResponse:
    """Take the repaired cart that the page showed; if it has changed again, show it again."""
    review = review_cart(carts.read(request), menu_from_database())
    if request.POST.get("seen") != review.seen:
        return redirect(f"{reverse('orders:cart')}?notice=changed")
    return carts.write(request, redirect("orders:cart"), review.cart)


@csrf_exempt
@post_only("orders:cart")
def take_what_is_left(request: HttpRequest) -> HttpResponse:
    """Lower the quantities to what the checkout said is left of each item, and redirect to the checkout."""
    cart = carts.read(request)
    for name in request.POST:
        item_id, left = name.removeprefix("left-"), request.POST.get(name, "")
        if name.startswith("left-") and COUNT.fullmatch(item_id) and COUNT.fullmatch(left):
            cart = cart.with_at_most(int(item_id), int(left))
    return carts.write(request, redirect("orders:checkout"), cart)
