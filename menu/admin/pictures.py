"""The admin pages of photos."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from menu.concurrent_editing.admin import MergingAdmin
from menu.models import Picture
from menu.photos import storage
from menu.photos.forms import PictureForm


def photo(picture: Picture, words: str) -> SafeString:
    address = reverse("picture", args=[picture.content_hash])
    html = '<img src="{}" class="photo" width="{}" height="{}" alt="{}">'
    return format_html(html, address, picture.width, picture.height, words)


@admin.register(Picture)
class PictureAdmin(MergingAdmin):
    """Photos are added and deleted; their content never changes, since its hash is their URL."""

    list_display = ["shown", "title", "width", "height", "added_at"]
    list_display_links = ["shown", "title"]
    fields = ["title", "file"]
    readonly_fields = ["shown"]
    search_fields = ["title", "content_hash"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content", "small")

    def get_form(
        self, request: HttpRequest, obj: Picture | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        return super().get_form(request, obj, change, **kwargs) if obj else PictureForm

    def get_fields(self, request: HttpRequest, obj: Picture | None = None) -> Any:
        return ["shown", "title"] if obj else ["title", "file"]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add a photo without the menu's write lock: other managers would wait while a photo is re-encoded, and a new
        photo conflicts with nothing.
        """
        return admin.ModelAdmin.changeform_view(self, request, None, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Picture, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        kept = storage.keep_picture(form.encoded, title=obj.title)
        obj.pk, obj.content_hash = kept.pk, kept.content_hash
        obj._state.adding = False

    @admin.display(description=_("photo"))
    def shown(self, picture: Picture) -> SafeString:
        return photo(picture, picture.title)
