from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import yesno
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from menu.admin.availability import FormWithReason, RecordingAdmin, RecordingListAdmin, RowsWithReason
from menu.concurrent_editing.admin import MergingAdmin
from menu.concurrent_editing.merge import MergingForm
from menu.derived_fields import name_key
from menu.dietary.info import ALLERGENS, DIETS, WISHES
from menu.drawing.cutaway import Cutaway, draw
from menu.drawing.fills import FILL_TABLE
from menu.fields import KeysField
from menu.models import Category, Item, Option, OptionGroup, Picture, may_be_called
from menu.photos import storage
from menu.photos.forms import PictureForm

admin.site.site_header = _("Cloud Café")
admin.site.site_title = _("Cloud Café")
admin.site.index_title = _("Behind the counter")


# The menu page's own ids (templates/base.html, menu/menu.html, components/_wishes.html); slugs are ids there too.
RESERVED_IDS = {"main", "filter", *(f"wish-{wish}" for wish in WISHES)}


def heading_id(category: str) -> str:
    return f"{category}-name"


class CategoryForm(MergingForm):
    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if "slug" in self.changed_data:
            items = Item.objects.values_list("slug", flat=True)
            categories = Category.objects.exclude(pk=self.instance.pk).values_list("slug", flat=True)
            taken = {*RESERVED_IDS, *items, *map(heading_id, categories)}
            if slug in taken or heading_id(slug) in {*items, *categories}:
                raise ValidationError(_("Something else on the menu page has this name already."))
        return slug


@admin.register(Category)
class CategoryAdmin(MergingAdmin):
    form = CategoryForm
    list_display = ["name_zh_hans", "name_en", "position", "tint"]
    list_editable = ["position", "tint"]
    prepopulated_fields = {"slug": ["name_en"]}


class ContentsForm(MergingForm):
    allergens = KeysField(label=capfirst(_("allergens")), choices=ALLERGENS)
    diets = KeysField(
        label=capfirst(_("suits these diets")), choices=DIETS, help_text=_("Nothing ticked: we claim nothing.")
    )


class ItemForm(FormWithReason, ContentsForm):
    """Two items of one name: programs order by name, and customers would not know which is which."""

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
    """What of an item's form is seen in its picture."""

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
        """Answer with the picture of what a form says now, or (422) with what is wrong with it, as plain text."""
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


def _photo(picture: Picture, words: str) -> SafeString:
    address = reverse("picture", args=[picture.content_hash])
    html = '<img src="{}" class="photo" width="{}" height="{}" alt="{}">'
    return format_html(html, address, picture.width, picture.height, words)


def _picture(item: Item) -> SafeString:
    """Return what customers see of an item: its photo, or else its drawing."""
    if item.picture:
        return _photo(item.picture, "")
    cutaway = Cutaway(item.glass, item.layers, item.ice, item.straw, item.steam, item.garnish)
    return draw(cutaway, key=f"item-{item.pk or 'new'}")


class OptionFormSet(RowsWithReason, forms.BaseInlineFormSet):
    """The options of a group have to be able to keep its rule."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        kept += self.added_meanwhile()
        least, most = self.instance.min_choices or 0, self.instance.max_choices or 1
        if len(kept) < least:
            raise ValidationError(
                _("The group asks for %(least)s choices, but has fewer options.") % {"least": least}
            )
        if sum(bool(option.get("is_default")) for option in kept) > most:
            raise ValidationError(_("There are more defaults than one may choose (%(most)s).") % {"most": most})

    def added_meanwhile(self) -> list[dict[str, Any]]:
        """Return the options of the group that this page does not know, because somebody else added them."""
        known = [form.instance.pk for form in self.initial_forms]
        return list(self.queryset.exclude(pk__in=known).values()) if self.queryset is not None else []


class OptionInline(admin.StackedInline):
    model = Option
    form = ContentsForm
    formset = OptionFormSet
    formfield_overrides = MergingAdmin.formfield_overrides
    extra = 1
    fields = [
        ("name_zh_hans", "name_en"),
        ("price_delta", "position", "is_available", "is_default"),
        "drawing_effect",
        "allergens",
        "allergens_are_stated",
        "diets",
    ]


class OptionGroupForm(FormWithReason):
    """The reason is for what is changed in the options below it."""


@admin.register(OptionGroup)
class OptionGroupAdmin(RecordingAdmin):
    form = OptionGroupForm
    list_display = ["name_zh_hans", "name_en", "note", "min_choices", "max_choices", "adds_food", "position"]
    list_editable = ["position"]
    search_fields = ["name_en", "name_zh_hans", "note"]
    inlines = [OptionInline]

    @admin.display(description=_("adds ingredients"), ordering="adds_ingredients")
    def adds_food(self, group: OptionGroup) -> str:
        return str(yesno(group.adds_ingredients))


@admin.register(Picture)
class PictureAdmin(MergingAdmin):
    """Photos are added and removed, never changed: their address is the hash of their content."""

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
        """Not in turn: the others would wait while a photo is re-encoded, and a new one takes nothing from them."""
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
        return _photo(picture, picture.title)
