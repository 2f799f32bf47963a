"""Stock counts in the admin: their list, the form that sets one, and the list of stock moves."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from menu.admin.read_only import ReadOnlyAdmin
from menu.availability import reasons
from menu.models import Item
from orders import selectors, services
from orders.errors import OrderError
from orders.models import Stock, StockMove
from orders.services import Staff

STOCK_REASONS: dict[str, Any] = {
    StockMove.ORDERED: gettext_lazy("ordered"),
    StockMove.CANCELLED: gettext_lazy("cancelled"),
    StockMove.RESTORED: gettext_lazy("brought back"),
    StockMove.RESET: gettext_lazy("reset"),
}


class TellsWhy:
    """`why` shows the reason of a stock move: what a person wrote, or the label of a built-in reason."""

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, move: StockMove) -> str:
        return str(STOCK_REASONS.get(move.reason) or reasons.label_of(move.reason))


def admin_form(form: forms.Form) -> AdminForm:
    """Wrap a plain form so that Django's admin templates render it like a form of the admin."""
    return AdminForm(cast(Any, form), [(None, {"fields": list(form.fields)})], {})


def _as_counted(stock: Stock) -> dict[str, Any]:
    left = stock.left(timezone.localdate())
    return {"item": stock.item_id, "available": left, "daily": stock.daily, "shown": left}


class StockForm(forms.Form):
    item = forms.ModelChoiceField(Item.objects.all(), label=gettext_lazy("Item"))
    how = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[("set", gettext_lazy("Set the count to …")), ("add", gettext_lazy("Add to the count"))],
    )
    available = forms.IntegerField(
        label=gettext_lazy("Count"),
        min_value=0,
        max_value=services.MAX_STOCK,
        required=False,
        help_text=gettext_lazy(
            "Empty: nobody counts, it never runs out. Empty, with a number each morning: it begins with that number."
        ),
    )
    daily = forms.IntegerField(
        label=gettext_lazy("Each morning"),
        min_value=0,
        max_value=services.MAX_STOCK,
        required=False,
        help_text=gettext_lazy("The count that every business day starts with. Empty: it goes on from day to day."),
    )
    is_todays = forms.BooleanField(
        label=gettext_lazy("Take it as today's count"),
        required=False,
        help_text=gettext_lazy("It is full again tomorrow morning."),
    )
    reason = reasons.ReasonField(reasons.OF_COUNTS, initial="counted")
    # The number left when the form was rendered; empty if the item was not counted.
    shown = forms.IntegerField(label="", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, stock: Stock | None = None) -> None:
        super().__init__(data, initial=_as_counted(stock) if stock else {})
        if not (stock and stock.is_ahead(timezone.localdate())):
            del self.fields["is_todays"]

    def save(self, actor: Staff) -> Stock | None:
        """Write the changes, and return the stock; None if the item is not counted.

        A form that is sent twice is refused: the count is no longer the one it shows. Raises OrderError.
        """
        sent = self.cleaned_data
        shown: int | services.Unset | None = sent["shown"] if "shown" in self.data else services.UNSET
        count, daily = sent["available"], sent["daily"]
        common = {"item": sent["item"], "reason": sent["reason"], "actor": actor}
        common |= {"is_todays": sent.get("is_todays", False)}
        if sent["how"] == "add":
            morning = services.UNSET if daily is None else daily
            return services.restock(quantity=count or 0, daily=morning, expected=shown, **common)
        if shown is not None and count == shown:
            return services.set_stock(available=services.UNSET, daily=daily, **common)  # keeps sales made meanwhile
        return services.set_stock(available=count, daily=daily, expected=shown, **common)


@admin.register(Stock)
class StockAdmin(admin.ModelAdmin):
    """Counts, set through `services.set_stock` so that each change leaves a move."""

    list_display = ["item", "left_today", "daily", "counted_on"]
    change_list_template = "admin/orders/stock_list.html"
    list_select_related = ["item"]
    search_fields = ["item__name_en", "item__name_zh_hans"]

    @admin.display(description=gettext_lazy("left today"), ordering="available")
    def left_today(self, stock: Stock) -> int:
        return stock.left(timezone.localdate())

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
        if object_id and stock is None:
            raise Http404
        if not request.user.has_perm("orders.change_stock"):
            raise PermissionDenied
        form = StockForm(request.POST or None, stock=stock)
        if form.is_valid():
            try:
                self._save(request, form)
                return redirect("admin:orders_stock_changelist")
            except OrderError as error:
                unsure = _("We do not know whether that was written. Look at the count before you do it again.")
                form.add_error("available", unsure if error.is_unsure else error.message)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set a count"),
            "opts": self.model._meta,
            "adminform": admin_form(form),
            "ahead": [stock] if stock and stock.is_ahead(timezone.localdate()) else [],
            "today": timezone.localdate(),
        }
        return render(request, "admin/orders/stock.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        ahead = selectors.counts_ahead().select_related("item")
        own = {"ahead": ahead, "today": timezone.localdate()}
        return super().changelist_view(request, (extra_context or {}) | own)

    def _save(self, request: HttpRequest, form: StockForm) -> None:
        """Save the form and show a message with the result."""
        item = form.cleaned_data["item"]
        was_counted = Stock.objects.filter(item=item).exists()
        stock = form.save(cast(Staff, request.user))
        if stock:
            self.message_user(request, _what_is_left(item, stock), messages.SUCCESS)
        elif was_counted:
            self.message_user(request, _("Nobody counts %(item)s any more.") % {"item": item}, messages.SUCCESS)
        else:
            words = _("Nothing was changed: nobody counts %(item)s, and no count was entered.")
            self.message_user(request, words % {"item": item}, messages.WARNING)


def _what_is_left(item: Item, stock: Stock) -> str:
    left = stock.left(timezone.localdate())
    if left:
        return _("The count is set: %(item)s, %(left)s left.") % {"left": left, "item": item}
    return _("The count is set: %(item)s is sold out now.") % {"item": item}


class ReasonFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            reason = str(choice["display"])
            yield choice | {"display": STOCK_REASONS.get(reason) or reasons.label_of(reason)}


@admin.register(StockMove)
class StockMoveAdmin(TellsWhy, ReadOnlyAdmin):
    list_display = ["at", "item_id", "delta", "why", "order", "actor"]
    fields = ["item_id", "delta", "why", "order", "actor", "at"]
    readonly_fields = ["why"]
    list_filter = [("reason", ReasonFilter)]
    search_fields = ["=item_id", "reason"]
    list_select_related = ["order", "actor"]
