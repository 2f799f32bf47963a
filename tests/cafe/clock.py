"""A test clock, for code that reads `timezone.now()`."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone


class Clock:
    """A clock that starts at the real time; `forward` advances it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now, self._ahead = timezone.now, timedelta()
        monkeypatch.setattr(timezone, "now", self.now)

    def now(self) -> datetime:
        return self._now() + self._ahead

    def forward(self, **time: float) -> None:
        self._ahead += timedelta(**time)
