"""Settings: the café on plain Django, its menu and stock queries cached by django-cacheops for an hour."""

import os

from bench.cache_comparison.variants.django_alone import *  # noqa: F403
from bench.cache_comparison.variants.django_alone import INSTALLED_APPS as CAFE_APPS

INSTALLED_APPS = [*CAFE_APPS, "cacheops"]
CACHEOPS_REDIS = os.environ["BENCH_REDIS"]
CACHEOPS = {
    "menu.*": {"ops": "all", "timeout": 3600},
    "orders.stock.ledger": {"ops": "all", "timeout": 3600},
}
