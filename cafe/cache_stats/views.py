"""The page /admin/cache/: hits and misses of every cache in the last hour, in all instances, and its state."""

from dataclasses import dataclass
from os import getpid

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cafe.cache_stats.chart import Chart, chart_of
from cafe.cache_stats.last_hour import CacheHour, in_order, last_hour, overview_of
from cafe.cache_stats.recorder import CacheState, Counts, cache_state_of, counts_of, instance_name
from cafe.caching.cached_value import STALE_AFTER_S
from cafe.caching.counters import METERS

REFRESH_S = 30

# For each cache, by its name: the title and the description on the page.
WORDS = {
    "pages": (
        gettext_lazy("Ready pages"),
        gettext_lazy(
            "Public pages as finished bytes in each process, ahead of Django. A page is made once for each menu."
        ),
    ),
    "menu": (
        gettext_lazy("The menu"),
        gettext_lazy(
            "What is sold, held by each process and shared through Redis. A build reads it from the database."
        ),
    ),
    "orders": (
        gettext_lazy("Newest orders"),
        gettext_lazy("The newest orders as programs read them, kept in Redis for two seconds."),
    ),
}


@dataclass(frozen=True)
class Section:
    """One cache on the page. `version_here` is the database's version of it; "" when that is not known."""

    hour: CacheHour
    title: str | Promise
    about: str | Promise
    chart: Chart
    version_here: str

    @property
    def has_versions(self) -> bool:
        return any(instance.standing and instance.standing.version for instance in self.hour.instances)

    @property
    def is_mixed(self) -> bool:
        """True when an instance last reported another version than the database has now."""
        shown = {instance.standing.version for instance in self.hour.instances if instance.standing}
        return bool(self.version_here) and shown != {self.version_here}


@dataclass(frozen=True)
class Here:
    """One cache in the process that renders this page."""

    name: str
    counts: Counts
    standing: CacheState


@require_safe
def caches(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("cafe.view_cacheminute"):
        raise PermissionDenied
    hours = last_hour(timezone.now())
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,  # the tables need the width
        "title": _("Caches"),
        "sections": list(map(_section, hours)),
        "overview": overview_of(hours),
        "program": instance_name(),
        "pid": getpid(),
        "here": [Here(name, counts_of(METERS[name]), cache_state_of(name)) for name in in_order(list(METERS))],
        "refresh_s": None if "still" in request.GET else REFRESH_S,
    }
    return render(request, "admin/cache/caches.html", context)


def _section(hour: CacheHour) -> Section:
    title, about = WORDS.get(hour.name, (hour.name, ""))
    standing = cache_state_of(hour.name)
    is_known = standing.age_s is not None and standing.age_s <= STALE_AFTER_S
    return Section(hour, title, about, chart_of(hour), standing.version if is_known else "")
