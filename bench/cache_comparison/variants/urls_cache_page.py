"""The café's URLs, with the menu page under `cache_page` as in Django's documentation."""

from django.urls import path
from django.views.decorators.cache import cache_page

from bench.cache_comparison.variants.wsgi import without_menu
from cafe.urls import handler400, handler403, handler404, handler500
from cafe.urls import urlpatterns as of_the_cafe
from menu import views

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PAGE_S = 60

urlpatterns = [path("en/", cache_page(PAGE_S)(without_menu(views.menu))), *of_the_cafe]
