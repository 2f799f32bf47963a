"""Settings: the café by Django alone, its queries under django-cacheops: the menu and the stock, for an hour."""

import os

from bench.cache_comparison.variants.django_alone import *  # noqa: F403
from bench.cache_comparison.variants.django_alone import INSTALLED_APPS as CAFE_APPS

INSTALLED_APPS = [*CAFE_APPS, "cacheops"]
CACHEOPS_REDIS = os.environ["BENCH_REDIS"]
CACHEOPS = {
    "menu.*": {"ops": "all", "timeout": 3600},
    "orders.stock.ledger": {"ops": "all", "timeout": 3600},
}
