"""A touch that an offline tablet kept is done once, within two minutes, for the same person and unchanged order."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from orders import services
from orders.bar import actions, delayed_actions
from orders.models import Order, OrderEvent
from tests.harness.factories import barista, manager, nothing_written, order

pytestmark = pytest.mark.django_db

BAR = "/admin/bar/"


def placed_as(status: str, *, is_paid: bool = False) -> Order:
    placed = order()
    while placed.status != status:
        services.advance_order(order=placed, actor=barista())
    if is_paid:
        services.mark_paid(order=placed, actor=barista())
    return placed


def send(client: Client, placed: Order, action: str = "advance", **fields: str | int) -> HttpResponse:
    form = {"seen": placed.status, "by": barista().pk, "kept_for_s": 60} | fields
    return client.post(f"{BAR}{placed.token}/{action}/", form)


def refusal(response: HttpResponse) -> str:
    assert response.status_code == 409
    found = re.search(r'notice--problem" role="alert">(.*?)</p>', response.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("status", "is_paid", "after"),
    [("pending", False, "preparing"), ("preparing", False, "ready"), ("ready", True, "completed")],
)
def test_a_step_is_done_for_the_same_person_and_order(
    barista_client: Client, status: str, is_paid: bool, after: str
) -> None:
    placed = placed_as(status, is_paid=is_paid)
    assert send(barista_client, placed)["Location"] == f"{BAR}?moved={placed.token}&undo=undo"
    placed.refresh_from_db()
    assert placed.status == after
    assert OrderEvent.objects.latest("pk").actor == barista()


def test_an_unpaid_order_is_not_handed_over_by_a_kept_touch(barista_client: Client) -> None:
    placed = placed_as("ready")
    with nothing_written():
        assert refusal(send(barista_client, placed)) == f"Order {placed.number} is not paid."
    assert send(barista_client, placed_as("pending"), kept_for_s=0).status_code == 302


@pytest.mark.parametrize("by", ["0", "", "é", "1 OR 1=1"])
def test_what_somebody_else_pressed_is_not_done(barista_client: Client, by: str) -> None:
    placed = placed_as("pending")
    with nothing_written():
        assert refusal(send(barista_client, placed, by=by)) == "Somebody else is signed in now."


def test_a_touch_of_now_says_whose_page_it_is_as_well(barista_client: Client) -> None:
    placed = order()
    with nothing_written():
        answer = barista_client.post(f"{BAR}{placed.token}/paid/", {"seen": "pending", "by": manager().pk})
        assert refusal(answer) == "Somebody else is signed in now."
    assert (
        barista_client.post(f"{BAR}{placed.token}/paid/", {"seen": "pending", "by": barista().pk}).status_code == 302
    )


@pytest.mark.parametrize("kept_for_s", ["121", "9999999999", "-1", "", "soon", "1.5", "٣"])
def test_after_two_minutes_it_is_not_done(barista_client: Client, kept_for_s: str) -> None:
    placed = placed_as("pending")
    with nothing_written():
        assert (
            refusal(send(barista_client, placed, kept_for_s=kept_for_s))
            == "It was pressed more than two minutes ago."
        )
    assert send(barista_client, placed, kept_for_s="120").status_code == 302


EVERY_OTHER_ACTION = sorted(actions.ACTIONS.keys() - {"advance"})


@pytest.mark.few_cases(6)
@pytest.mark.parametrize("action", EVERY_OTHER_ACTION)
def test_nothing_else_is_ever_kept(barista_client: Client, action: str) -> None:
    placed = placed_as("ready", is_paid=True)
    with nothing_written():
        answer = send(barista_client, placed, action, reason="dropped")
        assert refusal(answer) == "That is only done while there is a connection."


def test_a_touch_that_has_arrived_already_is_done_once_and_is_no_failure(barista_client: Client) -> None:
    placed = placed_as("pending")
    assert send(barista_client, placed)["Location"] == f"{BAR}?moved={placed.token}&undo=undo"
    assert send(barista_client, placed)["Location"] == f"{BAR}?moved={placed.token}"
    assert OrderEvent.objects.filter(order=placed).count() == 2


@pytest.mark.parametrize("twist", ["a colleague", "long ago", "one step more"])
def test_what_another_touch_has_moved_is_told(barista_client: Client, twist: str) -> None:
    placed = placed_as("pending")
    seen = placed.status
    services.advance_order(order=placed, actor=manager() if twist == "a colleague" else barista())
    if twist == "long ago":
        OrderEvent.objects.update(
            at=timezone.now() - timedelta(seconds=delayed_actions.KEEP_S + delayed_actions.SLACK_S + 1)
        )
    if twist == "one step more":
        services.advance_order(order=placed, actor=barista())
    with nothing_written():
        assert refusal(send(barista_client, placed, seen=seen)) == f"Order {placed.number} has moved on meanwhile."


def test_the_script_keeps_a_touch_as_long_as_the_server_takes_it() -> None:
    script = (Path(settings.BASE_DIR) / "static/js/bar-actions.js").read_text()
    assert f"const KEEP_MS = {delayed_actions.KEEP_S * 1000};" in script
