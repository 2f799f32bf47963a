"""Settings: the café by Django alone, its menu page under Django's `cache_page`."""

from bench.variants.django_alone import *  # noqa: F403

ROOT_URLCONF = "bench.variants.urls_cache_page"
