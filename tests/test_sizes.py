"""bin/check-sizes finds a file or a folder that has grown too long (the control of bin/lint's check)."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def check_sizes() -> Any:
    loader = SourceFileLoader("check_sizes", str(ROOT / "bin/check-sizes"))
    spec = spec_from_loader("check_sizes", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_what_is_too_long_is_found(tmp_path: Path) -> None:
    names = [f"orders/one_{number}.py" for number in range(14)]
    (tmp_path / "orders/migrations").mkdir(parents=True)
    for name in [*names, "orders/migrations/0001_initial.py"]:
        (tmp_path / name).write_text("\n" * 251 if name.endswith(("one_7.py", "initial.py")) else "\n")
    found = check_sizes().problems(tmp_path, [*names, "orders/migrations/0001_initial.py"])
    assert found == ["orders/one_7.py: 251 lines", "orders: 14 modules"]


def test_an_exception_that_is_none_any_more_is_found(tmp_path: Path) -> None:
    (tmp_path / "deploy/local").mkdir(parents=True)
    (tmp_path / "deploy/local/cluster.py").write_text("\n")
    found = check_sizes().problems(tmp_path, ["deploy/local/cluster.py"])
    assert found == ["deploy/local/cluster.py: 1 lines, no exception any more"]
