"""Admin pages that record each change of availability with its reason, and the list of these changes."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from menu.admin.read_only import ReadOnlyAdmin
from menu.availability import history, reasons, removal
from menu.availability.history import NO_REASON, AvailabilityChange, Why
from menu.concurrent_editing.admin import MergingAdmin
from menu.concurrent_editing.merge import MergingForm
from menu.concurrent_editing.rows import MergingFormSet
from menu.models import Item, OptionGroup

What = AvailabilityChange.What


class FormWithReason(MergingForm):
    """A form that is refused when it takes something off sale, or puts it on, without a reason."""

    reason = reasons.ReasonField(
        reasons.OF_AVAILABILITY,
        required=False,
        help_text=gettext_lazy(
            "Needed when you take something off sale or put it back; kept in the changes of availability."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        try:
            history.check_reason([self], self.data)
        except ValidationError as error:
            self.add_error("reason", error)
        return cleaned


class RowsWithReason(MergingFormSet):
    """A formset (of a changelist, or inline in another form) with one reason for all changes of its rows."""

    def clean(self) -> None:
        super().clean()
        gone = self.deleted_forms if self.can_delete else []
        kept = [form for form in self.initial_forms if form not in gone]
        history.check_reason([form for form in kept if form.is_valid()], self.data, removes=bool(gone))


class RecordingAdmin(MergingAdmin):
    """Records changes, additions and deletions as AvailabilityChange rows; refuses a deletion without a reason."""

    delete_confirmation_template = "admin/menu/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/menu/delete_selected_confirmation.html"
    actions = ["delete_selected"]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and self.has_delete_permission(request) and not _has_reason(request):
            return redirect(request.get_full_path())
        return super().delete_view(
            request, object_id, (extra_context or {}) | {"reason_form": reasons.DeletionReasonForm()}
        )

    @admin.action(description=delete_selected.short_description, permissions=["delete"])  # type: ignore[attr-defined]
    def delete_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        if "post" in request.POST and not _has_reason(request):
            asked_again = request.POST.copy()
            del asked_again["post"]
            request.POST = asked_again  # type: ignore[assignment]
        response = delete_selected(self, request, queryset)
        if isinstance(response, TemplateResponse):
            response.context_data = (response.context_data or {}) | {"reason_form": reasons.DeletionReasonForm()}
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:
            history.record_changes(form, _why(request))
        else:
            _record_each(_things_of(obj), What.ADDED, _why(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        why = _why(request)
        _record_each([row.instance for row in formset.deleted_forms if row.instance.pk], What.REMOVED, why)
        super().save_formset(request, form, formset, change)
        for row in formset.initial_forms:
            if row not in formset.deleted_forms:
                history.record_changes(row, why)
        _record_each(formset.new_objects, What.ADDED, why)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        _record_each(_things_of(obj), What.REMOVED, _why(request))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        for obj in queryset:
            _record_each(_things_of(obj), What.REMOVED, _why(request))
        super().delete_queryset(request, queryset)


class RecordingListAdmin(RecordingAdmin):
    """The changelist of items: its inline edits and its actions take their reason from one field above the list."""

    actions = ["mark_sold_out", "mark_available", "delete_selected"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        sent = reasons.ReasonChips(reasons.OF_AVAILABILITY).value_from_datadict(request.POST, None, "reason")
        form = reasons.ReasonForm(initial={"reason": sent})
        return super().changelist_view(request, (extra_context or {}) | {"reason_form": form})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, **{"formset": RowsWithReason} | kwargs)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], Any, list[Any]]:
        found = super().get_deleted_objects(objs, request)
        return removal.with_belongings(removal.dependent_rows(objs), *found)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        removal.end_all(obj, _why(request))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        for item in queryset.order_by("pk"):
            removal.end_all(item, _why(request))
        super().delete_queryset(request, queryset)

    @admin.action(description=gettext_lazy("Mark as sold out"), permissions=["change"])
    def mark_sold_out(self, request: HttpRequest, items: "QuerySet[Item]") -> None:
        self._switch(request, items, is_available=False)

    @admin.action(description=gettext_lazy("Put back on sale"), permissions=["change"])
    def mark_available(self, request: HttpRequest, items: "QuerySet[Item]") -> None:
        self._switch(request, items, is_available=True)

    def _switch(self, request: HttpRequest, items: "QuerySet[Item]", *, is_available: bool) -> None:
        if not _has_reason(request):
            return
        why = _why(request)
        changed = list(items.filter(is_available=not is_available))
        for item in changed:
            item.is_available = is_available
            item.save(update_fields=["is_available"])
            history.record(item, What.IS_AVAILABLE, not is_available, is_available, why)
        words = ngettext("%(count)s item changed.", "%(count)s items changed.", len(changed))
        messages.success(request, words % {"count": len(changed)})


def _why(request: HttpRequest) -> Why:
    """Return the user who sent this form, and the reason. Raises ValidationError as `reasons.reason_in` does."""
    return Why(_person(request), reasons.reason_in(request.POST))


def _has_reason(request: HttpRequest) -> bool:
    """Return whether a form has a valid reason; if not, add an error message to the next page."""
    try:
        has_reason = bool(_why(request).reason)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return False
    if not has_reason:
        messages.error(request, NO_REASON)
    return has_reason


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _things_of(obj: Any) -> list[Any]:
    """Return the items and options that are added or removed together with a row."""
    if isinstance(obj, OptionGroup):
        return list(obj.options.all())
    return [obj]


def _record_each(things: Iterable[Any], what: str, why: Why) -> None:
    for thing in things:
        history.record(thing, what, None, None, why)


@admin.register(AvailabilityChange)
class AvailabilityChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "thing", "what", "change", "why", "actor"]
    fields = ["at", "thing", "what", "change", "why", "actor"]
    readonly_fields = ["thing", "change", "why"]
    list_filter = ["what", "at"]
    search_fields = ["name_en", "name_zh_hans", "reason"]
    list_select_related = ["actor"]
    list_per_page = 50

    @admin.display(description=gettext_lazy("item or option"))
    def thing(self, change: AvailabilityChange) -> str:
        return str(change.name)

    @admin.display(description=gettext_lazy("change"))
    def change(self, change: AvailabilityChange) -> str:
        if change.what in (What.ADDED, What.REMOVED):
            return "–"
        return f"{_value(change.before)} → {_value(change.after)}"

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, change: AvailabilityChange) -> str:
        return reasons.label_of(change.reason) or "–"


def _value(written: str) -> str:
    return {"yes": _("yes"), "no": _("no"), "": _("not counted")}.get(written, written)
