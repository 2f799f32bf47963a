"""Allergens and diets of an item or an option."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from menu.dietary.allergens import DietaryInfo, contradictions, validate_allergens, validate_diets
from menu.versioning.querysets import MenuModel


class WithContents(MenuModel):
    """Abstract base with the dietary info of an item or an option (`menu.dietary.allergens`)."""

    # Defaults in the database: during a rollout, instances of the previous release insert rows without these columns.
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
    def contents(self) -> DietaryInfo:
        return DietaryInfo(self.allergens, self.allergens_are_stated, self.diets)

    def clean(self) -> None:
        super().clean()
        found = contradictions(self.allergens, self.diets)
        if found:
            raise ValidationError({"diets": found})
