"""The database connection is lost at COMMIT during checkout and `POST /api/orders`: the answers to customers and API
clients."""

import secrets
from typing import Any

import pytest

from tests.faults.client_process import Program
from tests.faults.conftest import START
from tests.faults.proxy import Fate, Proxy, let_pass
from tests.faults.scripts import AtCommit
from tests.faults.shopper import BASKET, Page, Shopper, post_order
from tests.harness.running_cafe import RunningCafe

LANDED = {Fate.LOSE_ANSWER: True, Fate.LOSE_COMMAND: False}


@pytest.fixture
def shopper(cafe: RunningCafe) -> Shopper:
    return Shopper(cafe.url)


@pytest.fixture
def form(shopper: Shopper, witness: Program) -> dict[str, str]:
    return shopper.fill_checkout(*witness.do("item_ids"))


def assert_says_press_again(page: Page) -> None:
    assert page.status == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "We do not know yet" in page.text
    assert "Press again" in page.text
    assert "Nothing" not in page.text


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("fate", LANDED)
def test_the_checkout_says_not_known_yet_and_pressing_again_gives_the_one_order(
    proxy: Proxy, witness: Program, shopper: Shopper, form: dict[str, str], fate: Fate
) -> None:
    AtCommit(proxy, fate, dies=True)
    page = shopper.post("/en/checkout/", form)
    placed = witness.do("orders", form["submission_key"])
    assert bool(placed) is LANDED[fate]
    assert_says_press_again(page)
    assert "75</strong>" in page.text  # the menu cannot be read, the total is still shown
    hidden = ("submission_key", "expected_total", "is_unsure")
    pressed = form | {name: page.field(name) for name in hidden}
    if LANDED[fate]:  # a retry while it is still down: "nothing was written" would be wrong
        assert_says_press_again(shopper.post("/en/checkout/", pressed))
    proxy.decide = let_pass
    proxy.revive()
    again = shopper.post("/en/checkout/", pressed)
    assert again.status == 302
    assert "/en/order/" in again.headers["Location"]
    assert len(witness.do("orders", form["submission_key"])) == 1
    assert witness.do("orders", form["submission_key"])[: len(placed)] == placed
    assert witness.do("left") == [START - 1] * 2


def test_the_checkout_without_a_database_says_that_nothing_was_ordered_and_keeps_the_form(
    proxy: Proxy, witness: Program, shopper: Shopper, form: dict[str, str]
) -> None:
    proxy.die()
    page = shopper.post("/en/checkout/", form)
    proxy.revive()
    assert page.status == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "Nothing was written" in page.text
    assert witness.do("orders", form["submission_key"]) == []
    assert shopper.post("/en/checkout/", form | {"submission_key": page.field("submission_key")}).status == 302
    assert witness.do("left") == [START - 1] * 2


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("fate", LANDED)
def test_the_api_says_not_known_yet_and_the_same_key_gives_the_one_order(
    proxy: Proxy, witness: Program, cafe: RunningCafe, fate: Fate
) -> None:
    key = secrets.token_hex(8)
    AtCommit(proxy, fate, dies=True)
    status, headers, body = post_order(cafe.port, key, BASKET)
    placed = witness.do("orders", key)
    proxy.decide = let_pass
    proxy.revive()
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert body["error"]["code"] == "unavailable"
    assert "请再按一次" in body["error"]["message"]  # "press again"
    assert bool(placed) is LANDED[fate]
    status, _headers, body = post_order(cafe.port, key, BASKET)
    assert status == 201
    assert witness.do("orders", key) == [body["order_id"]]
    assert placed in ([], [body["order_id"]])
    assert witness.do("left") == [START - 1] * 2


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("fate", LANDED)
def test_a_connection_lost_at_commit_is_not_noticed_by_a_program(
    proxy: Proxy, witness: Program, cafe: RunningCafe, fate: Fate
) -> None:
    key = secrets.token_hex(8)
    AtCommit(proxy, fate)
    status, headers, body = post_order(cafe.port, key, BASKET)
    assert status == 201
    assert "Idempotent-Replayed" not in headers  # this request placed it, although its second attempt found it
    assert witness.do("orders", key) == [body["order_id"]]
    status, headers, again = post_order(cafe.port, key, BASKET)
    assert (status, headers["Idempotent-Replayed"], again) == (201, "true", body)
    assert witness.do("left") == [START - 1] * 2


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("fate", LANDED)
def test_a_customers_cancel_that_was_cut_off_leads_to_the_order_as_it_stands(
    proxy: Proxy, witness: Program, shopper: Shopper, form: dict[str, Any], fate: Fate
) -> None:
    address = shopper.post("/en/checkout/", form).headers["Location"]
    token = shopper.get(address).field("csrfmiddlewaretoken")
    AtCommit(proxy, fate)
    page = shopper.post(f"{address}cancel/", {"csrfmiddlewaretoken": token})
    proxy.decide = let_pass
    assert (page.status, page.headers["Location"]) == (302, f"{address}?notice=unsure")
    order = witness.do("orders", form["submission_key"])[0]
    moved = ["cancelled", "pending", "cancelled"]
    assert witness.do("moves", order) == (moved if LANDED[fate] else ["pending", "pending"])
    shopper.post(f"{address}cancel/", {"csrfmiddlewaretoken": token})
    assert witness.do("moves", order) == moved
    assert witness.do("left") == [START] * 2
