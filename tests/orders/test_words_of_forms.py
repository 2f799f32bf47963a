"""A form error is in the page's language and beside its field, which gets the focus."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from menu.models import Item, Option
from tests.harness.factories import americano, latte, nothing_written
from tests.orders.customer import a_device, add, hidden_inputs, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return a_device()


@pytest.fixture
def drink() -> Item:
    return latte()


def submit(client: Client, language: str = "en", **written: str) -> HttpResponse:
    add(client, americano())
    page = client.get(f"/{language}/checkout/")
    assert "novalidate" in page.content.decode()
    form = hidden_inputs(page) | {"customer_name": "Mei", "phone": "", "fulfilment": "here", "note": ""}
    with nothing_written():
        return client.post(f"/{language}/checkout/", form | written)


def focused(page: HttpResponse) -> list[str]:
    """Return the names of the inputs with `autofocus`, in page order."""
    inputs = re.findall(r"<input[^>]*autofocus[^>]*>", page.content.decode())
    return [re.search(r'name="([^"]+)"', found)[1] for found in inputs]  # type: ignore[index]


def described_by(page: HttpResponse, name: str) -> str:
    """Return the error text that `aria-describedby` links to the input of this name."""
    source = page.content.decode()
    [field] = [found for found in re.findall(r"<input[^>]*>", source) if f'name="{name}"' in found]
    assert 'aria-invalid="true"' in field
    ids = re.search(r'aria-describedby="([^"]+)"', field)
    assert ids
    words = [re.search(rf'id="{id_}"[^>]*>(.*?)</(?:div|p)>', source, flags=re.DOTALL) for id_ in ids[1].split()]
    return " ".join(re.sub(r"<[^>]*>", "", found[1]) for found in words if found)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Please write a name for the cup; any name will do."), ("zh-hans", "请填写称呼")],
)
def test_an_empty_name_is_said_in_our_words(client: Client, language: str, words: str) -> None:
    page = submit(client, language, customer_name="")
    assert page.status_code == 422
    assert words in described_by(page, "customer_name")
    assert focused(page) == ["customer_name"]


def test_a_phone_number_that_is_none_is_said_at_its_field(client: Client) -> None:
    page = submit(client, phone="call me")
    assert "This is not a phone number that we can call." in described_by(page, "phone")
    assert focused(page) == ["phone"]


def test_the_first_of_two_wrong_fields_has_the_focus(client: Client) -> None:
    assert focused(submit(client, customer_name=" ", phone="x")) == ["customer_name"]


@pytest.mark.parametrize("fulfilment", ["", "home"])
def test_a_choice_that_is_missing_is_said_at_its_group(client: Client, fulfilment: str) -> None:
    page = submit(client, fulfilment=fulfilment)
    assert "Please choose one of the two." in text_of(page)
    assert 'aria-describedby="id_fulfilment_error"' in page.content.decode()
    assert focused(page) == ["fulfilment"]


def test_nothing_asks_for_the_focus_before_something_is_wrong(client: Client) -> None:
    add(client, americano())
    assert focused(client.get("/en/checkout/")) == []
    assert focused(client.get("/en/item/americano/")) == []


# The item's form


def test_the_item_s_form_leaves_the_words_to_us(client: Client, drink: Item) -> None:
    assert re.search(r'<form class="item-form"[^>]* novalidate', client.get("/en/item/latte/").content.decode())


@pytest.mark.parametrize(("quantity", "language"), [("", "en"), ("0", "en"), ("1.5", "zh-hans"), ("100", "en")])
def test_a_wrong_quantity_is_said_at_its_field(client: Client, quantity: str, language: str) -> None:
    form = {"item": americano().pk, "chosen": "1", "quantity": quantity}
    page = client.post(f"/{language}/cart/add/", form)
    words = {"en": "A quantity is a whole number from 1 to 99.", "zh-hans": "数量"}[language]
    assert words in described_by(page, "quantity")
    assert focused(page) == ["quantity"]
    assert "cart" not in page.cookies


def test_more_than_one_order_takes_is_said_at_the_quantity(client: Client) -> None:
    page = client.post("/en/cart/add/", {"item": americano(max_per_order=2).pk, "chosen": "1", "quantity": "3"})
    assert described_by(page, "quantity") == "Americano: at most 2 in one order."


def test_a_group_without_a_choice_says_so_itself(client: Client, drink: Item) -> None:
    page = client.post("/en/cart/add/", {"item": drink.pk, "chosen": "1", "quantity": "1"})
    size = Option.objects.get(name_en="Small").group_id
    source = page.content.decode()
    [group] = [part for part in source.split("<fieldset")[1:] if f'name="group-{size}"' in part]
    assert group.startswith(' class="option-group" aria-describedby="choice-error"')
    assert 'role="alert">Latte: choose “Size”.' in group
    assert source.count('id="choice-error"') == 1
    assert focused(page)[0] == f"group-{size}"


def test_a_sold_out_option_is_said_at_its_group(client: Client, drink: Item) -> None:
    Option.objects.filter(name_en="Large").update(is_available=False)
    large = Option.objects.get(name_en="Large")
    form = {"item": drink.pk, "chosen": "1", "quantity": "1", f"group-{large.group_id}": large.pk}
    page = client.post("/en/cart/add/", form)
    assert page.status_code == 409
    assert "Latte: Large is sold out today." in text_of(page)
    assert focused(page)[0] == f"group-{large.group_id}"
