"""A category of the menu."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from menu.fields import AsciiSlugField, translated
from menu.versioning.querysets import MenuModel


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
