"""A photo of an item."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from menu.fields import AsciiKeyField
from menu.versioning.querysets import MenuModel


class Picture(MenuModel):
    """An uploaded photo, re-encoded by `menu.photos.storage.keep_picture`; immutable, named by its content's hash."""

    content_hash = AsciiKeyField(_("content hash"), max_length=64, unique=True, editable=False)
    content = models.BinaryField(_("content"))
    small = models.BinaryField(_("small"), null=True)  # for a card; None if stored by a release without this size
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
