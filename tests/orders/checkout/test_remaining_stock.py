"""Remaining stock, and a cart that another tab has changed."""

import re

import pytest
from django.test import Client

from orders.models import Order, Stock
from orders.services import set_stock
from tests.harness.factories import americano, croissant, latte, nothing_written
from tests.orders.checkout.pages import add, check_out, form_of, lines, submit, text_of

pytestmark = pytest.mark.django_db


def test_one_touch_takes_what_is_left(client: Client) -> None:
    roll, drink = croissant(stock=2), americano()
    add(client, roll, quantity="2")
    add(client, drink)
    form = form_of(check_out(client))
    set_stock(item=roll, available=1, reason="dropped")
    with nothing_written():
        page = submit(client, form)
    assert page.status_code == 409
    assert "Only 1 of" in text_of(page)
    assert "Place the order" not in text_of(page), "pressing it again would be refused again"
    left = dict(re.findall(r'name="(left-\d+)" value="(\d+)"', page.content.decode()))
    assert left == {f"left-{roll.pk}": "1"}
    assert client.post("/en/cart/take-what-is-left/", left)["Location"] == "/en/checkout/"
    assert [(id_, quantity) for id_, _options, quantity, _price in lines(client)] == [(roll.pk, 1), (drink.pk, 1)]
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Stock.objects.get().available == 0


@pytest.mark.parametrize(
    "left", [{"left-1": "-1"}, {"left-x": "1"}, {"left-": ""}, {"left-1": "9" * 30}, {"other": "1"}]
)
def test_what_is_no_count_of_what_is_left_changes_nothing(client: Client, left: dict[str, str]) -> None:
    add(client, americano(), quantity="3")
    before = lines(client)
    client.post("/en/cart/take-what-is-left/", left)
    assert lines(client) == before


def test_a_cart_changed_in_another_tab_is_shown_before_it_is_ordered(client: Client) -> None:
    drink = latte()
    add(client, drink, "Small")
    form = form_of(check_out(client))
    add(client, americano())
    with nothing_written():
        page = submit(client, form)
    assert page.status_code == 409
    assert "Your cart had changed meanwhile" in text_of(page)
    assert "price changed" not in text_of(page)
    assert submit(client, form_of(page)).status_code == 302
    assert Order.objects.get().lines.count() == 2


@pytest.mark.parametrize("action", ["add", "change", "accept", "put-back", "settle", "take-what-is-left"])
def test_a_form_s_address_leads_back_to_the_cart(client: Client, action: str) -> None:
    assert client.get(f"/en/cart/{action}/")["Location"] == "/en/cart/"


@pytest.mark.few_cases(4)
@pytest.mark.parametrize(
    "name",
    [
        "\u202eevil Bob",
        "Bob\u2066",
        "\u200b",
        "\ufeff",
        "\u3164",
        "\u115f\u1160",
        "\u200d",
        "\u034f",
        "\u034f \u180b",
    ],
    ids=ascii,
)
def test_a_name_that_turns_or_hides_the_text_beside_it_is_refused(client: Client, name: str) -> None:
    add(client, americano())
    form = form_of(check_out(client), customer_name=name)
    with nothing_written():
        assert submit(client, form).status_code == 422


@pytest.mark.parametrize("name", ["👩‍🍳", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "नमस्ते", "مریم"], ids=ascii)
def test_a_name_in_any_script_is_kept(client: Client, name: str) -> None:
    add(client, americano())
    assert submit(client, form_of(check_out(client), customer_name=name)).status_code == 302
    assert Order.objects.get().customer_name == name


def test_a_lost_answer_and_a_form_filled_in_again_are_one_order(client: Client) -> None:
    add(client, americano())
    form = form_of(check_out(client))
    before = client.cookies["cart"].value
    submit(client, form)
    client.cookies["cart"] = before  # the answer, with its cookies, never came
    response = submit(client, form | {"customer_name": "Li Wei"})
    assert response["Location"].endswith("?notice=before")
    assert lines(client) == [], "what is ordered is not in the cart any more"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"customer_name": ""}, {"phone": "no"}])
def test_a_form_that_was_not_known_stays_so_when_it_is_corrected(client: Client, wrong: dict[str, str]) -> None:
    add(client, americano())
    page = submit(client, form_of(check_out(client)) | {"is_unsure": "on"} | wrong)
    assert page.status_code == 422
    assert 'name="is_unsure" value="on"' in page.content.decode()
