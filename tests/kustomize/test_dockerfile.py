"""Run the Dockerfile step by step in roots made by debootstrap, and serve a page from the result.

It needs no image builder and no registry, but root rights and Debian's and PyPI's servers; so only --full runs it.
"""

import contextlib
import os
import re
import secrets
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis
from tests.kustomize import dockerfile, roots
from tests.kustomize.cluster import ROOT

DOCKERFILE = (ROOT / "deploy/image/Dockerfile").read_text()
with_full = pytest.mark.only_full


def served(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test of the running café, which needs its own MariaDB and Redis, for --full."""
    return with_full(pytest.mark.needs_mariadb(pytest.mark.needs_redis(test)))


def production() -> dict[str, str]:
    """Return the environment of an order-backend pod in prod, without the addresses of the cluster's servers."""
    files = [ROOT / "deploy/kustomize" / name for name in ("base/order-backend/app.env", "overlays/prod/app.env")]
    lines = [line for file in files for line in file.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines) | {"SECRET_KEY": secrets.token_hex(32)}


class ImageCafe(RunningCafe):
    """The café as a pod runs it: the image's own command and user, a read-only root, no capabilities."""

    def __init__(self, folder: Path, root: roots.Root, env: dict[str, str]) -> None:
        super().__init__(folder, {})
        self.image = root
        self.told = production() | env | {"PORT": str(self.port)}

    def command(self) -> list[str]:
        return self.image.in_a_pod(self.image.cmd, self.told)

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def manage(self, *arguments: str) -> str:
        command = self.image.in_a_pod(["python", "manage.py", *arguments], self.told)
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def _send(self, number: signal.Signals) -> None:
        """Send the signal to the first process in the root: its parent, unshare, does not forward signals."""
        assert self.process is not None
        if self.process.poll() is None:
            unshare = self.process.pid
            children = Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
            with contextlib.suppress(ProcessLookupError):  # it has just exited
                os.kill(int(children[0]) if children else unshare, number)


@pytest.fixture(scope="module")
def built() -> Iterator[dict[str, roots.Root]]:
    """The root of each stage, by name."""
    if why := roots.missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    with roots.own_folder() as folder:
        yield roots.Builder(ROOT, folder).build(DOCKERFILE)


@pytest.fixture(scope="module")
def image(built: dict[str, roots.Root]) -> roots.Root:
    """The root of the last stage: the delivered image."""
    return list(built.values())[-1]


@pytest.fixture(scope="module")
def cafe(image: roots.Root, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageCafe]:
    folder = tmp_path_factory.mktemp("image")
    mariadb, redis = MariaDB(folder / "mariadb"), Redis(folder / "redis")
    cafe = ImageCafe(folder / "cafe", image, mariadb.env() | redis.env())
    try:
        mariadb.start()
        redis.start()
        cafe.prepare()
        yield cafe.start()
    finally:
        for server in (cafe, redis, mariadb):
            server.kill()


def get(cafe: ImageCafe, path: str) -> str:
    with urllib.request.urlopen(cafe.url + path, timeout=10) as response:
        assert response.status == 200
        return str(response.read().decode())


# Parsing


def test_each_line_of_the_dockerfile_is_understood() -> None:
    stages = dockerfile.read(DOCKERFILE)
    assert [(stage.name, stage.base) for stage in stages] == [
        ("base", "debian:12-slim"),
        ("build", "base"),
        ("2", "base"),
    ]
    lines = re.findall(r"^[A-Z]+", DOCKERFILE, re.M)
    assert [word for stage in stages for word in ["FROM", *(step.word for step in stage.steps)]] == lines


def test_a_continued_line_is_one_step() -> None:
    [stage] = dockerfile.read("FROM debian:12-slim\nRUN one \\\n# why\n    && two\n")
    assert [step.said["line"].split() for step in stage.steps] == [["one", "&&", "two"]]


@pytest.mark.parametrize(
    "line",
    ["ADD a /b/", "ARG KEY", "RUN --mount=type=cache x", 'RUN ["x"]', "COPY a b", "COPY --chown=1 a /b/", "ENV A=$B"],
)
def test_a_step_that_is_not_known_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)):
        dockerfile.read(f"FROM debian:12-slim\n{line}\n")


def test_the_context_holds_what_is_let_in(tmp_path: Path) -> None:
    dockerfile.make_context(ROOT, tmp_path / "context")
    names = {str(path.relative_to(tmp_path / "context")) for path in (tmp_path / "context").rglob("*")}
    assert {"manage.py", "cafe/settings.py", "menu/migrations/0001_initial.py", "static"} < names
    assert {name.split("/")[0] for name in names}.isdisjoint({".git", ".venv", "var", "tests", "deploy", "README.md"})
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


# The built image


@with_full
def test_nothing_to_build_with_is_delivered(built: dict[str, roots.Root], image: roots.Root) -> None:
    tools = {"gcc", "cc", "c++", "make", "pkg-config", "pip", "pip3"}
    assert tools & built["build"].programs() >= {"gcc", "cc", "pkg-config"}
    assert not tools & image.programs()
    assert image.packages() == built["base"].packages()
    assert not [name for name in image.packages() if name.endswith("-dev") or "venv" in name]
    assert not [path for name in ("pip", "setuptools") for path in image.folder.glob(f"**/*-packages/{name}*")]


@with_full
def test_no_key_and_no_customer_is_delivered(image: roots.Root) -> None:
    assert {path.name for path in (image.folder / "cafe/var").iterdir()} <= {"bundles", "static"}
    assert not list(image.folder.glob("**/secret_key*"))
    assert not list(image.folder.glob("**/*.sqlite3"))


@with_full
def test_nothing_of_this_machine_is_delivered(image: roots.Root) -> None:
    assert list((image.folder / "mnt").iterdir()) == []
    named = re.findall(r"^ENV (\w+)=", DOCKERFILE, re.M)
    assert image.env.keys() == {"PATH", *named}


@served
def test_it_says_that_it_is_ready(cafe: ImageCafe) -> None:
    assert "OK" in get(cafe, "/health/ready/?format=json")


@served
def test_a_page_and_its_files_are_served(cafe: ImageCafe) -> None:
    page = get(cafe, "/zh-hans/")
    assert "云咖啡" in page
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"', page))
    assert files
    assert all(get(cafe, file) for file in files)


@served
def test_its_other_programs_run(cafe: ImageCafe) -> None:
    cafe.manage("migrate", "--check", "--database", "maintenance")
    assert cafe.manage("check_books") == "The books agree.\n"


@served
def test_it_runs_as_nobody_who_can_write(cafe: ImageCafe) -> None:
    assert (cafe.image.user, cafe.image.group) == ("10001", "10001")
    tried = subprocess.run(cafe.image.in_a_pod(["touch", "/cafe/x"], {}), capture_output=True, text=True)
    assert "Read-only file system" in tried.stderr


@served
def test_it_ends_in_order_when_asked_to(cafe: ImageCafe) -> None:
    process = cafe.process
    assert process is not None
    cafe.stop()
    assert process.returncode == 0
    assert not cafe.answers()
    cafe.start()
