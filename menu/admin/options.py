"""The admin pages of option groups and their options."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.template.defaultfilters import yesno
from django.utils.translation import gettext_lazy as _

from menu.admin.availability import FormWithReason, RecordingAdmin, RowsWithReason
from menu.admin.dietary import ContentsForm
from menu.concurrent_editing.admin import MergingAdmin
from menu.models import Option, OptionGroup


class OptionFormSet(RowsWithReason, forms.BaseInlineFormSet):
    """Refuses a group with fewer options than its `min_choices`, or more defaults than its `max_choices`."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        kept += self.added_meanwhile()
        least, most = self.instance.min_choices or 0, self.instance.max_choices or 1
        if len(kept) < least:
            raise ValidationError(
                _("The group asks for %(least)s choices, but has fewer options.") % {"least": least}
            )
        if sum(bool(option.get("is_default")) for option in kept) > most:
            raise ValidationError(_("There are more defaults than one may choose (%(most)s).") % {"most": most})

    def added_meanwhile(self) -> list[dict[str, Any]]:
        """Return the options of the group that somebody else added after this page was rendered."""
        known = [form.instance.pk for form in self.initial_forms]
        return list(self.queryset.exclude(pk__in=known).values()) if self.queryset is not None else []


class OptionInline(admin.StackedInline):
    model = Option
    form = ContentsForm
    formset = OptionFormSet
    formfield_overrides = MergingAdmin.formfield_overrides
    extra = 1
    fields = [
        ("name_zh_hans", "name_en"),
        ("price_delta", "position", "is_available", "is_default"),
        "drawing_effect",
        "allergens",
        "allergens_are_stated",
        "diets",
    ]


class OptionGroupForm(FormWithReason):
    """Its reason is recorded with the changes of the group's inline options."""


@admin.register(OptionGroup)
class OptionGroupAdmin(RecordingAdmin):
    form = OptionGroupForm
    list_display = ["name_zh_hans", "name_en", "note", "min_choices", "max_choices", "adds_food", "position"]
    list_editable = ["position"]
    search_fields = ["name_en", "name_zh_hans", "note"]
    inlines = [OptionInline]

    @admin.display(description=_("adds ingredients"), ordering="adds_ingredients")
    def adds_food(self, group: OptionGroup) -> str:
        return str(yesno(group.adds_ingredients))
