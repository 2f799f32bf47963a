"""Functions that run in the manager process: set up and finish a change case, and read the database's state."""

import time
from dataclasses import dataclass
from decimal import Decimal
from unittest.mock import patch

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cafe.caching.cached_value import CachedValue
from menu.catalogue.current import MENU
from menu.catalogue.queries import read_menu
from orders import audit
from tests.cache.change_cases import (  # noqa: F401 - these modules fill `registry.CHANGE_CASES`
    admin_pages,
    links,
    owners,
    querysets,
    registry,
    rows,
)
from tests.cache.watch import PATHS, Pages, digest

_steps: dict[str, registry.Steps] = {}


@dataclass(frozen=True)
class Wish:
    """An order line: an item with options, and its price now; None when it cannot be ordered."""

    slug: str
    options: list[int]
    price: Decimal | None


@dataclass(frozen=True)
class Change:
    """A committed change. Its times are of the monotonic clock (s), which all processes of a machine share."""

    began_at: float
    committed_at: float
    before: Wish
    after: Wish


def names() -> list[str]:
    return list(registry.CHANGE_CASES)


def begin_all(these: list[str]) -> None:
    """Set up these change cases, in one transaction."""
    registry.forget_all()
    with transaction.atomic():
        _steps.update((name, registry.begin(name)) for name in these)


def begin_again(name: str) -> None:
    """Set up a change case again after it was finished."""
    registry.forget(_steps[name].item)
    _steps[name] = registry.begin(name)


def finish(name: str) -> Change:
    steps = _steps[name]
    before = _wish(steps)
    began_at = time.monotonic()
    steps.change()
    return Change(began_at, time.monotonic(), before, _wish(steps))


def statements_of(name: str) -> list[str]:
    """Set up and finish a change case, and return the SQL statements of the change, BEGIN and COMMIT included."""
    steps = registry.begin(name)
    with CaptureQueriesContext(connections[alias_of(name)]) as captured:
        steps.change()
    return [query["sql"] for query in captured]


def alias_of(name: str) -> str:
    return registry.MAINTENANCE if "maintenance" in name else DEFAULT_DB_ALIAS


def _wish(steps: registry.Steps) -> Wish:
    """Read the price by raw SQL, independent of the café's code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT price FROM menu_item WHERE slug = %s AND is_listed AND is_available", [steps.item.slug]
        )
        price = (cursor.fetchone() or [None])[0]
        for option in steps.chosen:
            cursor.execute(
                "SELECT price_delta FROM menu_option o"
                " JOIN menu_item_option_groups l ON l.optiongroup_id = o.group_id"
                " JOIN menu_item i ON i.id = l.item_id WHERE o.id = %s AND o.is_available AND i.slug = %s",
                [option, steps.item.slug],
            )
            delta = (cursor.fetchone() or [None])[0]
            price = None if price is None or delta is None else price + delta
    return Wish(steps.item.slug, steps.chosen, price)


def shown() -> Pages:
    """Return the digest of each page, rendered from the database without any cache."""
    fresh = CachedValue(None, read_menu(DEFAULT_DB_ALIAS))
    client = Client(headers={"host": "localhost"})
    with patch.object(MENU, "current", lambda: fresh):
        return {path: digest(client.get(path).content) for path in PATHS}


def check_books() -> list[str]:
    return [str(finding) for finding in audit.check_books()]
