"""The barista board at /admin/bar/: three columns of tickets; one touch moves a ticket."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from orders import page_polling, selectors
from orders.bar import board, delayed_actions
from orders.bar.actions import ACTIONS, TAKES_MONEY
from orders.bar.forms import DayForm, NumberForm, TableForm
from orders.bar.ticket_choices import Refused, Repayment, TicketChoices, Toast
from orders.errors import Invalid, NotAllowedNow, OrderError
from orders.models import Order, business_day
from orders.printing import on_paper, public_address, qr_code
from orders.reasons import REASONS
from orders.services import Staff

View = Callable[..., HttpResponse]


def bar_staff(view: View) -> View:
    """Restrict a view to staff with `orders.work_bar`; after the session's end a poll redirects to the login page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            login = redirect_to_login(reverse("bar:queue"), reverse("admin:login"))
            return HttpResponseClientRedirect(login["Location"]) if request.htmx else login  # type: ignore[attr-defined]
        if not (request.user.is_staff and request.user.has_perm("orders.work_bar")):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(answer)


@require_safe
@bar_staff
def queue(request: HttpRequest) -> HttpResponse:
    moved = selectors.order_with_token(request.GET["moved"]) if "moved" in request.GET else None
    toast = Toast(moved, cast(Staff, request.user), request.GET.get("undo", "")) if moved else None
    return _queue_page(request, toast=toast)


def _queue_page(request: HttpRequest, *, toast: Toast | None = None, problem: str = "") -> HttpResponse:
    context, state = board.contents(request, toast=toast, problem=problem)
    if (toast or problem) and request.htmx:  # type: ignore[attr-defined]
        return render(request, "admin/bar/_board.html", context | {"seen": state, "drawn_on": page_polling.today()})
    return page_polling.answer(request, "admin/bar/board.html", "admin/bar/_board.html", context, seen=state)


@require_safe
@bar_staff
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    return _ticket_page(request, _order_or_404(token))


def _ticket_page(
    request: HttpRequest, order: Order, problem: str = "", status: int = 200, refused: Refused | None = None
) -> HttpResponse:
    """Render an order's ticket. A refused form is expanded and shows its problem; other problems are shown above."""
    choices = TicketChoices(order, cast(Staff, request.user))
    is_in_form = refused is not None and refused.action in choices.forms
    context = {
        "order": order,
        "events": order.events.select_related("actor"),
        "choices": choices,
        "reasons": REASONS,
        "refused": refused if is_in_form else None,
        "problem": "" if is_in_form else problem,
    }
    return render(request, "admin/bar/ticket.html", context, status=status)


@require_safe
@bar_staff
def day(request: HttpRequest) -> HttpResponse:
    """Show one business day: orders handed over unpaid, refunds, and orders that ended without being handed over.

    Every order whose money is owed back is listed as well, of any day.
    """
    today = business_day()
    form = DayForm(request.GET if "day" in request.GET else {"day": today})
    shown = form.cleaned_data["day"] if form.is_valid() else today
    actor = cast(Staff, request.user)
    context = {
        "form": form,
        "day": shown,
        "today": today,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1) if shown < today else None,
        "to_give_back": [Repayment(order, actor) for order in selectors.orders_owed_back()],
        "unpaid": selectors.handed_over_unpaid(shown),
        "given_back": selectors.refunds_of(shown),
        "ended": selectors.ended_orders(shown),
    }
    return render(request, "admin/bar/day.html", context, status=200 if form.is_valid() else 422)


@require_safe
@bar_staff
def find(request: HttpRequest) -> HttpResponse:
    """Redirect to today's order with a number, or to the only one of the last days; list several."""
    number = request.GET.get("number", "").strip()
    form = NumberForm({"number": number} if number else None)
    found = list(selectors.orders_numbered(form.cleaned_data["number"])) if form.is_valid() else []
    if found and (len(found) == 1 or found[0].business_day == business_day()):
        return redirect("bar:ticket", found[0].token)
    context = {"form": form, "found": found, "number": number, "days": selectors.FOUND_DAYS}
    return render(request, "admin/bar/find.html", context, status=422 if form.errors else 200)


@require_safe
@bar_staff
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """Render an order for the bar's printer; its text for the customer is in the language they ordered in."""
    return render(request, "admin/bar/print.html", on_paper(request, _order_or_404(token)))


@require_safe
@bar_staff
def table_card(request: HttpRequest) -> HttpResponse:
    """Render a card for a table; its QR code opens the menu in the language of the guest's phone."""
    form = TableForm(request.GET if "table" in request.GET else {})
    address = public_address(request, "/")
    context = {
        "form": form,
        "card": {"table": form.cleaned_data["table"]} if form.is_valid() else None,
        "address": address.partition("://")[2].rstrip("/"),
        "qr": qr_code(address, _("QR code of the menu")),
    }
    return render(request, "admin/bar/table_card.html", context, status=200 if form.is_valid() else 422)


@require_POST
@bar_staff
def act(request: HttpRequest, token: str, action: str) -> HttpResponse:
    """Run one action on one order.

    The form sends the status that it was rendered for (`seen`), so that a second touch, or a second barista, does not
    move the order twice.
    """
    order = _order_or_404(token)
    if action not in ACTIONS:
        raise Http404
    try:
        delayed_actions.refuse_if_changed(request, order, action)
        if delayed_actions.has_arrived(request, order):
            return redirect(f"{reverse('bar:queue')}?moved={order.token}")
        if request.POST.get("seen") != order.status:
            said = [_("Order %(number)s has moved on meanwhile.") % {"number": order.number}]
            said += [_("This touch noted no money.")] if action in TAKES_MONEY else []
            raise NotAllowedNow(" ".join(said))
        undo = ACTIONS[action](order, cast(Staff, request.user), request.POST)
    except OrderError as error:
        return _refused(request, token, action, error)
    if request.htmx:  # type: ignore[attr-defined]
        return _queue_page(request, toast=Toast(order, cast(Staff, request.user), undo))
    return redirect(f"{reverse('bar:queue')}?moved={order.token}&undo={undo}")


def _refused(request: HttpRequest, token: str, action: str, error: OrderError) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return _queue_page(request, problem=error.message)
    status = 503 if error.code == "unavailable" else 409
    refused = Refused(action, error.message, request.POST) if isinstance(error, Invalid) else None
    page = _ticket_page(request, _order_or_404(token), error.message, status, refused)
    if status == 503:
        page["Retry-After"] = "3"
    return page


def _order_or_404(token: str) -> Order:
    order = selectors.order_with_token(token)
    if order is None:
        raise Http404
    return order
