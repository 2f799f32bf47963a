"""Prices change while API clients order: the total charged was in force at one moment during the order (row 1).

An item's and its option's price change in one transaction: an order that read one before and one after it would
charge a total that was never in force.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, cycle
from typing import Any

import pytest
from django.db import transaction

from menu.models import Item, Option
from tests.cache.change_cases import registry
from tests.cache.changes import Wish
from tests.cache.manager_process import ManagerProcess
from tests.cache.workspace import Workspace, order
from tests.harness.running_cafe import RunningCafe

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

CLIENTS = 6
PAUSE_S = 0.02
SLUG = f"{registry.OURS}-together"


@dataclass(frozen=True)
class Ordered:
    began_at: float
    ended_at: float
    number: Decimal


@dataclass(frozen=True)
class Set:
    """A pair of prices, both `number`: not visible before `began_at`, visible to all reads from `ended_at` on."""

    began_at: float
    ended_at: float
    number: int


def begin() -> Wish:
    registry.forget_all()
    item = registry.new_item(slug=SLUG, price=0)
    Option.objects.filter(group__items=item).update(price_delta=0)
    return Wish(SLUG, [registry.option_of(item).pk], None)


def set_prices_for(seconds: float) -> list[Set]:
    """Set the price of the item and of its option to 1, then both to 2, …"""
    item = Item.objects.get(slug=SLUG)
    option = registry.option_of(item)
    done = [Set(0, 0, 0)]
    end = time.monotonic() + seconds
    for number in count(1):
        began_at = time.monotonic()
        if began_at > end:
            break
        with transaction.atomic():
            Item.objects.filter(pk=item.pk).update(price=number)
            Option.objects.filter(pk=option.pk).update(price_delta=number)
        done.append(Set(began_at, time.monotonic(), number))
        time.sleep(PAUSE_S)
    return done


def mixed_prices_of(seconds: float) -> int:
    """The control: read the item and the option by two statements without a transaction, again and again; return how
    often the two did not belong together. The pause between them simulates a slower database."""
    mixed, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        price = Item.objects.get(slug=SLUG).price
        time.sleep(2 * PAUSE_S)
        mixed += Option.objects.get(group__items__slug=SLUG).price_delta != price
    return mixed


def order_until(is_over: threading.Event, cafe: RunningCafe, wish: Wish, refused: list[str]) -> Iterator[Ordered]:
    while not is_over.is_set():
        began_at = time.monotonic()
        word, total = order(cafe, wish)
        assert word in ("placed", "unavailable"), "a machine that is too slow says so, and nothing else is wrong"
        if total is None:
            refused.append(word)
        else:
            yield Ordered(began_at, time.monotonic(), total / 2)


def was_the_price(ordered: Ordered, prices: list[Set]) -> bool:
    """Return whether the order's price was in force at some moment between its request and its answer."""
    number = int(ordered.number)
    if number != ordered.number or number >= len(prices):
        return False
    replaced_at = prices[number + 1].ended_at if number + 1 < len(prices) else float("inf")
    return prices[number].began_at <= ordered.ended_at and ordered.began_at <= replaced_at


@pytest.mark.only_full
def test_an_order_is_charged_the_prices_of_one_moment_of_its_own(
    workspace: Workspace, full_size: bool, record_property: Any
) -> None:
    seconds = 60.0 if full_size else 5.0
    wish = workspace.manager_process.ask(begin)
    is_over, refused = threading.Event(), list[str]()
    onlooker = ManagerProcess(workspace.cafes[0].env)
    assert onlooker.ask(mixed_prices_of, 0.1) == 0  # the process is up, and no price has changed yet
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        clients = [
            pool.submit(lambda cafe: list(order_until(is_over, cafe, wish, refused)), cafe)
            for cafe, _client in zip(cycle(workspace.cafes), range(CLIENTS), strict=False)
        ]
        looks = pool.submit(onlooker.ask, mixed_prices_of, seconds)
        prices = workspace.manager_process.ask(set_prices_for, seconds)
        is_over.set()
        ordered = [one for client in clients for one in client.result()]
        mixed = looks.result()
    onlooker.close()
    wrong = [one for one in ordered if not was_the_price(one, prices)]
    record_property(
        "figures",
        f"{len(ordered):,} orders while {len(prices) - 1} pairs of prices were set: {len(wrong)} charged a wrong one;"
        f" who reads item and option apart saw {mixed} mixed",
    )
    assert mixed > 0
    assert len(ordered) > 10 * len(refused)
    assert wrong == []
