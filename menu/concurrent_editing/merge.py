"""Merging of concurrent edits: each manager's POST writes the fields that this manager changed, and no others.

1. A page repeats in hidden inputs what every field showed, so a POST tells what its sender changed.
2. A field that the sender left unchanged takes the database's value, whatever the page showed.
3. A field that somebody else changed meanwhile is refused with an error on the field. The error and the hidden input
   then give the database's value, so that pressing "save" again is a decision.

A POST without the hidden inputs (an API client's) is compared with the database, as everywhere in Django. The merge
needs a lock, so that no row changes between the comparison and the write: see `menu.versioning.lock`.
"""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _


class MergingField(BoundField):
    """A bound field with the value that its page showed (`shown`), and the database's value (`initial`)."""

    @cached_property
    def shown(self) -> Any:
        """The value that the page showed; the database's value if the POST has no hidden input for it."""
        if self.html_initial_name not in self.form.data:
            return self.initial
        widget = self.field.hidden_widget()
        shown = widget.value_from_datadict(self.form.data, self.form.files, self.html_initial_name)
        if self.is_set:
            return [key for key in shown if key]
        if isinstance(self.field, forms.ModelChoiceField):
            return shown  # a primary key, whose row may have been deleted
        try:
            return self.field.to_python(shown)
        except ValidationError:
            return shown

    @property
    def data(self) -> Any:
        """The sent value if the page changed it, else the database's value; for a set, both changes merged."""
        if not self.field.show_hidden_initial:
            return super().data
        if self.is_set:
            return self._merged(super().data)
        return super().data if self._has_changed() else self.field.prepare_value(self.initial)

    @property
    def is_set(self) -> bool:
        return isinstance(self.field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField)

    @property
    def was_changed_by_both(self) -> bool:
        """True if page and database both changed the shown value, each to another one. Sets are merged instead."""
        if self.is_set or not self._has_changed():
            return False
        changed = self.field.has_changed
        return changed(self.initial, self.shown) and changed(self.initial, super().data)

    def question(self) -> ValidationError | None:
        """Return the question to confirm before the sent value is written, or None to write it without asking."""
        return None

    def as_hidden(self, attrs: Any = None, **kwargs: Any) -> Any:
        """Render the database's value as hidden input, also in a refused form, where Django repeats the sent one."""
        if not kwargs.get("only_initial"):
            return super().as_hidden(attrs, **kwargs)
        shown = self.field.prepare_value(self.initial)
        is_empty_set = self.is_set and not shown  # with no input, the POST would seem to have no hidden inputs
        widget, attrs = self.field.hidden_widget(), {"id": self.html_initial_id}
        return widget.render(self.html_initial_name, [""] if is_empty_set else shown, attrs, self.form.renderer)

    def _has_changed(self) -> bool:
        return self.field.has_changed(self.shown, super().data)

    def _merged(self, posted: list[str]) -> list[str]:
        keys = (self.field.prepare_value(chosen) for chosen in (posted, self.shown, self.initial))
        sent, shown, now = (set(map(str, chosen)) for chosen in keys)
        return sorted((now | (sent - shown)) - (shown - sent))


class MergingForm(forms.ModelForm):
    """A form that writes only what was changed on its page; `save_changes` does so for an existing row."""

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
            elif question := field.question():
                self.add_error(field.name, question)
        return cleaned

    def save_changes(self) -> None:
        """Write the columns that were changed on the page, and none of the instance's other values."""
        columns = {field.name for field in self.instance._meta.concrete_fields if field.name in self.base_fields}
        self.instance.save(update_fields=columns.intersection(self.changed_data))

    def was_changed(self) -> bool:
        """True if the page changed a field of the row (which may be gone by now). A tick to delete is no change."""
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
