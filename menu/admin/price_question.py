"""The confirmation page for all unlikely prices of a save, in place of Django's form with errors."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from menu.money import money
from menu.price_fields import CONFIRMED, UNLIKELY, PriceBoundField

LOOK_AGAIN = "_look_again"
NOT_REPEATED = {"csrfmiddlewaretoken", CONFIRMED, LOOK_AGAIN}


@dataclass(frozen=True)
class PriceChange:
    name: str
    old: str
    new: str
    key: str


def asked_instead(request: HttpRequest, response: HttpResponse, site: dict[str, Any]) -> HttpResponse:
    """Return the confirmation page when unlikely prices are the only errors of a form, else `response`.

    The page resubmits the same form: one button confirms exactly the changes shown, another goes back to the form as
    it was typed. Nothing has been written so far.
    """
    context = getattr(response, "context_data", None) or {}
    forms_sent = list(_forms_in(context))
    errors = [error for one in forms_sent for error in _errors_of(one)]
    if LOOK_AGAIN in request.POST or not errors or any(error.code != UNLIKELY for error in errors):
        return response
    changes = [change for one in forms_sent if isinstance(one, forms.ModelForm) for change in _changes_in(one)]
    answered = request.POST.get(CONFIRMED, "").split()  # on an earlier confirmation page: those are not asked again
    page = site | {
        "title": _("Are these prices right?"),
        "opts": context["opts"],
        "changes": changes,
        "confirmed": (CONFIRMED, " ".join([*answered, *(change.key for change in changes)])),
        "look_again": LOOK_AGAIN,
        "sent": [
            (name, value) for name, values in request.POST.lists() for value in values if name not in NOT_REPEATED
        ],
    }
    return render(request, "admin/menu/price_question.html", page)


def _forms_in(context: dict[str, Any]) -> Iterator[forms.BaseForm | forms.BaseFormSet]:
    """Yield the bound forms and formsets of a page of Django admin."""
    formsets = [inline.formset for inline in context.get("inline_admin_formsets", ())]
    if context.get("cl") and context["cl"].formset:
        formsets.append(context["cl"].formset)
    if context.get("adminform"):
        yield context["adminform"].form
    for formset in formsets:
        yield formset
        yield from (
            form for form in formset.forms if form not in (formset.deleted_forms if formset.can_delete else ())
        )


def _errors_of(sent: forms.BaseForm | forms.BaseFormSet) -> list[ValidationError]:
    if not sent.is_bound:
        return []
    if isinstance(sent, forms.BaseFormSet):
        return sent.non_form_errors().as_data()
    return [error for errors in sent.errors.as_data().values() for error in errors]


def _changes_in(form: forms.ModelForm) -> Iterator[PriceChange]:
    for name, errors in form.errors.as_data().items():
        field = form[name] if name in form.fields else None
        if isinstance(field, PriceBoundField) and any(error.code == UNLIKELY for error in errors):
            new = cast(Decimal, field.field.to_python(field.data))
            yield PriceChange(str(form.instance), money(field.initial), money(new), field.change_key(new))
