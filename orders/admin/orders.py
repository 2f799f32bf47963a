from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import yesno
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from menu.admin.read_only import ReadOnlyAdmin
from menu.availability.reasons import ReasonField
from orders import reasons, services
from orders.admin.stock import TellsWhy, admin_form
from orders.audit import check_books
from orders.bar import actions
from orders.errors import OrderError
from orders.models import Order, OrderEvent, OrderLine, Status, StockMove
from orders.services import Staff


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OrderLineInline(ReadOnlyInline):
    model = OrderLine
    fields = ["name_zh_hans", "name_en", "option_names", "contents", "unit_price", "quantity", "counted"]
    readonly_fields = ["option_names", "contents", "counted"]

    @admin.display(description=gettext_lazy("options"))
    def option_names(self, line: OrderLine) -> str:
        return _(", ").join(line.option_names)

    @admin.display(description=gettext_lazy("allergens"))
    def contents(self, line: OrderLine) -> str:
        return render_to_string("components/_allergens.html", {"contents": line.contents})

    @admin.display(description=gettext_lazy("was counted"))
    def counted(self, line: OrderLine) -> str:
        return str(yesno(line.was_counted))


class OrderEventInline(ReadOnlyInline):
    model = OrderEvent
    fields = ["at", "before", "after", "actor", "why"]
    readonly_fields = ["before", "after", "why"]

    @admin.display(description=gettext_lazy("from"))
    def before(self, event: OrderEvent) -> str:
        return event.from_label

    @admin.display(description=gettext_lazy("to"))
    def after(self, event: OrderEvent) -> str:
        return event.to_label

    @admin.display(description=gettext_lazy("reason"))
    def why(self, event: OrderEvent) -> str:
        return event.why


class StockMoveInline(TellsWhy, ReadOnlyInline):
    model = StockMove
    fields = ["at", "item_id", "delta", "why", "actor"]
    readonly_fields = ["why"]


Move = Callable[..., Order]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "placed_at", "customer_name", "status", "payment_status", "fulfilment", "total"]
    list_filter = ["status", "payment_status", "fulfilment", "business_day"]
    search_fields = ["=number", "customer_name", "phone"]
    inlines = [OrderLineInline, OrderEventInline, StockMoveInline]
    actions = ["start", "ready", "complete", "cancel", "no_show", "restore", "paid", "refund"]
    list_per_page = 50
    change_list_template = "admin/orders/order_list.html"
    readonly_fields = ["language_name"]

    def view_on_site(self, order: Order) -> str:
        return reverse("bar:ticket", args=[order.token])

    def get_urls(self) -> list[Any]:
        books = path("books/", self.admin_site.admin_view(self.books), name="orders_order_books")
        return [books, *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Order | None = None) -> Any:
        return ["language_name" if name == "language" else name for name in super().get_fields(request, obj)]

    @admin.display(description=gettext_lazy("language"))
    def language_name(self, order: Order) -> str:
        return dict(settings.LANGUAGES).get(order.language, order.language)

    def books(self, request: HttpRequest) -> HttpResponse:
        """Show what `check_books` finds. It reads every order, so it runs only on POST (a button)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Do the books agree?"),
            "opts": self.model._meta,
            "was_asked": request.method == "POST",
            "findings": check_books() if request.method == "POST" else [],
        }
        return render(request, "admin/orders/books.html", context)

    def has_work_bar_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.work_bar")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.refund_order")

    @admin.action(description=gettext_lazy("Start"), permissions=["work_bar"])
    def start(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, partial(services.advance_order, to=Status.PREPARING))

    @admin.action(description=gettext_lazy("Ready"), permissions=["work_bar"])
    def ready(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, partial(services.advance_order, to=Status.READY))

    @admin.action(description=gettext_lazy("Picked up"), permissions=["work_bar"])
    def complete(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, _hand_over)

    @admin.action(description=gettext_lazy("Cancel…"), permissions=["work_bar"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        return self._ask_reason(request, orders, "cancel", _cancel)

    @admin.action(description=gettext_lazy("Not picked up"), permissions=["work_bar"])
    def no_show(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, services.mark_no_show)

    @admin.action(description=gettext_lazy("Bring it back"), permissions=["work_bar"])
    def restore(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, _restore)

    @admin.action(description=gettext_lazy("Take the money"), permissions=["work_bar"])
    def paid(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, services.mark_paid)

    @admin.action(description=gettext_lazy("Give the money back…"), permissions=["refund"])
    def refund(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        return self._ask_reason(request, orders, "refund", _refund)

    def _ask_reason(
        self, request: HttpRequest, orders: QuerySet[Order], action: str, service: Move
    ) -> HttpResponse | None:
        form_class = CancelForm if action == "cancel" else RefundForm
        form = form_class(request.POST if {"reason", "reason_words"} & request.POST.keys() else None)
        if form.is_valid():
            self._move(request, orders, partial(service, **form.cleaned_data))
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cancel orders") if action == "cancel" else _("Give the money back"),
            "opts": self.model._meta,
            "orders": orders,
            "action": action,
            "adminform": admin_form(form),
        }
        return render(request, "admin/orders/reason.html", context)

    def _move(self, request: HttpRequest, orders: QuerySet[Order], service: Move) -> None:
        done = 0
        for order in orders:
            try:
                service(order=order, actor=cast(Staff, request.user))
                done += 1
            except OrderError as error:
                self.message_user(request, error.message, messages.WARNING)
        if done:
            words = ngettext("%(count)s order changed.", "%(count)s orders changed.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)


def _cancel(*, order: Order, actor: Staff, reason: str, restock: bool) -> Order:
    """Cancel an order. The stock of a pending one always goes back; for one that was started, `restock` decides."""
    goes_back = restock or order.status == Status.PENDING
    return services.cancel_order(order=order, actor=actor, reason=reason, restock=goes_back)


def _hand_over(*, order: Order, actor: Staff) -> Order:
    actions.check_paid(order)
    return services.advance_order(order=order, actor=actor, to=Status.COMPLETED)


def _restore(*, order: Order, actor: Staff) -> Order:
    actions.check_restore(order)
    return services.restore_order(order=order, actor=actor)


def _refund(*, order: Order, actor: Staff, reason: str, then: str, restock: bool) -> Order:
    """Refund an order, and cancel it unless it is handed over or `then` says to keep making it."""
    cancels = order.is_open and then == RefundForm.CANCEL
    goes_back = restock or order.status == Status.PENDING
    return services.refund_order(order=order, actor=actor, reason=reason, cancel=cancels, restock=goes_back)


def _ready_made(action: str) -> dict[str, Any]:
    return {reason: gettext_lazy(reason) for reason in reasons.REASONS[action]}


class CancelForm(forms.Form):
    reason = ReasonField(_ready_made("cancel"))
    restock = forms.BooleanField(
        label=gettext_lazy("What was made goes back to stock"),
        required=False,
        help_text=gettext_lazy("Else it is waste. What was not started goes back in any case."),
    )


class RefundForm(CancelForm):
    CANCEL, KEEP = "cancel", "keep"

    reason = ReasonField(_ready_made("refund"))
    then = forms.ChoiceField(
        label=gettext_lazy("And the order?"),
        choices=[
            (CANCEL, gettext_lazy("Cancel it, unless it is handed over")),
            (KEEP, gettext_lazy("Go on making it")),
        ],
        widget=forms.RadioSelect,
        initial=CANCEL,
    )
    field_order = ["reason", "then", "restock"]
