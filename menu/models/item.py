"""An item of the menu. Database constraints enforce the rules; forms only explain them more kindly."""

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from menu.derived_fields import DerivedModel, DerivedQuerySet, NameKeyField, PinyinField, name_key
from menu.drawing.cutaway import GARNISHES, GLASSES, parse_layers
from menu.fields import AsciiSlugField, translated
from menu.models.category import Category
from menu.models.dietary import WithContents
from menu.models.option import OptionGroup
from menu.models.picture import Picture
from menu.versioning.querysets import MenuModel

MAX_PER_ORDER = 99


def validate_layers(text: str) -> None:
    try:
        parse_layers(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


# Choices are functions, so that a new glass or garnish needs no migration.


def glasses() -> Sequence[tuple[str, Any]]:
    return GLASSES


def garnishes() -> Sequence[tuple[str, Any]]:
    return GARNISHES


class ItemQuerySet(DerivedQuerySet["Item"]):
    def on_menu(self) -> "ItemQuerySet":
        """Return the items that customers see, sold out or not."""
        return self.filter(is_listed=True)


def may_be_called(names: Collection[str], keys: Collection[str]) -> Q:
    """Return the condition for items that may have one of these names; `Item.is_called` tells which of them do.

    Raw SQL and the previous release write no key; such rows are found by plain name, which databases compare loosely.
    """
    by_key = Q(name_en_key__in=keys) | Q(name_zh_hans_key__in=keys)
    return by_key | Q(name_en__in=names) | Q(name_zh_hans__in=names)


class Item(WithContents, DerivedModel):
    category = models.ForeignKey(Category, models.PROTECT, related_name="items", verbose_name=_("category"))
    slug = AsciiSlugField(_("slug"), max_length=60, unique=True)
    # API clients order by name.
    name_en = models.CharField(_("name (English)"), max_length=60, db_index=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60, db_index=True)
    name_en_key = NameKeyField(source="name_en")
    name_zh_hans_key = NameKeyField(source="name_zh_hans")
    name_pinyin = PinyinField(source="name_zh_hans")
    description_en = models.CharField(_("one line (English)"), max_length=120, blank=True)
    description_zh_hans = models.CharField(_("one line (Chinese)"), max_length=120, blank=True)
    description_pinyin = PinyinField(source="description_zh_hans")
    price = models.DecimalField(_("price"), max_digits=8, decimal_places=2, validators=[MinValueValidator(0)])
    is_listed = models.BooleanField(_("on the menu"), default=True, help_text=_("Off: customers do not see it."))
    is_available = models.BooleanField(
        _("available"), default=True, help_text=_("Off: customers see it as sold out.")
    )
    is_new = models.BooleanField(_("new"), default=False)
    prep_seconds = models.PositiveIntegerField(
        _("preparation"), default=120, help_text=_("Seconds for one."), validators=[MaxValueValidator(7200)]
    )
    max_per_order = models.PositiveSmallIntegerField(
        _("most per order"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_PER_ORDER)],
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    option_groups = models.ManyToManyField(
        OptionGroup, blank=True, related_name="items", verbose_name=_("option groups")
    )
    picture = models.ForeignKey(
        Picture,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("photo"),
        help_text=_("Replaces the drawing."),
    )
    glass = models.CharField(_("glass"), max_length=20, choices=glasses, default="cup")
    layers = models.CharField(
        _("layers"),
        max_length=120,
        blank=True,
        validators=[validate_layers],
        help_text=_("From the bottom up, each with its share: espresso 25, milk 60, foam 15"),
    )
    ice = models.BooleanField(_("ice"), default=False)
    straw = models.BooleanField(_("straw"), default=False)
    steam = models.BooleanField(_("steam"), default=False)
    garnish = models.CharField(_("garnish"), max_length=20, blank=True, choices=garnishes)

    name = translated("name")
    description = translated("description")

    objects = ItemQuerySet.as_manager()  # type: ignore[misc]

    class Meta(MenuModel.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["category__position", "category_id", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0),
                name="item_price_not_negative",
                violation_error_message=_("A price is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(max_per_order__gte=1, max_per_order__lte=MAX_PER_ORDER),
                name="item_max_per_order_in_range",
            ),
        ]

    def is_called(self, key: str) -> bool:
        """True if one of the item's names has this key (`menu.derived_fields.name_key`)."""
        return key in (name_key(self.name_en), name_key(self.name_zh_hans))

    def __str__(self) -> str:
        return self.name
