"""Settings: as with_cacheops_page, with cacheops' own guard: keep nothing that was invalidated while it was made."""

from bench.cache_comparison.variants.with_cacheops_page import *  # noqa: F403

KEEP_FRESH = True
