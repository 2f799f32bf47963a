"""Imports run one way: the wiring in `cafe` → `staff` → `orders` → `menu` → the low modules of `cafe` → Django."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# These know nothing of either app, so that both may use them.
LOW = {
    "cafe.db.outage_gate",
    "cafe.caching.breaker",
    "cafe.caching.counters",
    "cafe.caching.generation",
    "cafe.caching.redis",
    "cafe.caching.snapshot",
    "cafe.caching.values",
    "cafe.conf.env",
    "cafe.web.json_api",
    "cafe.conf.json_logging",
    "cafe.db.compiled_queries",
    "cafe.staff_session.lifetime",
}
WIRING, STAFF, ORDERS, MENU, BOTTOM = "the wiring in cafe", "staff", "orders", "menu", "the low modules of cafe"
PACKAGES = ("cafe", "menu", "orders", "staff")
MAY_IMPORT = {
    WIRING: {WIRING, STAFF, ORDERS, MENU, BOTTOM},
    STAFF: {STAFF, ORDERS, MENU, BOTTOM},
    ORDERS: {ORDERS, MENU, BOTTOM},
    MENU: {MENU, BOTTOM},
    BOTTOM: {BOTTOM},
}


def test_imports_run_one_way() -> None:
    assert wrong_arrows(ROOT) == []


def test_only_the_cache_module_knows_redis_and_djangos_cache() -> None:
    assert {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for _line, module in _imports(file, ROOT)
        if module.split(".")[0] in ("redis", "django_redis") or module.startswith("django.core.cache")
    } == {"cafe/cache.py"}


def test_a_wrong_arrow_is_seen_wherever_it_is_drawn(tmp_path: Path) -> None:
    """The control of the test above."""
    for name, source in {
        "cafe/__init__.py": "",
        "cafe/cache.py": "import menu.catalogue.current",
        "cafe/urls.py": "from orders import views\nfrom cafe import cache",
        "menu/__init__.py": "",
        "menu/models.py": "def late():\n    from orders.services import place_order",
        "menu/api.py": "from .. import orders\nfrom . import models",
        "menu/views.py": "from cafe import urls, cache",
        "orders/views.py": "import menu.catalogue.current\nfrom django.http import HttpResponse",
        "orders/bar/views.py": "from staff.names import person_name",
        "staff/admin.py": "from orders.printing import qr_code\nfrom cafe import urls",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    assert wrong_arrows(tmp_path) == [
        "cafe/cache.py:1 imports menu.catalogue.current",
        "menu/api.py:1 imports orders",
        "menu/models.py:2 imports orders.services",
        "menu/views.py:1 imports cafe.urls",
        "orders/bar/views.py:1 imports staff.names",
        "staff/admin.py:2 imports cafe.urls",
    ]


def wrong_arrows(root: Path) -> list[str]:
    """Return each import under `root` that runs against the house, as "file:line imports module"."""
    return [
        f"{file.relative_to(root)}:{line} imports {module}"
        for package in PACKAGES
        for file in sorted((root / package).rglob("*.py"))
        for line, module in _imports(file, root)
        if _layer(module) not in {None, *MAY_IMPORT[_layer(_module_name(file, root)) or WIRING]}
    ]


def _layer(module: str) -> str | None:
    """Return the layer of `module`, or None when it is none of ours or the bare package `cafe`."""
    package, _, rest = module.partition(".")
    if package != "cafe":
        return {"staff": STAFF, "orders": ORDERS, "menu": MENU}.get(package)
    if not rest:
        return None
    return BOTTOM if ".".join(module.split(".")[:2]) in LOW else WIRING


def _module_name(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts)


def _imports(file: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, module) for each import of `file`, those inside functions too."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = file.relative_to(root).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module in {"", "cafe"}:  # the names are modules themselves
                yield from ((node.lineno, f"{module}.{alias.name}".lstrip(".")) for alias in node.names)
            else:
                yield node.lineno, module


def _tree(file: Path) -> ast.Module:
    gc.disable()  # a finalizer that parses (a traceback does) breaks ast.parse: CPython issue 106905
    try:
        return ast.parse(file.read_text())
    finally:
        gc.enable()
