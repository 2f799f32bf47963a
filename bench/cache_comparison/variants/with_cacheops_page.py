"""Settings: the café on plain Django, its whole menu page, not its queries, cached by django-cacheops for an hour."""

from bench.cache_comparison.variants.with_cacheops import *  # noqa: F403

ROOT_URLCONF = "bench.cache_comparison.variants.urls_cacheops_page"
CACHEOPS = {
    "menu.*": {"ops": (), "timeout": 3600},
    "orders.stock.ledger": {"ops": (), "timeout": 3600},
}
KEEP_FRESH = False
