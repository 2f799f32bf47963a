"""All instances are dead or frozen: the edge serves stale copies, marked as such, and answers the rest with 503."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import pytest

from tests.deploy.conftest import ShopBehindTheEdge
from tests.deploy.crowd import ORDER, Crowd, Person
from tests.deploy.dead_instances import (
    CODINGS,
    FIGURES,
    KEPT_S,
    LIST,
    MARK,
    MENUS,
    PATIENCE,
    PROMISED_S,
    READS_WAIT_S,
    Seen,
    all_dead,
    all_frozen,
    ask_for,
    is_page_in,
    is_refused,
    marks,
    menu_paths,
    post_checkout,
    see,
    statuses,
)
from tests.deploy.edge import Edge
from tests.deploy.testbed import Testbed
from tests.faults.shop import PAGES


@pytest.fixture(scope="class")
def seen(testbed: Testbed) -> Iterator[Seen]:
    """The answers from before all instances were killed; they stay dead as long as the class runs."""
    seen = see(testbed)
    with all_dead(testbed):
        yield seen


class TestAllProgramsAreDead:
    def test_pages_and_lists_come_from_the_edge_byte_for_byte(self, testbed: Testbed, seen: Seen) -> None:
        at_once = [ask_for(testbed, *asked) for asked in menu_paths(seen)]
        time.sleep(KEPT_S)
        for path, coding in [*menu_paths(seen), *((LIST, coding) for coding in CODINGS)]:
            answer = ask_for(testbed, path, coding)
            assert seen.has(answer, coding), (path, coding)
            assert statuses([answer]) == {"STALE"}
        assert {answer.status for answer in at_once} == {200}
        assert statuses(at_once) <= {"HIT", "STALE"}

    def test_whoever_has_a_cart_or_asks_with_a_query_gets_them_too(self, testbed: Testbed, seen: Seen) -> None:
        for path in PAGES:
            answer = ask_for(testbed, f"{path}?from=wechat", Cookie="cart=abc; csrftoken=abc", Accept_Language="en")
            assert (answer.status, answer.body) == (200, seen.answers[path, "identity"].body)
            assert statuses([answer]) == {"STALE"}

    def test_the_files_that_the_pages_name_come_in_each_coding(self, testbed: Testbed, seen: Seen) -> None:
        assert seen.assets
        for path in seen.assets:
            for coding in CODINGS:
                assert seen.has(ask_for(testbed, path, coding), coding), (path, coding)

    def test_each_page_is_marked_with_when_a_program_made_it(self, testbed: Testbed, seen: Seen) -> None:
        for path, coding in menu_paths(seen):
            answer = ask_for(testbed, path, coding)
            mark = MARK.fullmatch(answer.headers["Set-Cookie"])
            assert mark, answer.headers["Set-Cookie"]
            assert mark["path"] == path
            assert abs(float(mark["now"]) - time.time()) < 60
            assert seen.since - 1 <= parsedate_to_datetime(mark["made"]).timestamp() <= seen.until
        assert marks([ask_for(testbed, path) for path in (LIST, "/api/menu", *seen.assets)]) == {None}

    def test_a_browser_that_has_the_page_is_told_so_and_that_it_is_old(self, testbed: Testbed, seen: Seen) -> None:
        for path, coding in menu_paths(seen):
            tag = seen.answers[path, coding].headers["ETag"]
            answer = ask_for(testbed, path, coding, If_None_Match=tag)
            assert (answer.status, answer.body) == (304, b"")
            assert statuses([answer]) == {"STALE"}
            assert MARK.fullmatch(answer.headers["Set-Cookie"])
            assert ask_for(testbed, path, coding, If_None_Match='"another"').status == 200

    @pytest.mark.parametrize(("accepted", "menu"), [("en-GB,en", "/en/"), ("zh-CN", "/zh-hans/"), ("", "/zh-hans/")])
    def test_the_shop_s_own_address_leads_to_the_menu(
        self, testbed: Testbed, seen: Seen, accepted: str, menu: str
    ) -> None:
        answer = Person(testbed.edge).get("/", Accept_Language=accepted)
        assert (answer.status, answer.headers["Location"]) == (302, menu)
        assert "no-store" in answer.headers["Cache-Control"]
        assert Person(testbed.edge).get(menu.rstrip("/")).headers["Location"] == menu

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_the_checkout_is_answered_with_a_page_that_says_what_to_do(
        self, testbed: Testbed, seen: Seen, language: str
    ) -> None:
        answer = post_checkout(testbed, language)
        assert is_refused(answer, "unavailable_order")
        assert is_page_in(language, answer)
        assert f'href="/{language}/checkout/"' in answer.body.decode()

    def test_a_program_that_orders_is_answered_in_json(self, testbed: Testbed, seen: Seen) -> None:
        before = testbed.orders_by_key()
        answer = Person(testbed.edge).order("while-they-are-dead")
        assert is_refused(answer, "unavailable_order")
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.json["error"].keys() == {"code", "message", "fields"}
        assert answer.json["error"]["code"] == "unavailable"
        assert testbed.orders_by_key() == before

    def test_every_other_address_is_answered_in_its_language(self, testbed: Testbed, seen: Seen) -> None:
        for path in ("/en/cart/", "/en/checkout/", "/en/board/", "/en/orders/mine/", "/en/order/abc/"):
            answer = ask_for(testbed, path)
            assert is_refused(answer, "unavailable")
            assert is_page_in("en", answer)
        for path in ("/zh-hans/cart/", "/zh-hans/board/", "/admin/"):
            answer = ask_for(testbed, path)
            assert is_refused(answer, "unavailable")
            assert is_page_in("zh-hans", answer)
        for path in ("/api/orders/abc", "/api/cache/stats", "/health/ready/", "/health"):
            answer = ask_for(testbed, path)
            assert is_refused(answer, "unavailable")
            assert answer.json["error"]["code"] == "unavailable"

    @pytest.mark.only_full
    @pytest.mark.parametrize("end", [Edge.kill, Edge.stop], ids=["killed", "stopped"])
    def test_an_edge_that_starts_anew_still_has_its_copies(self, testbed: Testbed, seen: Seen, end) -> None:
        end(testbed.edge)
        testbed.edge.start()
        for path, coding in seen.answers:
            answer = ask_for(testbed, path, coding)
            assert seen.has(answer, coding), (path, coding)
            assert statuses([answer]) == {"HIT" if path.startswith("/static/") else "STALE"}
        assert all(MARK.fullmatch(ask_for(testbed, path).headers["Set-Cookie"]) for path in MENUS)


def test_no_page_is_marked_while_they_live(testbed: Testbed) -> None:
    answers = [ask_for(testbed, path, coding) for path in [*PAGES, LIST] for coding in CODINGS]
    assert marks(answers) == {None}
    assert statuses(answers) <= {"MISS", "HIT", "EXPIRED"}


@pytest.mark.only_full
def test_they_come_back_and_nobody_has_to_help(
    testbed: Testbed, shop: ShopBehindTheEdge, full_size: bool, record_property
) -> None:
    opened = {line["path"] for line in testbed.edge.logged()}
    items = [item["slug"] for category in shop.get("/api/menu").body["categories"] for item in category["items"]]
    unseen = next(f"/en/item/{slug}/" for slug in items if f"/en/item/{slug}/" not in opened)
    with Crowd(testbed.edge, readers=3, buyers=2, pause_s=0.1) as crowd:
        with all_dead(testbed):
            shop.change_price()
            refused = [ask_for(testbed, unseen) for _ in range(2)]
            time.sleep(20 if full_size else 1)
            back_at = time.monotonic()
        started_s = time.monotonic() - back_at
        current_s = shop.until_current()
        found = ask_for(testbed, unseen)
    record_property(
        FIGURES, f"{crowd.in_words()}; all started in {started_s:.1f} s, then current in {current_s:.1f} s"
    )
    assert all(is_refused(answer, "unavailable") for answer in refused)
    assert (found.status, found.headers["X-Cache-Status"]) == (200, "MISS")
    assert current_s < PROMISED_S * PATIENCE
    assert marks([ask_for(testbed, path) for path in PAGES]) == {None}
    broken_off = [answer for answer in crowd.answers if answer.status == 0]  # begun when an instance was killed
    assert len(broken_off) <= 1 + len(crowd.answers) / 1000
    told = {
        (path, status, whose) for method, path, status, whose in crowd.failures() if (method, status) != ("GET", 0)
    }
    assert {status for _path, status, _whose in told} <= {503}
    assert {path for path, *_ in told if path in (*PAGES, LIST)} <= {LIST}
    assert {whose for *_, whose in told} <= {"unavailable", "unavailable_order"}
    by_key = testbed.orders_by_key()
    assert {key: by_key.get(key) for key in crowd.placed} == {key: [id_] for key, id_ in crowd.placed.items()}
    paid = Person(testbed.edge).order(quantity=2)
    assert (paid.status, paid.json["total_price"]) == (201, float(2 * shop.prices[-1].amount))


@pytest.mark.only_full
def test_frozen_programs_hold_up_nobody_for_ever_and_no_order_is_lost_or_doubled(
    testbed: Testbed, full_size: bool, record_property
) -> None:
    seen, key = see(testbed), "while-they-are-frozen"
    time.sleep(KEPT_S)
    with ThreadPoolExecutor() as people:
        with all_frozen(testbed):
            began = time.monotonic()
            ordered = people.submit(Person(testbed.edge).order, key)
            answers = list(people.map(lambda path: ask_for(testbed, path), PAGES))
            if full_size:
                time.sleep(max(0, 22 - (time.monotonic() - began)))  # longer than the edge's timeout for an order
        told = ordered.result()
    again = Person(testbed.edge).order(key)
    slowest_s = max(answer.took_s for answer in answers)
    record_property(FIGURES, f"the slowest page {slowest_s:.1f} s; the order: {told.status} in {told.took_s:.1f} s")
    assert all(seen.has(answer) for answer in answers)
    assert statuses(answers) == {"STALE"}
    assert all(MARK.fullmatch(answer.headers["Set-Cookie"]) for answer in answers if answer.path in MENUS)
    assert slowest_s < READS_WAIT_S * PATIENCE
    assert told.status == 201 or is_refused(told, "unavailable_order")
    assert again.status == 201
    assert testbed.orders_by_key()[key] == [again.json["order_id"]]
    assert told.status != 201 or told.json["order_id"] == again.json["order_id"]
    after = [ask_for(testbed, path) for path in PAGES]
    assert all(seen.has(answer) for answer in after)
    assert marks(after) == {None}


@pytest.mark.only_full
def test_an_edge_that_is_killed_and_started_while_they_live_goes_on(testbed: Testbed) -> None:
    seen = see(testbed)
    testbed.edge.kill()
    testbed.edge.start()
    answers = [ask_for(testbed, path) for path in PAGES]
    assert all(seen.has(answer) for answer in answers)
    assert statuses(answers) <= {"HIT", "EXPIRED"}
    assert marks(answers) == {None}
    assert Person(testbed.edge).order(**ORDER).status == 201
