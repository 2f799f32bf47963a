"""What the café sells. The rules stand in the database; forms only say them more kindly."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from menu.availability.history import AvailabilityChange
from menu.derived_fields import DerivedModel, DerivedQuerySet, NameKeyField, PinyinField, name_key
from menu.dietary.info import Contents, contradictions, validate_allergens, validate_diets
from menu.drawing import effects as drawing_effects
from menu.drawing.cutaway import GARNISHES, GLASSES, parse_layers
from menu.fields import AsciiKeyField, AsciiSlugField, translated
from menu.versioning.querysets import MenuModel, MenuVersion

__all__ = ["AvailabilityChange", "Category", "Item", "MenuVersion", "Option", "OptionGroup", "Picture"]

MOST_PER_ORDER = 99


def validate_layers(text: str) -> None:
    try:
        parse_layers(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


# Functions, so that a new drawing needs no migration.


def glasses() -> Sequence[tuple[str, Any]]:
    return GLASSES


def garnishes() -> Sequence[tuple[str, Any]]:
    return GARNISHES


def effects() -> Sequence[tuple[Any, Any]]:
    return drawing_effects.choices()


class WithContents(MenuModel):
    """Something to eat or drink, or what is added to it (`menu.dietary.info`)."""

    # Old programs, which do not know these columns, may still add a row while a release goes out.
    allergens = models.CharField(
        _("allergens"), max_length=150, blank=True, default="", db_default="", validators=[validate_allergens]
    )
    allergens_are_stated = models.BooleanField(
        _("this list of allergens is complete"),
        default=False,
        db_default=False,
        help_text=_("Off: we say that we do not know, and never that it is free of something."),
    )
    diets = models.CharField(
        _("suits these diets"),
        max_length=60,
        blank=True,
        default="",
        db_default="",
        validators=[validate_diets],
    )

    class Meta(MenuModel.Meta):
        abstract = True

    @property
    def contents(self) -> Contents:
        return Contents(self.allergens, self.allergens_are_stated, self.diets)

    def clean(self) -> None:
        super().clean()
        found = contradictions(self.allergens, self.diets)
        if found:
            raise ValidationError({"diets": found})


class Category(MenuModel):
    class Tint(models.TextChoices):
        PAPER = "paper", _("paper")
        CLAY = "clay", _("clay")
        LEAF = "leaf", _("leaf")
        SKY = "sky", _("sky")
        SAND = "sand", _("sand")
        ROSE = "rose", _("rose")

    slug = AsciiSlugField(_("slug"), max_length=50, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=60)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    tint = models.CharField(
        _("tile tint"),
        max_length=10,
        choices=Tint.choices,
        default=Tint.PAPER,
        help_text=_("Behind the pictures."),
    )

    name = translated("name")

    class Meta(MenuModel.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Picture(MenuModel):
    """An uploaded photo, re-encoded by `menu.photos.storage.keep_picture`; immutable, named by its content's hash."""

    content_hash = AsciiKeyField(_("content hash"), max_length=64, unique=True, editable=False)
    content = models.BinaryField(_("content"))
    small = models.BinaryField(_("small"), null=True)  # for a card; None was kept by a release that knew of none
    width = models.PositiveSmallIntegerField(_("width"), help_text=_("pixels"))
    height = models.PositiveSmallIntegerField(_("height"), help_text=_("pixels"))
    title = models.CharField(_("title"), max_length=80, blank=True, help_text=_("For staff, to find it again."))
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta(MenuModel.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-added_at", "-id"]

    def __str__(self) -> str:
        return self.title or self.content_hash[:12]


class OptionGroup(MenuModel):
    name_en = models.CharField(_("name (English)"), max_length=60)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    note = models.CharField(
        _("note"), max_length=60, blank=True, help_text=_("For staff: tells groups of the same name apart.")
    )
    min_choices = models.PositiveSmallIntegerField(
        _("choices at least"), default=0, help_text=_("1 or more: the customer has to choose.")
    )
    max_choices = models.PositiveSmallIntegerField(_("choices at most"), default=1, validators=[MinValueValidator(1)])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    adds_ingredients = models.BooleanField(
        _("adds ingredients"),
        default=True,
        db_default=True,
        help_text=_("Off for sizes, temperature and the like: such a choice changes no allergen and no diet."),
    )

    name = translated("name")

    class Meta(MenuModel.Meta):
        verbose_name = _("option group")
        verbose_name_plural = _("option groups")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_choices__gte=1) & Q(max_choices__gte=F("min_choices")),
                name="option_group_min_up_to_max",
                violation_error_message=_("“At most” must be 1 or more, and not below “at least”."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.note})" if self.note else self.name


class Option(WithContents):
    group = models.ForeignKey(OptionGroup, models.CASCADE, related_name="options", verbose_name=_("group"))
    name_en = models.CharField(_("name (English)"), max_length=60)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    price_delta = models.DecimalField(_("price difference"), max_digits=8, decimal_places=2, default=Decimal(0))
    is_available = models.BooleanField(_("available"), default=True)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Chosen at first; costs nothing extra.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # The database's own default: programs of the release before write rows too while they are replaced.
    drawing_effect = models.CharField(
        _("effect on the drawing"),
        max_length=30,
        blank=True,
        default="",
        db_default="",
        choices=effects,
        help_text=_("What choosing it changes in the drawing on the item's page."),
    )

    name = translated("name")

    class Meta(MenuModel.Meta):
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(price_delta=0),
                name="option_default_costs_nothing",
                violation_error_message=_("A default option costs nothing extra."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ItemQuerySet(DerivedQuerySet["Item"]):
    def on_menu(self) -> "ItemQuerySet":
        """Those a customer sees, sold out or not."""
        return self.filter(is_listed=True)


def may_be_called(names: Collection[str], keys: Collection[str]) -> Q:
    """Return the condition for items that may have one of these names; `Item.is_called` tells which of them do.

    A row that raw SQL or the release before has written is found by its plain name, which databases compare loosely.
    """
    by_key = Q(name_en_key__in=keys) | Q(name_zh_hans_key__in=keys)
    return by_key | Q(name_en__in=names) | Q(name_zh_hans__in=names)


class Item(WithContents, DerivedModel):
    category = models.ForeignKey(Category, models.PROTECT, related_name="items", verbose_name=_("category"))
    slug = AsciiSlugField(_("slug"), max_length=60, unique=True)
    # Programs order by name.
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
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_ORDER)],
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
                condition=Q(max_per_order__gte=1, max_per_order__lte=MOST_PER_ORDER),
                name="item_max_per_order_in_range",
            ),
        ]

    def is_called(self, key: str) -> bool:
        """True if one of its names has this key (`menu.derived_fields.name_key`)."""
        return key in (name_key(self.name_en), name_key(self.name_zh_hans))

    def __str__(self) -> str:
        return self.name
