from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from menu.models import Item
from orders import services
from orders.errors import OrderError
from orders.models import Order, OrderEvent, OrderLine, Status, Stock, StockMove
from orders.services import Staff


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows that services alone write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OrderLineInline(ReadOnlyInline):
    model = OrderLine
    fields = ["name_zh_hans", "name_en", "option_names", "unit_price", "quantity", "was_counted"]
    readonly_fields = ["option_names"]

    @admin.display(description=gettext_lazy("options"))
    def option_names(self, line: OrderLine) -> str:
        return _(", ").join(line.option_names)


class OrderEventInline(ReadOnlyInline):
    model = OrderEvent
    fields = ["at", "from_status", "to_status", "actor", "reason"]


class StockMoveInline(ReadOnlyInline):
    model = StockMove
    fields = ["at", "item_id", "delta", "reason", "actor"]


Move = Callable[..., Order]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "placed_at", "customer_name", "status", "payment_status", "fulfilment", "total"]
    list_filter = ["status", "payment_status", "fulfilment", "business_day"]
    search_fields = ["=number", "customer_name", "phone"]
    inlines = [OrderLineInline, OrderEventInline, StockMoveInline]
    actions = ["start", "ready", "complete", "cancel", "no_show", "paid", "refund"]
    list_per_page = 50

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

    @admin.action(description=gettext_lazy("Complete"), permissions=["work_bar"])
    def complete(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, partial(services.advance_order, to=Status.COMPLETED))

    @admin.action(description=gettext_lazy("Cancel…"), permissions=["work_bar"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        return self._ask_reason(request, orders, "cancel", services.cancel_order)

    @admin.action(description=gettext_lazy("No-show"), permissions=["work_bar"])
    def no_show(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, services.mark_no_show)

    @admin.action(description=gettext_lazy("Mark paid"), permissions=["work_bar"])
    def paid(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._move(request, orders, services.mark_paid)

    @admin.action(description=gettext_lazy("Refund…"), permissions=["refund"])
    def refund(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        return self._ask_reason(request, orders, "refund", services.refund_order)

    def _ask_reason(
        self, request: HttpRequest, orders: QuerySet[Order], action: str, service: Move
    ) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            self._move(request, orders, partial(service, reason=form.cleaned_data["reason"]))
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cancel orders") if action == "cancel" else _("Refund orders"),
            "opts": self.model._meta,
            "orders": orders,
            "action": action,
            "adminform": _admin_form(form),
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


def _admin_form(form: forms.Form) -> AdminForm:
    """Wrap a form of ours so that Django's admin templates draw it like one of theirs."""
    return AdminForm(cast(Any, form), [(None, {"fields": list(form.fields)})], {})


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class StockForm(forms.Form):
    item = forms.ModelChoiceField(Item.objects.all(), label=gettext_lazy("Item"))
    available = forms.IntegerField(
        label=gettext_lazy("Left"),
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("Empty: nobody counts, it never runs out."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, initial=gettext_lazy("counted"))


@admin.register(Stock)
class StockAdmin(admin.ModelAdmin):
    """Counts, set through `services.set_stock` so that each change leaves a move."""

    list_display = ["item", "available"]
    list_select_related = ["item"]
    search_fields = ["item__name_en", "item__name_zh_hans"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        stock = self.get_object(request, object_id) if object_id else None
        if not request.user.has_perm("orders.change_stock"):
            raise PermissionDenied
        initial = {"item": stock.item_id, "available": stock.available} if stock else {}
        form = StockForm(request.POST or None, initial=initial)
        if form.is_valid():
            services.set_stock(**form.cleaned_data, actor=cast(Staff, request.user))
            self.message_user(request, _("The count is set."), messages.SUCCESS)
            return redirect("admin:orders_stock_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set a count"),
            "opts": self.model._meta,
            "adminform": _admin_form(form),
        }
        return render(request, "admin/orders/stock.html", context)


@admin.register(StockMove)
class StockMoveAdmin(ReadOnlyAdmin):
    list_display = ["at", "item_id", "delta", "reason", "order", "actor"]
    list_filter = ["reason"]
    search_fields = ["=item_id", "reason"]
    list_select_related = ["order", "actor"]
