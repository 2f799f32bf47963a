"""Settings: with_cacheops_page plus cacheops' own race guard: do not cache a result invalidated during its build."""

from bench.cache_comparison.variants.with_cacheops_page import *  # noqa: F403

KEEP_FRESH = True
