"""The admin pages of categories."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from menu.concurrent_editing.admin import MergingAdmin
from menu.concurrent_editing.merge import MergingForm
from menu.dietary.allergens import WISHES
from menu.models import Category, Item

# HTML ids of the menu page (templates/base.html, menu/menu.html, components/_dietary_filters.html); slugs are too.
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
