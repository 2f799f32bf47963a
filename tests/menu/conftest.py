from pathlib import Path

import pytest

from menu.photos import encoder_process


@pytest.fixture(autouse=True)
def _a_slot_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own encoder lock, and the encoder 60 seconds."""
    # Parallel tests upload photos too, and on a busy machine an encoder takes longer.
    monkeypatch.setattr(encoder_process, "LOCK_FILE", tmp_path / "photo.lock")
    monkeypatch.setattr(encoder_process, "MAX_ENCODING_S", 60)
