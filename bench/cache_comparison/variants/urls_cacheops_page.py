"""The café's URLs, with the menu page decorated as in django-cacheops' README, with all models that it shows."""

from cacheops import cached_view_as
from django.conf import settings
from django.urls import path

from bench.cache_comparison.variants.wsgi import without_menu
from cafe.urls import handler400, handler403, handler404, handler500
from cafe.urls import urlpatterns as of_the_cafe
from menu import views
from menu.models import Category, Item, Option, OptionGroup, Picture
from orders.models import Stock

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

SHOWN = (Item, Category, OptionGroup, Option, Item.option_groups.through, Picture, Stock)

cached = cached_view_as(*SHOWN, keep_fresh=settings.KEEP_FRESH)

urlpatterns = [path("en/", cached(without_menu(views.menu))), *of_the_cafe]
