"""The reason for handing an order over unpaid decides what its customer reads; the bar's pages show it."""

import pytest
from django.test import Client

from orders import services
from orders.models import Order
from tests.harness.factories import barista, order
from tests.orders.bar.touches import BAR, act
from tests.orders.customer import a_device, text_of

pytestmark = pytest.mark.django_db
OWES = "¥18 is not paid yet: please pay at the counter."
TAKEN = "Somebody else took this order. Please tell us at the counter."
WRITE_OFF_MESSAGES = [
    ("On the house", "en", "Picked up", "Nothing to pay: it is on the house."),
    ("On the house", "zh-hans", "已取走", "本店请客，无需付款。"),
    ("Taken by somebody else", "en", "Taken by somebody else", TAKEN),
    ("Taken by somebody else", "zh-hans", "被别人拿走", "这一单被别人拿走了，请到吧台告诉我们。"),
    ("A regular, pays next time", "en", "Picked up", OWES),
    ("Left without paying", "en", "Picked up", OWES),
    ("went to the bank", "en", "Picked up", OWES),
]


def gone(reason: str) -> Order:
    """Return an order of ¥18 that was handed over unpaid, for this reason."""
    placed = order()
    for _step in range(2):
        services.advance_order(order=placed, actor=barista())
    return services.hand_over_unpaid(order=placed, actor=barista(), reason=reason)


@pytest.mark.parametrize(("reason", "language", "label", "said"), WRITE_OFF_MESSAGES)
def test_a_customer_is_asked_for_money_only_if_it_is_theirs_to_pay(
    reason: str, language: str, label: str, said: str
) -> None:
    placed = gone(reason)
    page = text_of(a_device().get(f"/{language}/order/{placed.token}/"))
    assert (label in page, said in page) == (True, True)
    assert ("please pay" in page, "Picked up" in page) == (said == OWES, label == "Picked up")


@pytest.mark.parametrize(("reason", "language", "label", "said"), WRITE_OFF_MESSAGES)
def test_paper_asks_for_no_money_that_is_not_owed(reason: str, language: str, label: str, said: str) -> None:
    placed = gone(reason)
    page = text_of(a_device().get(f"/{language}/order/{placed.token}/paper/"))
    assert ("You pay at the counter." in page) == (said == OWES)


@pytest.mark.parametrize(
    ("reason", "language", "pill"),
    [
        ("On the house", "en", "On the house"),
        ("On the house", "zh-hans", "本店请客"),
        ("Taken by somebody else", "zh-hans", "被别人拿走"),
        ("went to the bank", "en", "Gone without paying · went to the bank"),
        ("went to the bank", "zh-hans", "未付款离店 · went to the bank"),
    ],
)
def test_the_bar_says_why(barista_client: Client, reason: str, language: str, pill: str) -> None:
    placed = order()
    for _step in range(2):
        services.advance_order(order=placed, actor=barista())
    reader = {"accept-language": language}
    toast = barista_client.get(
        act(barista_client, placed, "gone", reason=reason)["Location"], headers=reader
    ).content.decode()
    assert pill in toast.partition('id="toast"')[2].partition("</p>")[0]
    ticket = barista_client.get(f"{BAR}{placed.token}/", headers=reader).content.decode()
    assert f'<span class="badge badge--written_off">{pill}</span>' in ticket
    assert (
        f'<span class="badge badge--written_off">{pill}</span>'
        in barista_client.get(f"{BAR}day/", headers=reader).content.decode()
    )
