"""The barista board at /admin/bar/: three columns of tickets, one touch to move one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from menu.text import clean_text
from orders import polling, selectors, services
from orders.errors import Invalid, NotAllowedNow, OrderError
from orders.forms import TableForm
from orders.models import Order, Status
from orders.printing import on_paper, public_address, qr_code
from orders.services import Staff
from orders.submission import fingerprint

View = Callable[..., HttpResponse]


def bar_staff(view: View) -> View:
    """Only for those who may work the bar; a poll after the session's end leads to the login page."""

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
    return _queue_page(request, moved=moved)


def _queue_page(request: HttpRequest, *, moved: Order | None = None, problem: str = "") -> HttpResponse:
    orders = list(selectors.bar_queue())
    columns = [
        (status, label, [order for order in orders if order.status == status])
        for status, label in (
            (Status.PENDING, _("New")),
            (Status.PREPARING, _("In preparation")),
            (Status.READY, _("Ready")),
        )
    ]
    is_count_ahead = any(order.is_count_ahead for order in orders)  # type: ignore[attr-defined]
    state = fingerprint([is_count_ahead, *((order.pk, order.status, order.payment_status) for order in orders)])[:16]
    context: dict[str, Any] = {"columns": columns, "moved": moved, "problem": problem, "now": timezone.now()}
    context |= {"is_count_ahead": is_count_ahead}
    if (moved or problem) and request.htmx:  # type: ignore[attr-defined]
        return render(request, "admin/bar/_queue.html", context | {"seen": state, "drawn_on": polling.today()})
    return polling.answer(request, "admin/bar/queue.html", "admin/bar/_queue.html", context, seen=state)


@require_safe
@bar_staff
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    return _ticket_page(request, _order_or_404(token))


def _ticket_page(request: HttpRequest, order: Order, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "order": order,
        "events": order.events.select_related("actor"),
        "problem": problem,
    }
    return render(request, "admin/bar/ticket.html", context, status=status)


@require_safe
@bar_staff
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """The order for the bar's printer; what the customer is to read is in the language they ordered in."""
    return render(request, "admin/bar/paper.html", on_paper(request, _order_or_404(token)))


@require_safe
@bar_staff
def table_card(request: HttpRequest) -> HttpResponse:
    """A card for a table, whose code opens the menu in the language of the guest's phone."""
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
    """Do one thing with one order. The form says which status it was drawn for, so that a second touch, or a second
    barista, moves nothing twice."""
    order = _order_or_404(token)
    try:
        if request.POST.get("seen") != order.status:
            raise NotAllowedNow(_("Order %(number)s has moved on meanwhile.") % {"number": order.number})
        _act(request, order, action)
    except OrderError as error:
        if request.htmx:  # type: ignore[attr-defined]
            return _queue_page(request, problem=error.message)
        status = 503 if error.code == "unavailable" else 409
        page = _ticket_page(request, _order_or_404(token), error.message, status)
        if status == 503:
            page["Retry-After"] = "3"
        return page
    if request.htmx:  # type: ignore[attr-defined]
        return _queue_page(request, moved=order)
    return redirect(f"{reverse('bar:queue')}?moved={order.token}")


def _act(request: HttpRequest, order: Order, action: str) -> None:
    actor = cast(Staff, request.user)
    reason = _reason(request)
    if action in ("cancel", "refund") and not reason:
        raise Invalid(_("Give a reason."))
    match action:
        case "advance":
            services.advance_order(order=order, actor=actor)
        case "undo":
            services.undo_order(order=order, actor=actor)
        case "paid":
            services.mark_paid(order=order, actor=actor)
        case "cancel":
            restock = "restock" in request.POST if order.status != Status.PENDING else None
            services.cancel_order(order=order, actor=actor, reason=reason, restock=restock)
        case "no-show":
            services.mark_no_show(order=order, actor=actor, reason=reason)
        case "refund":
            if not request.user.has_perm("orders.refund_order"):
                raise PermissionDenied
            services.refund_order(order=order, actor=actor, reason=reason)
        case _:
            raise Http404


def _reason(request: HttpRequest) -> str:
    """Return the reason that was written, or "". Raises Invalid for a text that we refuse."""
    try:
        return clean_text(request.POST.get("reason", ""))[:200]
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error


def _order_or_404(token: str) -> Order:
    order = selectors.order_with_token(token)
    if order is None:
        raise Http404
    return order
