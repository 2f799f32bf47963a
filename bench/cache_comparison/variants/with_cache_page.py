"""Settings: the café on plain Django, its menu page under Django's `cache_page`."""

from bench.cache_comparison.variants.django_alone import *  # noqa: F403

ROOT_URLCONF = "bench.cache_comparison.variants.urls_cache_page"
