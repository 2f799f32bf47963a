"""A clock that a test moves, for what the café reads by `timezone.now()`."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone


class Clock:
    """Starts at the real time; `forward` moves it on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now, self._ahead = timezone.now, timedelta()
        monkeypatch.setattr(timezone, "now", self.now)

    def now(self) -> datetime:
        return self._now() + self._ahead

    def forward(self, **time: float) -> None:
        self._ahead += timedelta(**time)
