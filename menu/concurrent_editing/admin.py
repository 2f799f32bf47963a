"""Base of the menu's admin pages: it merges the concurrent edits of two managers under the menu's write lock."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from menu.admin.price_question import asked_instead
from menu.concurrent_editing.merge import MergingForm
from menu.concurrent_editing.rows import MergingFormSet
from menu.fields import CleanTextField
from menu.models import Item
from menu.price_fields import PriceField
from menu.versioning.lock import menu_write_lock

# A slug has its own form field, which validates it.
CLEAN_TEXT: Any = {
    models.SlugField: {"widget": AdminTextInputWidget},
    models.CharField: {"form_class": CleanTextField},
}


class MergingAdmin(admin.ModelAdmin):
    """Every POST reads and writes under the menu's write lock, and renders its response after releasing it."""

    form = MergingForm
    formfield_overrides = CLEAN_TEXT | {models.DecimalField: {"form_class": PriceField}}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        with _in_turn(request):
            response = super().changelist_view(request, extra_context)
        if response.status_code == 302 and "_save" in request.POST and not hasattr(request, "stores_nothing"):
            self.message_user(request, _("Nothing was changed."))
        response = self._asked_instead(request, response)
        cl = (getattr(response, "context_data", None) or {}).get("cl")
        if cl and cl.formset and cl.formset.is_bound:
            # Show a refused list with the rows that were sent: the changelist may have other rows or order now.
            cl.result_list = cl.formset.get_queryset()
            if not cl.formset.forms:  # the template shows formset errors only if there is a row
                messages.warning(request, " ".join(cl.formset.non_form_errors()))
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with _in_turn(request):
            response = super().changeform_view(request, object_id, form_url, extra_context)
        return self._asked_instead(request, response)

    def _asked_instead(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return asked_instead(request, response, self.admin_site.each_context(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with _in_turn(request):
            return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], Any, list[Any]]:
        """Omit the many-to-many rows between items and groups from the list: they have no name that people know."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        joins = Item.option_groups.through._meta
        counts.pop(str(joins.verbose_name_plural), None)
        return _without(deleted, f"{capfirst(joins.verbose_name)}: "), counts, perms_needed, protected

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": MergingForm} | kwargs)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, **{"formset": MergingFormSet} | kwargs)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        message = super().construct_change_message(request, form, formsets, add)
        request.stores_nothing = not message  # type: ignore[attr-defined]
        return message

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        """Replace Django's success message by "Nothing was changed." when nothing was stored."""
        if level == messages.SUCCESS and getattr(request, "stores_nothing", False):
            level, message = messages.INFO, _("Nothing was changed.")
        super().message_user(request, message, level, extra_tags, fail_silently)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            form.save_changes()
        else:
            obj.save()


def _without(rows: list[Any], beginning: str) -> list[Any]:
    """Return nested lists of lines without those that start with `beginning`, and without lists left empty."""
    kept = [_without(row, beginning) if isinstance(row, list) else row for row in rows]
    return [row for row in kept if row != [] and not (isinstance(row, str) and row.startswith(beginning))]


def _in_turn(request: HttpRequest) -> AbstractContextManager[None]:
    return menu_write_lock() if request.method == "POST" else nullcontext()
