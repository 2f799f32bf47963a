"""Settings: the café on plain Django, its queries cached by django-cachalot with its defaults (no timeout)."""

from bench.cache_comparison.variants.django_alone import *  # noqa: F403
from bench.cache_comparison.variants.django_alone import INSTALLED_APPS as CAFE_APPS

INSTALLED_APPS = [*CAFE_APPS, "cachalot"]
