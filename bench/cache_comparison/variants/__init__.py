"""The variants of serving the menu page that `bench.cache` compares: WSGI application, settings, Redis database."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    name: str
    title: str
    application: str
    settings: str
    redis_db: int

    @property
    def needs_libraries(self) -> bool:
        return "cachalot" in self.settings or "cacheops" in self.settings


def _alone(name: str, title: str, settings: str, redis_db: int) -> Variant:
    return Variant(
        name,
        title,
        "bench.cache_comparison.variants.wsgi:application",
        f"bench.cache_comparison.variants.{settings}",
        redis_db,
    )


NO_CACHE = _alone("no cache", "no cache", "django_alone", 1)
CACHE_PAGE = _alone("cache_page", "Django's `cache_page(60)`", "with_cache_page", 2)
CACHALOT = _alone("cachalot", "django-cachalot (queries)", "with_cachalot", 3)
CACHEOPS = _alone("cacheops", "django-cacheops (queries)", "with_cacheops", 4)
CACHEOPS_PAGE = _alone("cacheops page", "django-cacheops, `cached_view_as`", "with_cacheops_page", 5)
CACHEOPS_FRESH = _alone("cacheops fresh", "… with `keep_fresh=True`", "with_cacheops_fresh", 6)
OURS = Variant("ours", "ours", "cafe.wsgi:application", "cafe.settings", 0)
BARE = Variant(
    "bare", "gunicorn alone, a constant", "bench.cache_comparison.variants.bare:application", "cafe.settings", 0
)

SERVING = (NO_CACHE, CACHE_PAGE, CACHALOT, CACHEOPS, CACHEOPS_PAGE, OURS)
COLLIDING = (CACHALOT, CACHEOPS, CACHEOPS_PAGE, CACHEOPS_FRESH, OURS)
EVERY = (BARE, NO_CACHE, CACHE_PAGE, CACHALOT, CACHEOPS, CACHEOPS_PAGE, CACHEOPS_FRESH, OURS)
