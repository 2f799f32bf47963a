"""The cart: put in, change, and accept what has changed."""

import re

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from menu import choices
from menu.selectors import current_menu, menu_at_once
from menu.snapshot import MenuItem
from orders import cart as carts
from orders.forms import AddToCartForm, CartLineForm
from orders.notices import notice
from orders.review import review_cart
from orders.views.forms_only import form_only

COUNT = re.compile(r"[0-9]{1,18}")


@require_safe
@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    cart = carts.read(request)
    words = notice("forged" if cart.was_forged else request.GET.get("notice", ""))
    review = review_cart(cart, menu_at_once())
    response = render(request, "orders/cart.html", {"review": review, "notice": words})
    return carts.write(request, response, cart) if cart.was_forged else carts.settle(request, response)


@csrf_exempt
@form_only("orders:cart")
def add_to_cart(request: HttpRequest) -> HttpResponse:
    """Put one item into the cart. The cart bar's script, which stays on its page, is answered 204."""
    form = AddToCartForm(request.POST)
    is_valid = form.is_valid()
    item_id = form.cleaned_data.get("item", 0)
    item = current_menu().item_with_id(item_id) or menu_at_once().item_with_id(item_id)
    if item is None:
        raise Http404
    if not is_valid:
        return _refused_choice(request, item, form, _("A quantity is a whole number from 1 to 99."), 422)
    old = carts.read(request)
    try:
        cart = old.adding(_cart_line(form, item, old))
        if request.headers.get("X-Requested-With") == "fetch":
            return carts.write(request, HttpResponse(status=204), cart)
        onward = f"{reverse('orders:cart')}?notice=forged_before" if old.was_forged else reverse("orders:cart")
        return carts.write(request, redirect(onward), cart)
    except choices.ChoiceError as error:
        return _refused_choice(request, item, form, error.message, 409 if error.is_sold_out else 422)
    except ValidationError as error:
        return _refused_choice(request, item, form, error.messages[0], 422)
    except carts.CartFull:
        return redirect(f"{reverse('orders:cart')}?notice=full")


def _cart_line(form: AddToCartForm, item: MenuItem, cart: carts.Cart) -> carts.CartLine:
    if item.sold_out:
        raise choices.ChoiceError(_("%(item)s is sold out.") % {"item": item.name}, is_sold_out=True)
    quantity = form.cleaned_data["quantity"]
    if cart.count_of(item.id) + quantity > item.max_per_order:
        limits = {"item": item.name, "most": item.max_per_order}
        raise choices.ChoiceError(_("%(item)s: at most %(most)s in one order.") % limits)
    was_chosen = form.cleaned_data["chosen"]
    options = choices.choose(item, form.option_ids()) if was_chosen else choices.default_choice(item)
    ids = tuple(option.id for option in options)
    return carts.CartLine(item.id, ids, quantity, choices.unit_price(item, options))


def _refused_choice(
    request: HttpRequest, item: MenuItem, form: AddToCartForm, message: str, status: int
) -> HttpResponse:
    quantity = form.cleaned_data.get("quantity", 1)
    context = {"item": item, "error": message, "chosen": form.ticked_ids(), "quantity": quantity}
    return render(request, "menu/item.html", context, status=status)


@csrf_exempt
@form_only("orders:cart")
def change_cart(request: HttpRequest) -> HttpResponse:
    form = CartLineForm(request.POST)
    cart = carts.read(request)
    if not form.is_valid():
        review = review_cart(cart, menu_at_once())
        context = {"review": review, "notice": _("A quantity is a whole number from 0 to 99.")}
        return render(request, "orders/cart.html", context, status=422)
    changed = cart.with_quantity(form.cleaned_data["line"], form.cleaned_data["quantity"])
    return carts.write(request, redirect("orders:cart"), changed)


@csrf_exempt
@form_only("orders:cart")
def accept_cart(request: HttpRequest) -> HttpResponse:
    """Take the repaired cart that the page showed; if it has changed again, show it again."""
    review = review_cart(carts.read(request), menu_at_once())
    if request.POST.get("seen") != review.seen:
        return redirect(f"{reverse('orders:cart')}?notice=changed")
    return carts.write(request, redirect("orders:cart"), review.cart)


@csrf_exempt
@form_only("orders:cart")
def take_what_is_left(request: HttpRequest) -> HttpResponse:
    """Lower the cart to what the checkout said is left of each item, and go on there."""
    cart = carts.read(request)
    for name in request.POST:
        item_id, left = name.removeprefix("left-"), request.POST.get(name, "")
        if name.startswith("left-") and COUNT.fullmatch(item_id) and COUNT.fullmatch(left):
            cart = cart.with_at_most(int(item_id), int(left))
    return carts.write(request, redirect("orders:checkout"), cart)
