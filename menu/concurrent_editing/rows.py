"""Formsets of merging forms: those of a changelist in Django admin, and those inline in another form."""

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from menu.concurrent_editing.merge import MergingForm


class MergingFormSet(forms.BaseModelFormSet):
    """Leaves out rows that somebody else deleted; refuses the page with an error if it had changed one of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            gone = {number: form for number, form in enumerate(self.initial_forms) if form.instance._state.adding}
            self.lost_a_change = any(cast(MergingForm, form).was_changed() for form in gone.values())
            if gone:
                self._leave_out(set(gone))
            # Django's templates pair names with forms by position in the queryset, whose order may have changed.
            self._queryset = [form.instance for form in self.initial_forms]

    def clean(self) -> None:
        super().clean()
        if self.lost_a_change:
            raise ValidationError(
                _(
                    "Somebody else deleted a row that you changed; it is not here any more."
                    " Save again to keep your other changes."
                )
            )

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        form.save_changes()
        return obj

    def _leave_out(self, gone: set[int]) -> None:
        """Rewrite the POST data as a page without these rows would have sent it: renumbered rows, lower counts."""
        of_a_row = re.compile(rf"((?:initial-)?{re.escape(str(self.prefix))}-)([0-9]{{1,4}})(-.+)")
        rest = QueryDict(mutable=True)
        for key, values in cast(QueryDict, self.data).lists():
            found = of_a_row.fullmatch(key)
            if not found:
                rest.setlist(key, values)
            elif (number := int(found[2])) not in gone:
                number -= sum(other < number for other in gone)
                rest.setlist(f"{found[1]}{number}{found[3]}", values)
        counts: dict[str, Any] = self.management_form.cleaned_data
        for count in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT):
            rest[f"{self.prefix}-{count}"] = str(counts[count] - len(gone))
        self.data = rest
        del self.forms, self.management_form
