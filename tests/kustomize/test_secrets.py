"""bin/secrets: the generated secrets and their rotation."""

import re
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.kustomize.cluster import ROOT, Workshop


@pytest.fixture
def made(own_workshop: Callable[[], Workshop]) -> Workshop:
    workshop = own_workshop()
    workshop.make_secrets()
    return workshop


def files(workshop: Workshop) -> list[Path]:
    return sorted((workshop.kustomize / "components/generated-secret").glob("*.env"))


def values(workshop: Workshop) -> dict[str, str]:
    lines = [line for file in files(workshop) for line in file.read_text().splitlines() if not line.startswith("#")]
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


def test_a_key_is_rotated_in_two_steps_and_each_release_reads_what_its_neighbour_signs(made: Workshop) -> None:
    steps = [values(made)]
    for _ in range(4):
        made.make_secrets("rotate", "SECRET_KEY")
        steps.append(values(made))
    signs = [step["SECRET_KEY"] for step in steps]
    reads = [{step["SECRET_KEY"], *step["SECRET_KEY_FALLBACKS"].split(",")} for step in steps]
    assert [signs.index(key) for key in signs] == [0, 0, 2, 2, 4]
    for one, other in pairwise(range(5)):
        assert signs[one] in reads[other]
        assert signs[other] in reads[one]
    assert signs[0] not in reads[4]


@pytest.mark.parametrize("name", ["SECRET_KEY", "MYSQL_PASSWORD"])
def test_what_is_not_here_is_not_rotated(own_workshop: Callable[[], Workshop], name: str) -> None:
    workshop = own_workshop()
    done = subprocess.run([workshop.secrets, "rotate", name], capture_output=True, text=True)
    assert done.returncode == 1
    assert "There is no run-bin-secrets-to-make-this" in done.stderr
    assert files(workshop) == []


def test_git_ignores_them_also_while_they_are_written() -> None:
    folder = "deploy/kustomize/components/generated-secret"
    names = [f"{folder}/{name}" for name in ("run-bin-secrets-to-make-this.cafe.env", ".run-bin.cafe.env.new")]
    done = subprocess.run(["git", "check-ignore", *names], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines() == names


def test_a_rotated_password_leaves_the_others(made: Workshop) -> None:
    before = values(made)
    made.make_secrets("rotate", "MYSQL_PASSWORD")
    after = values(made)
    assert {name for name in after if after[name] != before[name]} == {"MYSQL_PASSWORD"}
