"""bin/secrets."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kustomize.cluster import Workshop


@pytest.fixture
def made(own_workshop: Callable[[], Workshop]) -> Workshop:
    workshop = own_workshop()
    workshop.make_secrets()
    return workshop


def files(workshop: Workshop) -> list[Path]:
    return sorted((workshop.kustomize / "components/generated-secret").glob("*.env"))


def values(workshop: Workshop) -> dict[str, str]:
    lines = [line for file in files(workshop) for line in file.read_text().splitlines()]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def test_strong_values_are_written_for_their_owner_alone(made: Workshop) -> None:
    found = values(made)
    assert found.keys() == {"MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD", "SECRET_KEY", "SECRET_KEY_FALLBACKS"}
    assert re.fullmatch(r"\w{40}", found["MYSQL_PASSWORD"])
    assert re.fullmatch(r"\w{64}", found["SECRET_KEY"])
    assert found["MYSQL_PASSWORD"] != found["MYSQL_ROOT_PASSWORD"]
    assert [file.stat().st_mode & 0o777 for file in files(made)] == [0o600, 0o600]


def test_what_is_there_stays(made: Workshop) -> None:
    before = values(made)
    made.make_secrets()
    assert values(made) == before


def test_a_rotated_key_still_opens_what_it_signed(made: Workshop) -> None:
    before = values(made)
    made.make_secrets("rotate", "SECRET_KEY")
    after = values(made)
    assert after["SECRET_KEY"] != before["SECRET_KEY"]
    assert after["SECRET_KEY_FALLBACKS"] == before["SECRET_KEY"]


def test_a_rotated_password_leaves_the_others(made: Workshop) -> None:
    before = values(made)
    made.make_secrets("rotate", "MYSQL_PASSWORD")
    after = values(made)
    assert {name for name in after if after[name] != before[name]} == {"MYSQL_PASSWORD"}
