"""Derived columns, which are computed from another column of their row on every write through Django.

`save` and `bulk_create` compute them in `pre_save`, fixtures by a signal (`menu.versioning.signals`), `update` and
`bulk_update` in the queryset. Raw SQL and the previous release do not: they leave the column empty or stale until the
row is saved, and readers must handle that.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, TypeVar
from unicodedata import normalize

from django.db import models

from menu.fields import AsciiKeyField
from menu.text import INVISIBLE, VARIATION_SELECTORS
from menu.versioning.querysets import MenuModel, MenuQuerySet

M = TypeVar("M", bound=models.Model, covariant=True)

NAME_KEY_LENGTH = 32
MAX_PINYIN_LENGTH = 840  # of 120 characters: six letters and a blank each
CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

_UNSEEN = {ord(one): None for one in INVISIBLE | VARIATION_SELECTORS}


def name_key(name: str) -> str:
    """Return a key that is the same for names that are equal after NFKC and casefold, on every database.

    Accents and emoji count. The key is a digest, so that it is ASCII of a fixed length: folding can lengthen a name.
    """
    folded = normalize("NFKC", normalize("NFKC", name.translate(_UNSEEN)).casefold())
    words = " ".join(folded.split())
    return blake2b(words.encode(errors="replace"), digest_size=NAME_KEY_LENGTH // 2).hexdigest() if words else ""


def pinyin(text: str) -> str:
    """Return the syllables of a Chinese text without tones, as people type them: "yan mai bing na tie"; else ""."""
    if not CHINESE.search(text):
        return ""
    from pypinyin import lazy_pinyin  # imported here: it takes 56 MiB, and only a process that writes a name needs it

    return " ".join(re.findall("[a-z0-9]+", " ".join(lazy_pinyin(text)).lower()))[:MAX_PINYIN_LENGTH]


class DerivedField(models.Field):
    """A column that is computed from the column `source`; "" means that it is not computed yet."""

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        kwargs |= {"blank": True, "default": "", "db_default": "", "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source}

    def derive(self, value: str) -> str:
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        derived = self.derive(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, derived)
        return derived


class NameKeyField(DerivedField, AsciiKeyField):
    """The key of a name (`name_key`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"max_length": NAME_KEY_LENGTH, "db_index": True}
        super().__init__(*args, **kwargs)

    def derive(self, value: str) -> str:
        return name_key(value)


class PinyinField(DerivedField, models.CharField):
    """The pinyin of a Chinese text (`pinyin`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"max_length": MAX_PINYIN_LENGTH}
        super().__init__(*args, **kwargs)

    def derive(self, value: str) -> str:
        return pinyin(value)


def derived_fields(model: type[models.Model]) -> list[DerivedField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, DerivedField)]


def derive_all(instance: models.Model) -> None:
    for field in derived_fields(type(instance)):
        field.pre_save(instance, add=False)


class DerivedQuerySet(MenuQuerySet[M]):
    """Its `update` and `bulk_update` also write the columns derived from those that they write."""

    def update(self, **values: Any) -> int:
        """Update rows. A source set to a database expression leaves its derived columns empty until a save."""
        for field in derived_fields(self.model):
            if field.source in values and field.name not in values:
                value = values[field.source]
                values[field.name] = field.derive(value) if isinstance(value, str) else ""
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        objs, fields = list(objs), list(fields)
        for field in derived_fields(self.model):
            if field.source in fields and field.name not in fields:
                fields.append(field.name)
                for one in objs:
                    field.pre_save(one, add=False)
        return super().bulk_update(objs, fields, batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]


class DerivedModel(MenuModel):
    class Meta(MenuModel.Meta):
        abstract = True

    def save_base(self, *args: Any, **options: Any) -> None:
        """With `update_fields`, also write the columns derived from them, and derived columns not computed yet."""
        if update_fields := options.get("update_fields"):
            fields = derived_fields(type(self))
            due = {field.name for field in fields if field.source in update_fields or self._is_missing(field)}
            options["update_fields"] = frozenset({*update_fields, *due})
        super().save_base(*args, **options)

    def _is_missing(self, field: DerivedField) -> bool:
        """True if raw SQL or the previous release left a derived column empty that should have a value."""
        if self.get_deferred_fields() & {field.attname, field.source} or getattr(self, field.attname):
            return False
        return bool(field.derive(getattr(self, field.source)))
