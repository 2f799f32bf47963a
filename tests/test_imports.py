"""The import contracts of pyproject.toml hold, and a forbidden import breaks them (the control)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cafe", "menu", "orders", "shop", "staff")
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copied")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def lint(root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=root, capture_output=True, text=True)


def test_imports_run_one_way() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("menu/money.py", "from orders.services import place_order", "Layers"),
        ("orders/errors.py", "from staff.names import person_name", "Layers"),
        ("shop/__init__.py", "from menu.text import clean_text", "Layers"),
        ("cafe/caching/cached_value.py", "from menu.models import Item", "Layers"),
        ("staff/errors.py", "from cafe.serving.menu_poller import Poller", "Layers"),
        ("cafe/conf/env.py", "from cafe.web import errors", "Layers"),
        ("orders/errors.py", "import redis", "Only cafe.caching knows Redis"),
    ],
)
def test_a_wrong_import_is_found(copied: Path, file: str, line: str, contract: str) -> None:
    path = copied / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        done = lint(copied)
    finally:
        path.write_text(before)
    assert done.returncode == 1
    assert f"{contract}" in done.stdout.split("Broken contracts")[-1]


def test_djangos_cache_is_caching_s_alone(tmp_path: Path) -> None:
    wrong = "from django.core.cache import cache\n\ncache.clear()\n"
    for name, status in (("orders/errors.py", 1), ("cafe/caching/redis.py", 0)):
        command = [sys.executable, "-m", "ruff", "check", "--select=TID251", f"--stdin-filename={ROOT / name}", "-"]
        assert subprocess.run(command, input=wrong, cwd=ROOT, capture_output=True, text=True).returncode == status
