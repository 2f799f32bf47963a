"""One line of the cart: edit it, and put it back after it was removed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from menu.catalogue.current import current_menu, menu_from_database
from menu.catalogue.records import Menu, MenuItem
from menu.options import selection
from orders import pricing
from orders.cart import cookie as carts
from orders.cart.review import review_cart
from orders.storefront.forms import PutBackForm
from orders.storefront.post_only import post_only
from orders.storefront.script_responses import redirect_as_json


@require_safe
@never_cache
def edit_line(request: HttpRequest, key: str) -> HttpResponse:
    """Show the item's form with the choices of this line; redirect to the cart if it can no longer be ordered."""
    cart = carts.read(request)
    line = cart.line(key)
    review = review_cart(cart.with_lines([line] if line else []), menu_from_database())
    if not review.lines:
        return redirect("orders:cart")
    [shown] = review.lines
    chosen = tuple(option.id for option in shown.options)
    context = {"item": shown.item, "chosen": chosen, "quantity": shown.quantity, "replaces": key}
    return render(request, "menu/item.html", context)


@dataclass(frozen=True)
class RemovedLine:
    """A line that was just removed from the cart, as the query string of the cart page names it."""

    key: str
    quantity: int
    place: int
    item: MenuItem


def address_after_removal(cart: carts.Cart, line: carts.CartLine) -> str:
    """Return the address of the cart page that offers to put this line of the cart back."""
    removed = {"removed": line.key, "quantity": line.quantity, "place": cart.lines.index(line)}
    return f"{reverse('orders:cart')}?{urlencode(removed)}"


def removed_line(request: HttpRequest, cart: carts.Cart, menu: Menu) -> RemovedLine | None:
    """Return the removed line that the query string names; None if it cannot be put back."""
    named = PutBackForm(
        {
            "line": request.GET.get("removed"),
            "quantity": request.GET.get("quantity"),
            "place": request.GET.get("place"),
        }
    )
    if not named.is_valid() or cart.line(named.cleaned_data["line"]):
        return None
    key, quantity, place = (named.cleaned_data[name] for name in ("line", "quantity", "place"))
    item = menu.item_with_id(int(key.split("-")[0]))
    return RemovedLine(key, quantity, place, item) if item else None


@csrf_exempt
@post_only("orders:cart")
def put_back(request: HttpRequest) -> HttpResponse:
    """Put a removed line back where it was, with its price and availability read from the menu."""
    form = PutBackForm(request.POST)
    cart = carts.read(request)
    try:
        line = _line_to_put_back(form, cart)
        answer = carts.write(request, redirect("orders:cart"), cart.putting_back(line, form.cleaned_data["place"]))
    except (selection.ChoiceError, carts.CartFull):
        answer = redirect(f"{reverse('orders:cart')}?notice=not_back")
    return redirect_as_json(request, answer)


def _line_to_put_back(form: PutBackForm, cart: carts.Cart) -> carts.CartLine:
    """Return the line with its current price. Raises ChoiceError if it can no longer be ordered."""
    if not form.is_valid():
        raise selection.ChoiceError("")
    item_id, *option_ids = map(int, form.cleaned_data["line"].split("-"))
    item = current_menu().item_with_id(item_id)
    if item is None or item.sold_out:
        raise selection.ChoiceError("")
    options = selection.choose(item, option_ids)
    quantity = min(form.cleaned_data["quantity"], item.max_per_order - cart.count_of(item_id))
    if quantity < 1:
        raise selection.ChoiceError("")
    chosen = tuple(option.id for option in options)
    return carts.CartLine(item_id, chosen, quantity, pricing.unit_price(item, options))
