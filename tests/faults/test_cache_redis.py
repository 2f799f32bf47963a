"""Redis dies, freezes, fills up, is flushed or holds garbage: customers who read and order see no error."""

import hashlib
import json
import os
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.commit_watch import CommitWatch
from tests.faults.customers import Customers
from tests.faults.shop import PAGES, Shop, after_s

pytestmark = pytest.mark.needs_redis

PROMISED_S, PATIENCE = 2, 5

Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _the_books_agree(shop: Shop) -> Iterator[None]:
    yield
    assert shop.witness.do("check_books") == []


# The faults


@contextmanager
def killed(shop: Shop, seconds: float) -> Iterator[None]:
    shop.redis.kill()
    try:
        yield
        time.sleep(seconds)
    finally:
        shop.redis.start()


@contextmanager
def frozen(shop: Shop, seconds: float) -> Iterator[None]:
    shop.redis.pause()
    try:
        yield
        time.sleep(seconds)
    finally:
        shop.redis.resume()


@contextmanager
def paused(shop: Shop, seconds: float) -> Iterator[None]:
    shop.redis_client.client_pause(int(seconds * 1000))
    yield
    time.sleep(seconds)


@contextmanager
def full(shop: Shop, seconds: float) -> Iterator[None]:
    shop.redis_client.config_set("maxmemory", 1)
    try:
        yield
        time.sleep(seconds)
        assert refusals(shop, "OOM")
    finally:
        shop.redis_client.config_set("maxmemory", 0)


@contextmanager
def read_only(shop: Shop, seconds: float) -> Iterator[None]:
    shop.redis_client.replicaof("127.0.0.1", 1)
    try:
        yield
        time.sleep(seconds)
        assert refusals(shop, "READONLY")
    finally:
        shop.redis_client.replicaof("NO", "ONE")


def refusals(shop: Shop, error: str) -> int:
    """Return how often Redis has answered with this error (INFO errorstats)."""
    counted = shop.redis_client.info("errorstats").get(f"errorstat_{error}", {"count": 0})
    return int(counted["count"])


@contextmanager
def flushed(shop: Shop, seconds: float) -> Iterator[None]:
    shop.redis_client.flushall()
    yield
    time.sleep(seconds)
    shop.redis_client.flushall()


@contextmanager
def restarted_with_what_it_held_before(shop: Shop, seconds: float) -> Iterator[None]:
    """A Redis that persists to disk: after its restart an older menu and an older generation reappear."""
    shop.redis_client.save()
    shop.change_price()
    time.sleep(seconds)
    shop.redis.kill()
    yield
    shop.redis.start()
    (shop.redis.folder / "dump.rdb").unlink()


Fault = Callable[[Shop, float], AbstractContextManager[None]]
# Duration (s) in the reduced and in the full size.
FAULTS: dict[Fault, tuple[float, float]] = {
    killed: (1, 30),
    full: (1, 10),
    paused: (2, 10),
    frozen: (6, 30),
    read_only: (1, 10),
    flushed: (1, 10),
    restarted_with_what_it_held_before: (1, 5),
}


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(
    "fault",
    # To its clients a paused Redis behaves like a frozen one.
    list(FAULTS),
    ids=lambda fault: fault.__name__,
)
def test_no_customer_notices_and_all_is_normal_again_without_help(
    shop: Shop, fault: Fault, full_size: bool, record_property: Record
) -> None:
    with Customers(shop) as customers, CommitWatch(shop.cafe.env) as commits:
        with fault(shop, FAULTS[fault][full_size]):
            shop.change_price()
        shop.change_price()
        current_s = shop.everywhere(shop.is_current, *PAGES)
    kept_s = shop.newest_orders_are_kept()
    record_property("figures", f"{customers.in_words()}; current after {current_s:.1f} s, kept after {kept_s:.1f} s")
    nobody_noticed(customers, commits)
    assert max(current_s, kept_s) < PROMISED_S * PATIENCE


def nobody_noticed(customers: Customers, commits: CommitWatch) -> None:
    assert customers.refused(besides=commits.stalls()) == {}
    assert customers.wrongly_charged() == []
    assert customers.most_outdated_s() < PROMISED_S * PATIENCE
    assert customers.longest_unlisted_s() < PROMISED_S * PATIENCE
    assert max(customers.slowest_s().values()) < PROMISED_S * PATIENCE


# Garbage in Redis


class Bomb:
    """Creates the folder `file` when it is unpickled, to detect that."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.file),)


def sealed(text: str, *, as_if: str) -> bytes:
    return json.dumps({"sum": hashlib.sha256(as_if.encode()).hexdigest(), "text": text}).encode()


def menus_name(shop: Shop) -> tuple[str, str]:
    """Return the Redis keys of the menu snapshot's present version, and of its next one, which is not built yet."""
    ((epoch, version),) = shop.mariadb.execute("SELECT epoch, version FROM cloudcafe.menu_menuversion")

    def found() -> list[bytes]:
        return list(shop.redis_client.scan_iter(f"*:{epoch}:{version}"))

    after_s(lambda: bool(found()))  # the instance that built it writes it to Redis a moment later
    (name,) = map(bytes.decode, found())
    return name, f"{name.removesuffix(str(version))}{version + 1}"


@pytest.mark.only_full
def test_garbage_under_our_keys_is_as_good_as_nothing(shop: Shop, tmp_path: Path, record_property: Record) -> None:
    shop.everywhere(shop.is_current, *PAGES)
    true = json.loads(shop.redis_client.get(menus_name(shop)[0]))["text"]
    false = true.replace(f'"{shop.prices[-1].amount}', '"0.01')
    assert false != true
    garbage: dict[str, bytes | None] = {
        "bytes": os.urandom(500),
        "nothing": b"",
        "a number": b"42",
        "many digits": b"9" * 5000,
        "deep": b"[" * 100_000,
        "a pickle": pickle.dumps(Bomb(tmp_path / "bomb")),
        "a list": None,
        "other JSON": b'{"sum": 1, "text": {"categories": []}}',
        "half a character": json.dumps({"sum": "", "text": "\ud800"}).encode(),
        "a false price": sealed(false, as_if=true),
        "another shape": sealed('{"groups": []}', as_if='{"groups": []}'),
    }
    with Customers(shop) as customers, CommitWatch(shop.cafe.env) as commits:
        for held in garbage.values():
            for name in [*map(bytes.decode, shop.redis_client.scan_iter()), menus_name(shop)[1]]:
                shop.redis_client.delete(name)
                if held is None:
                    shop.redis_client.rpush(name, "a", "b")
                else:
                    shop.redis_client.set(name, held)
            shop.change_price()
            shop.everywhere(shop.is_current, *PAGES)
    kept_s = shop.newest_orders_are_kept()
    record_property("figures", f"{len(garbage)} kinds: {customers.in_words()}; kept after {kept_s:.1f} s")
    nobody_noticed(customers, commits)
    assert kept_s < PROMISED_S * PATIENCE
    assert not (tmp_path / "bomb").exists()


@pytest.mark.only_full
def test_a_price_changed_while_redis_and_the_cafe_were_down_is_shown_at_once(shop: Shop) -> None:
    shop.redis_client.save()
    shop.cafe.stop()
    shop.redis.kill()
    shop.change_price()
    shop.redis.start()
    shop.cafe.start()
    (shop.redis.folder / "dump.rdb").unlink()
    assert all(shop.is_current(answer) for answer in shop.each(*PAGES))
    assert shop.order().body["total_price"] == float(shop.prices[-1].amount)
    shop.newest_orders_are_kept()
