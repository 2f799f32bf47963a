"""Merging of concurrent edits: each manager's POST writes the fields that this manager changed, and no others.

Each field of a changed form has three values: *shown* (what the page displayed, repeated in a hidden input),
*submitted* (what the POST sends), and *current* (the database's, `initial`).

1. submitted = shown: the sender did not edit this field. The current value is kept.
2. submitted ≠ shown, and current = shown or current = submitted: the submitted value is written.
3. All three differ: two managers edited the field. It is refused with an error that gives the current value. The page
   that shows the error has the current value as its new *shown*, so saving again overwrites it, now knowingly.

A multiple choice merges instead: what the sender added is added to the current choices, what they removed is removed.

A POST without the hidden inputs (an API client's) is compared with the current values, as Django does for every form.
The merge needs a lock, so that no row changes between the comparison and the write: see `menu.versioning.lock`.
"""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _


class MergingField(BoundField):
    """A bound field: `shown`, current (`initial`), submitted (`super().data`), and their merge (`data`)."""

    @cached_property
    def shown(self) -> Any:
        """The value that the page showed; the database's value if the POST has no hidden input for it."""
        if self.html_initial_name not in self.form.data:
            return self.initial
        widget = self.field.hidden_widget()
        shown = widget.value_from_datadict(self.form.data, self.form.files, self.html_initial_name)
        if self.is_multiple_choice:
            return [key for key in shown if key]
        if isinstance(self.field, forms.ModelChoiceField):
            return shown  # a primary key, whose row may have been deleted
        try:
            return self.field.to_python(shown)
        except ValidationError:
            return shown

    @property
    def data(self) -> Any:
        """The submitted value if it differs from the shown one, else the current; a multiple choice is merged."""
        if not self.field.show_hidden_initial:
            return super().data
        if self.is_multiple_choice:
            return self._merged(super().data)
        return super().data if self._has_changed() else self.field.prepare_value(self.initial)

    @property
    def is_multiple_choice(self) -> bool:
        return isinstance(self.field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField)

    @property
    def was_changed_by_both(self) -> bool:
        """True if shown, submitted and current value all differ. A multiple choice is merged instead."""
        if self.is_multiple_choice or not self._has_changed():
            return False
        changed = self.field.has_changed
        return changed(self.initial, self.shown) and changed(self.initial, super().data)

    def confirmation_error(self) -> ValidationError | None:
        """Return an error that asks to confirm the sent value before it is written; None writes it without asking."""
        return None

    def as_hidden(self, attrs: Any = None, **kwargs: Any) -> Any:
        """Render the current value as hidden input, also in a refused form, where Django repeats the shown."""
        if not kwargs.get("only_initial"):
            return super().as_hidden(attrs, **kwargs)
        current = self.field.prepare_value(self.initial)
        # Without this empty input, the POST of a page with nothing chosen would look like one without hidden inputs.
        is_empty_choice = self.is_multiple_choice and not current
        widget, attrs = self.field.hidden_widget(), {"id": self.html_initial_id}
        return widget.render(self.html_initial_name, [""] if is_empty_choice else current, attrs, self.form.renderer)

    def _has_changed(self) -> bool:
        return self.field.has_changed(self.shown, super().data)

    def _merged(self, submitted_keys: list[str]) -> list[str]:
        keys = (self.field.prepare_value(chosen) for chosen in (submitted_keys, self.shown, self.initial))
        submitted, shown, current = (set(map(str, chosen)) for chosen in keys)
        return sorted((current | (submitted - shown)) - (shown - submitted))


class MergingForm(forms.ModelForm):
    """A form that writes only the fields whose submitted value differs from the shown one (`save_changes`)."""

    bound_field_class = MergingField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = self._columns()
        for name, field in self.fields.items():
            field.show_hidden_initial = name in columns and not self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in self._model_fields():
            if field.was_changed_by_both:
                self.add_error(field.name, self._changed_by_both(field.name))
            elif error := field.confirmation_error():
                self.add_error(field.name, error)
        return cleaned

    def save_changes(self) -> None:
        """UPDATE the columns that the sender changed, and no others."""
        columns = {field.name for field in self.instance._meta.concrete_fields if field.name in self.base_fields}
        self.instance.save(update_fields=columns.intersection(self.changed_data))

    def was_changed(self) -> bool:
        """True if the sender changed a field of the row (which may be deleted). A tick to delete is no change."""
        return any(field._has_changed() for field in self._model_fields())

    def _model_fields(self) -> list[MergingField]:
        columns = self._columns()
        return [cast(MergingField, self[name]) for name in self.base_fields if name in columns]

    def _columns(self) -> set[str]:
        """Return the names of the model's fields; a form may have other fields, such as a reason."""
        return {field.name for field in self.instance._meta.get_fields()}

    def _changed_by_both(self, name: str) -> ValidationError:
        now = getattr(self.instance, f"get_{name}_display", lambda: getattr(self.instance, name))()
        message = _(
            "Somebody else changed this meanwhile; it is %(now)s now."
            " Save again to make it yours, or enter what it should be."
        )
        return ValidationError(message, "changed_by_both", {"now": "–" if now in (None, "") else now})
