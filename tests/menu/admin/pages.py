"""The menu's admin pages, opened and saved by a manager or a barista."""

from typing import Any

from django.http import HttpResponse

from menu.models import Category, Item, Option, OptionGroup, Picture

MODELS = ["category", "item", "optiongroup", "picture"]


def every_row() -> dict[str, Any]:
    models = (Category, Item, OptionGroup, Option, Picture)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def inputs(page: HttpResponse, form_id: str) -> dict[str, Any]:
    """Return what the admin form of a page sends when nothing was changed."""
    sent: dict[str, Any] = {}
    context = page.context["cl"].formset if form_id == "changelist-form" else None
    forms = [*context.forms, context.management_form] if context else []
    if not context:
        forms = [page.context["adminform"].form]
        for inline in page.context["inline_admin_formsets"]:
            forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            sent[bound.html_name] = [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
    return sent
