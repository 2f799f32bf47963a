"""Model fields and properties that the models of both apps share."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import get_language

from menu.text import clean_text

# The suffix of each language's columns. A language without columns of its own names another's (docs/languages.md).
LANGUAGE_SUFFIXES = {"en": "en", "zh-hans": "zh_hans"}


def translated(field: str) -> Any:
    """Return a property that reads `<field>_<active language>`, another language when that one is empty.

    Setting it fills both languages, so a constructor and `create()` take `name=…`.
    """

    def read(row: models.Model) -> str:
        return in_language(row, field, get_language())

    def write(row: models.Model, value: str) -> None:
        for suffix in LANGUAGE_SUFFIXES.values():
            setattr(row, f"{field}_{suffix}", value)

    return property(read, write)


def in_language(row: Any, field: str, language: str | None) -> str:
    """Return `<field>` of a row (or of a snapshot's record) in `language`, else in one that is not empty."""
    suffix = LANGUAGE_SUFFIXES.get(language or "", "zh_hans")
    own: str = getattr(row, f"{field}_{suffix}")
    if own:
        return own
    return next(filter(None, (getattr(row, f"{field}_{other}") for other in LANGUAGE_SUFFIXES.values())), "")


class CleanTextField(forms.CharField):
    """A form field for a line of text, cleaned by `clean_text`; its length limits apply to the cleaned text."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value if value in self.empty_values else clean_text(value, is_required=self.required)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare with the cleaned initial value: cleaning a text stored by an earlier release is no change."""
        with suppress(ValidationError):
            initial = self.to_python(initial)
        return super().has_changed(initial, data)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Double `maxlength`: browsers count UTF-16 units, up to two a character, and cut pasted text silently."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        if self.max_length is not None and "maxlength" in attrs:
            attrs["maxlength"] = str(2 * self.max_length)
        return attrs


class KeysField(forms.MultipleChoiceField):
    """Checkboxes for a text column of keys separated by blanks, which are stored in the order of the choices."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(choices=list(choices.items()), required=False, **kwargs)
        self.keys = list(choices)

    def prepare_value(self, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value or []

    def clean(self, value: Any) -> Any:
        ticked = super().clean(value)
        return " ".join(key for key in self.keys if key in ticked)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), self.prepare_value(data))


class _BinaryAscii:
    """Sets a binary collation: the default one of MariaDB and MySQL would take `ABC` and `abc` for one key.

    The character set stays the connection's: an ascii column could not even be compared with 拿铁 (error 1267).
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters: dict[str, Any] = super().db_parameters(connection)  # type: ignore[misc]
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class AsciiKeyField(_BinaryAscii, models.CharField):
    """A case-sensitive key of ASCII characters."""


class AsciiSlugField(_BinaryAscii, models.SlugField):
    """A case-sensitive slug."""
