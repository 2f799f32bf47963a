"""Names of colleagues: unique login names from any script."""

import pytest
from django.contrib.auth.models import User

from tests.harness.factories import manager
from tests.staff.new_colleague.links import ADD, added
from tests.staff.people import (
    browser,
    no_account_changed,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "login_name"),
    [
        ("王芳", "王芳"),
        ("Ann Lee", "ann.lee"),
        ("Zoë O’Neil", "zoë.oneil"),
        ("☕", "staff"),
        ("Ａｎｎ", "ann"),
        ("..", "staff"),
    ],
)
def test_a_login_name_is_made_from_the_name(name: str, login_name: str) -> None:
    assert added(name)[0].username == login_name


def test_a_login_name_that_is_taken_gets_a_number() -> None:
    person("ann", "barista", first_name="Anna")
    assert added("Ann")[0].username == "ann2"


def test_a_login_name_may_be_typed() -> None:
    assert added("王芳", login_name="fang")[0].username == "fang"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"name": "   "}, "name", "This field is required."),
        ({"name": "a" * 61}, "name", "at most 60 characters"),
        ({"name": "an\u202en"}, "name", ""),
        ({"name": "ANN"}, "name", "Somebody of this name works here, or did."),
        ({"name": "a n n"}, "name", "Somebody of this name works here, or did."),
        ({"name": "Bea", "login_name": "Ann"}, "login_name", "Somebody else has this login name."),
        ({"name": "Bea", "login_name": "b ea"}, "login_name", "Enter a valid username."),
        ({"name": "Bea", "role": "owner"}, "role", "is not one of the available choices"),
        ({"name": "Bea", "role": "manager"}, "role", "is not one of the available choices"),
        ({"name": "Bea", "role": ""}, "role", "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_added(typed: dict[str, str], field: str, said: str) -> None:
    person("ann", "barista", first_name="Ann", is_active=False)
    client = browser(manager())
    with no_account_changed():
        page = client.post(ADD, {"name": "Bea", "role": "barista", "login_name": ""} | typed)
    assert page.status_code == 422
    assert said in "".join(page.context["form"].errors[field])


def test_a_form_sent_twice_adds_one() -> None:
    added("Ann")
    page = browser(manager()).post(ADD, {"name": "Ann", "role": "barista"})
    assert page.status_code == 422
    assert User.objects.filter(first_name="Ann").count() == 1
