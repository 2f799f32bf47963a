"""The page /admin/cache/ as a member of staff sees it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cafe.cache_stats.last_hour import MINUTE
from cafe.cache_stats.recorder import start_of_minute
from cafe.models import CacheMinute


def wrote(program: str = "bar-1:8000", cache: str = "pages", *, minutes_ago: int = 0, **fields: Any) -> CacheMinute:
    """Write a minute's row as an instance does; `written_at` is the minute's end, or now for the current minute."""
    now = timezone.now()
    minute = start_of_minute(now) - MINUTE * minutes_ago
    written_at = min(minute + timedelta(seconds=59), now)
    fields = {"hits": 0, "misses": 0, "written_at": written_at} | fields
    return CacheMinute.objects.create(minute=minute, program=program, cache=cache, **fields)
