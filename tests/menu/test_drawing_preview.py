"""The item form's preview draws its current values as customers will see them, for users who may change items."""

import pytest
from django.test import Client

from menu.drawing.cutaway import Cutaway, draw
from menu.models import Picture
from tests.harness.factories import americano, barista
from tests.harness.html_forms import fields_of

pytestmark = pytest.mark.django_db

PREVIEW = "/admin/menu/item/drawing/"
FORM = {"glass": "tall", "layers": "milk 60, espresso 40", "ice": "on", "straw": "on", "garnish": "mint"}


def test_it_is_exactly_what_the_menu_will_show(manager_client: Client) -> None:
    answer = manager_client.get(PREVIEW, FORM)
    assert answer.status_code == 200
    cutaway = Cutaway("tall", "milk 60, espresso 40", ice=True, straw=True, garnish="mint")
    assert answer.content.decode() == draw(cutaway, key="item-new")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"layers": "lava 50"}, "“lava” is not a fill we can draw."),
        ({"layers": "milk"}, "“milk” needs a share from 1 to 100."),
        ({"layers": "milk 1," * 7}, "At most 6 layers fit into one drawing."),
        ({"layers": "milk 10," * 40}, "Ensure this value has at most 120 characters"),
        ({"glass": "bucket"}, "bucket is not one of the available choices."),
        ({"glass": ""}, "This field is required."),
        ({"garnish": "<b>"}, "<b> is not one of the available choices."),
        ({"picture": "999999"}, "not one of the available choices."),
        ({"picture": "x"}, "not one of the available choices."),
    ],
)
def test_what_cannot_be_drawn_is_said_in_plain_text(
    manager_client: Client, wrong: dict[str, str], words: str
) -> None:
    answer = manager_client.get(PREVIEW, FORM | wrong)
    assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain")
    assert words in answer.content.decode()


def test_it_speaks_the_staffs_language(manager_client: Client) -> None:
    answer = manager_client.get(PREVIEW, FORM | {"layers": "milk"}, headers={"accept-language": "zh-hans"})
    assert "需要 1 到 100 的份额" in answer.content.decode()


def test_a_photo_replaces_the_drawing(manager_client: Client) -> None:
    photo = Picture.objects.create(content_hash="a" * 64, content=b"x", width=3, height=4, title='"><b>')
    answer = manager_client.get(PREVIEW, FORM | {"picture": photo.pk}).content.decode()
    assert answer == f'<img src="/media/{"a" * 64}.webp" class="photo" width="3" height="4" alt="">'
    drink = americano(picture=photo)
    for page in ("/admin/menu/item/", f"/admin/menu/item/{drink.pk}/change/"):
        assert f"/media/{'a' * 64}.webp" in manager_client.get(page).content.decode()


def test_nobody_else_is_drawn_for(manager_client: Client) -> None:
    assert manager_client.post(PREVIEW, FORM).status_code == 405
    manager_client.force_login(barista())
    assert manager_client.get(PREVIEW, FORM).status_code == 403
    anonymous = Client().get(PREVIEW, FORM)
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith("/admin/login/")


def test_a_saved_item_shows_its_drawing_without_javascript(manager_client: Client) -> None:
    drink = americano(glass="tall", layers="coffee 100", ice=True)
    address = f"/admin/menu/item/{drink.pk}/change/"
    drawn = draw(Cutaway("tall", "coffee 100", ice=True), key=f"item-{drink.pk}")
    page = manager_client.get(address).content.decode()
    assert drawn in page
    assert f'data-drawing-preview="{PREVIEW}"' in page
    assert "drawing-preview" in page
    assert {"glass", "layers", "ice", "garnish"} <= set(fields_of(page, "item_form"))
    manager_client.force_login(barista())
    assert drawn in manager_client.get(address).content.decode()


def test_a_new_item_shows_an_empty_cup(manager_client: Client) -> None:
    assert draw(Cutaway("cup"), key="item-new") in manager_client.get("/admin/menu/item/add/").content.decode()


def test_the_content_of_photos_is_not_read_to_show_a_list_of_them(manager_client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    drink = americano(picture=Picture.objects.create(content_hash="a" * 64, content=b"x", width=3, height=4))
    with CaptureQueriesContext(connection) as captured:
        manager_client.get("/admin/menu/item/")
        manager_client.get(f"/admin/menu/item/{drink.pk}/change/")
        manager_client.get(PREVIEW, FORM | {"picture": drink.picture_id})
    read = [query["sql"] for query in captured if "menu_picture" in query["sql"]]
    assert read
    assert not [sql for sql in read if "menu_picture`.`content`" in sql or 'menu_picture"."content"' in sql]
