"""Settings: the café by Django alone, its queries under django-cachalot with its own defaults (no time limit)."""

from bench.cache_comparison.variants.django_alone import *  # noqa: F403
from bench.cache_comparison.variants.django_alone import INSTALLED_APPS as CAFE_APPS

INSTALLED_APPS = [*CAFE_APPS, "cachalot"]
