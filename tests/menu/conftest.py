from functools import cache

import pytest
from django.core.management import call_command

from menu.catalogue.current import current_menu
from menu.catalogue.records import Menu
from menu.photos import encoder_process


@pytest.fixture(autouse=True)
def _a_slot_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each xdist worker its own encoder lock, and the encoder 60 seconds."""
    # Parallel tests upload photos too, and on a busy machine an encoder takes longer.
    monkeypatch.setattr(encoder_process, "LOCK_FILE", tmp_path_factory.getbasetemp() / "photo.lock")
    monkeypatch.setattr(encoder_process, "MAX_ENCODING_S", 60)


@pytest.fixture
def sample_menu(db: None) -> Menu:
    """The sample menu as pages show it. Its rows are in the database only during the first test that asks for it."""
    return _sample_menu()


@cache
def _sample_menu() -> Menu:
    call_command("load_sample_menu", verbosity=0)
    return current_menu()
