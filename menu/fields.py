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

# Which columns a language reads. A language without columns of its own names another's (docs/languages.md).
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
    """Return `<field>` of a row (or of a snapshot's record) in `language`, else in the one that is filled."""
    suffix = LANGUAGE_SUFFIXES.get(language or "", "zh_hans")
    own: str = getattr(row, f"{field}_{suffix}")
    if own:
        return own
    return next(filter(None, (getattr(row, f"{field}_{other}") for other in LANGUAGE_SUFFIXES.values())), "")


class CleanTextField(forms.CharField):
    """A line of text as `clean_text` returns it. Its limits are those of the cleaned text."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value if value in self.empty_values else clean_text(value, is_required=self.required)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Text that was kept before it was cleaned is not changed by cleaning it."""
        with suppress(ValidationError):
            initial = self.to_python(initial)
        return super().has_changed(initial, data)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Browsers count UTF-16 units, of which a character takes up to two, and cut what is pasted in silence."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        if self.max_length is not None and "maxlength" in attrs:
            attrs["maxlength"] = str(2 * self.max_length)
        return attrs


class KeysField(forms.MultipleChoiceField):
    """Boxes to tick for a model's text of keys separated by blanks; they are kept in the order of the choices."""

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
    """On MariaDB and MySQL the default collation would take `ABC` and `abc` for one key.

    The character set stays the connection's: an ascii column could not even be compared with 拿铁 (error 1267).
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters: dict[str, Any] = super().db_parameters(connection)  # type: ignore[misc]
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class AsciiKeyField(_BinaryAscii, models.CharField):
    """A key of ASCII characters that are all told apart."""


class AsciiSlugField(_BinaryAscii, models.SlugField):
    """A slug whose characters are all told apart."""
