"""Groups of options, and the options in them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from menu.drawing import effects as drawing_effects
from menu.fields import translated
from menu.models.dietary import WithContents
from menu.versioning.querysets import MenuModel


def effects() -> Sequence[tuple[Any, Any]]:
    return drawing_effects.choices()


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
    # A default in the database: during a rollout, instances of the previous release insert rows without this column.
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
