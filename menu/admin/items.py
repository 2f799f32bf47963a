"""The admin pages of items."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from menu.admin.availability import FormWithReason, RecordingListAdmin
from menu.admin.categories import RESERVED_IDS, heading_id
from menu.admin.dietary import ContentsForm
from menu.admin.pictures import photo
from menu.derived_fields import name_key
from menu.drawing.cutaway import Cutaway, draw
from menu.drawing.fills import FILL_TABLE
from menu.models import Category, Item, Picture, may_be_called


class ItemForm(FormWithReason, ContentsForm):
    """Refuses two items of one name: API clients order by name, and customers could not tell them apart."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if "slug" in self.changed_data:
            categories = Category.objects.values_list("slug", flat=True)
            if slug in {*RESERVED_IDS, *categories, *map(heading_id, categories)}:
                raise ValidationError(_("Something else on the menu page has this name already."))
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for field in ("name_en", "name_zh_hans"):
            name = cleaned.get(field)
            if name and _has_another(name, self.instance):
                self.add_error(field, _("Another item has this name."))
        return cleaned


def _has_another(name: str, item: Item) -> bool:
    key = name_key(name)
    others = Item.objects.filter(may_be_called([name], [key])).exclude(pk=item.pk)
    return any(other.is_called(key) for other in others)


class DrawingForm(forms.ModelForm):
    """The fields of an item's form that its drawing or photo depends on."""

    class Meta:
        model = Item
        fields = ["glass", "layers", "ice", "straw", "steam", "garnish", "picture"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        picture = cast(forms.ModelChoiceField, self.fields["picture"])
        picture.queryset = Picture.objects.defer("content", "small")


@admin.register(Item)
class ItemAdmin(RecordingListAdmin):
    form = ItemForm
    list_display = [
        "drawn",
        "name_zh_hans",
        "name_en",
        "category",
        "price",
        "is_available",
        "is_listed",
        "position",
    ]
    list_display_links = ["drawn", "name_zh_hans"]
    list_editable = ["price", "is_available", "is_listed", "position"]
    list_filter = ["category", "is_available", "is_listed"]
    list_select_related = ["category"]
    list_per_page = 50
    search_fields = ["name_en", "name_zh_hans", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    filter_horizontal = ["option_groups"]
    readonly_fields = ["drawn_large"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "category",
                    ("name_zh_hans", "name_en"),
                    "slug",
                    "description_zh_hans",
                    "description_en",
                ]
            },
        ),
        (
            _("Sale"),
            {"fields": ["price", ("is_available", "is_listed", "is_new"), "reason", "max_per_order", "prep_seconds"]},
        ),
        (
            _("Allergens and diets"),
            {
                "fields": ["allergens", "allergens_are_stated", "diets"],
                "description": _("Of the item itself, without what its options add: they say it of themselves."),
            },
        ),
        (_("Options"), {"fields": ["option_groups"]}),
        (
            _("Picture"),
            {"fields": ["drawn_large", "glass", "layers", ("ice", "straw", "steam"), "garnish", "picture"]},
        ),
        (_("Order on the menu"), {"fields": ["position"]}),
    ]

    class Media:
        js = [forms.Script("js/drawing-preview.js", defer=True)]

    def get_urls(self) -> list[URLPattern]:
        drawn = path("drawing/", self.admin_site.admin_view(self.draw_form), name="menu_item_drawing")
        return [drawn, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        items = super().get_queryset(request).select_related("category", "picture")
        return items.defer("picture__content", "picture__small")

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "picture":
            kwargs["queryset"] = Picture.objects.defer("content", "small")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @method_decorator(require_safe)
    def draw_form(self, request: HttpRequest) -> HttpResponse:
        """Return the picture of an unsaved form (the query string) as HTML, or 422 with its errors as plain text."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        form = DrawingForm(request.GET)
        if form.is_valid():
            return HttpResponse(_picture(form.instance))
        problems = " ".join(str(problem) for problems in form.errors.values() for problem in problems)
        return HttpResponse(problems, status=422, content_type="text/plain")

    @admin.display(description=_("picture"))
    def drawn(self, item: Item) -> SafeString:
        return format_html('<div class="drawn">{}</div>', _picture(item))

    @admin.display(description=_("as customers see it"))
    def drawn_large(self, item: Item) -> SafeString:
        fills = [(word, label, colour) for word, (label, colour) in FILL_TABLE.items()]
        preview = {"picture": _picture(item), "address": reverse("admin:menu_item_drawing"), "fills": fills}
        return render_to_string("components/_drawing_preview.html", preview)


def _picture(item: Item) -> SafeString:
    """Return what customers see of an item: its photo, or else its drawing."""
    if item.picture:
        return photo(item.picture, "")
    cutaway = Cutaway(item.glass, item.layers, item.ice, item.straw, item.steam, item.garnish)
    return draw(cutaway, key=f"item-{item.pk or 'new'}")
