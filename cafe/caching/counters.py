"""Counters of what the caches of this process did."""

import threading


class Meter:
    """Counts what one cache of this process did, for `/api/cache/stats` and `/admin/cache/`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hits = self.misses = self.builds = 0
        self._lock = threading.Lock()
        METERS[name] = self

    def count(self, *, hits: int = 0, misses: int = 0, builds: int = 0) -> None:
        with self._lock:
            self.hits += hits
            self.misses += misses
            self.builds += builds

    def stats(self) -> dict[str, float]:
        asked = self.hits + self.misses
        return {
            "hits": self.hits,
            "misses": self.misses,
            "hit_ratio": round(self.hits / asked, 4) if asked else 0.0,
        }


METERS: dict[str, Meter] = {}
