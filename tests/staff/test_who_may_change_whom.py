"""A manager may change baristas only, a superuser everybody but themselves; the history keeps every name."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from orders import services as orders
from orders.models import OrderEvent
from staff.models import Member
from tests.harness.factories import manager, order
from tests.staff.people import MEMBERS, accounts, browser, do, no_account_changed, page_of, person, superuser

pytestmark = pytest.mark.django_db

ACTIONS = {"link": {}, "name": {"name": "Somebody"}, "role": {"role": "barista"}, "deactivate": {}, "reactivate": {}}
Makes = Callable[[], Member]


def barista_and_more(username: str = "keys") -> Member:
    """Create a barista with one more permission of their own."""
    member = person(username, "barista")
    member.user_permissions.add(Permission.objects.get(codename="refund_order"))
    return member


def accountant() -> Member:
    Group.objects.create(name="accounting")
    return person("acc", "barista", "accounting")


BEYOND_A_MANAGER = {
    "another manager": lambda: person("meg", "manager"),
    "a superuser": superuser,
    "a superuser in the group of baristas": lambda: person("both", "barista", is_superuser=True),
    "a barista with a right of their own": barista_and_more,
    "a barista of one more group": accountant,
    "an account without a group": lambda: person("none"),
    "themselves": lambda: Member.objects.get(pk=manager().pk),
}


@pytest.mark.few_cases(12)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("whom", BEYOND_A_MANAGER)
def test_a_manager_changes_nobody_beyond_a_barista(whom: str, action: str) -> None:
    member = BEYOND_A_MANAGER[whom]()
    client = browser(manager())
    with no_account_changed():
        answer = do(client, member, action, **ACTIONS[action])
        assert (answer.status_code, answer["Location"]) == (302, page_of(member))
    page = client.get(page_of(member))
    assert "You may not change this account. Nothing was changed." in page.content.decode()
    assert 'name="action"' not in page.content.decode()


def test_a_manager_gives_no_role_but_barista() -> None:
    ann, client = person("ann", "barista"), browser(manager())
    with no_account_changed():
        assert do(client, ann, "role", role="manager").status_code == 422


@pytest.mark.parametrize("action", ACTIONS)
def test_a_superuser_changes_everybody_but_themselves(action: str) -> None:
    owner = superuser()
    client = browser(owner)
    for member in (person("ann", "barista"), person("meg", "manager"), accountant()):
        assert do(client, member, action, **ACTIONS[action] | {"name": f"N{member.pk}"}).status_code in (200, 302)
        assert "may not change" not in client.get(page_of(member)).content.decode()
    with no_account_changed():
        do(client, owner, action, **ACTIONS[action])
    assert Member.objects.get(pk=owner.pk).is_active


def test_a_superuser_keeps_their_rank() -> None:
    other, client = superuser("other"), browser(superuser())
    with no_account_changed():
        do(client, other, "role", role="barista")


def test_a_role_changes_and_other_groups_stay() -> None:
    member = accountant()
    assert do(browser(superuser()), member, "role", role="manager").status_code == 302
    assert member.role == "manager"
    assert {group.name for group in member.groups.all()} == {"accounting", "manager"}


@pytest.mark.parametrize("address", [MEMBERS, f"{MEMBERS}add/", "/admin/staff/"])
def test_baristas_and_strangers_see_no_staff(address: str) -> None:
    barista = browser(person("ann", "barista"))
    assert barista.get(address, follow=True).status_code == 403
    assert "/admin/staff/" not in barista.get("/admin/").content.decode()
    stranger = browser().get(address, follow=True)
    assert stranger.redirect_chain[-1][0].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("language", "said", "back"),
    [
        ("en", "Your account does not open this page", "Back to the bar"),
        ("zh-CN", "您的账号不能打开这个页面", "回到吧台"),
    ],
)
def test_who_may_not_see_a_page_of_the_staff_is_led_back_to_the_bar(language: str, said: str, back: str) -> None:
    answer = browser(person("ann", "barista"), language).get(MEMBERS)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]
    assert said in page
    assert f'href="/admin/bar/">{back}</a>' in page
    assert "To the menu" not in page
    assert "去看菜单" not in page
    visitor = browser(person("visitor"), language).get("/admin/bar/").content.decode()
    assert said in visitor
    assert back not in visitor


def test_a_barista_changes_nobody() -> None:
    client, bob = browser(person("ann", "barista")), person("bob", "barista")
    with no_account_changed():
        assert do(client, bob, "deactivate").status_code == 403
        assert client.post(f"{MEMBERS}add/", {"name": "Eve", "role": "barista"}).status_code == 403


@pytest.mark.parametrize("key", ["9999999", "x", "%00", "1.5"])
def test_an_account_that_is_not_there_is_not_found(key: str) -> None:
    client = browser(manager())
    with no_account_changed():
        assert client.post(f"{MEMBERS}{key}/change/", {"action": "deactivate"}).status_code == 404


def test_an_action_that_there_is_not_changes_nothing() -> None:
    ann = person("ann", "barista")
    client = browser(manager())
    with no_account_changed():
        assert do(client, ann, "promote").status_code == 404
        assert client.post(page_of(ann)).status_code == 404
        assert client.post(f"{MEMBERS}{ann.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_counts_only_what_was_searched_for() -> None:
    """Otherwise the list offers "Show all" although all rows are shown."""
    for name in ("ann", "bob"):
        person(name, "barista")
    boss = browser(manager())
    assert "Show all" not in boss.get(MEMBERS).content.decode()
    assert "3 results" not in boss.get(MEMBERS).content.decode()
    assert '1 result (<a href="?">3 total</a>)' in boss.get(MEMBERS, {"q": "bob"}).content.decode()


def test_the_list_says_who_works_here() -> None:
    person("ann", "barista", first_name="Ann")
    person("bob", "barista", first_name="Bob", is_active=False)
    User.objects.create_user("customer-of-something")
    superuser()
    page = browser(manager()).get(MEMBERS).content.decode()
    rows = [row.partition("</tr>")[0] for row in page.split("<tr>")]
    shown = {name: next(row for row in rows if f">{name}</a>" in row) for name in ("Ann", "Bob", "owner")}
    assert "Barista" in shown["Ann"]
    assert "active" in shown["Ann"]
    assert "deactivated" in shown["Bob"]
    assert "Administrator" in shown["owner"]
    assert "customer-of-something" not in page


def test_history_keeps_the_name_of_somebody_who_left() -> None:
    ann = person("ann", "barista", first_name="王芳")
    placed = order()
    orders.advance_order(order=placed, actor=ann)
    do(browser(manager()), ann, "deactivate")
    for address in (f"/admin/bar/{placed.token}/", f"/admin/orders/order/{placed.pk}/change/"):
        assert "王芳" in browser(manager()).get(address).content.decode()
    assert str(OrderEvent.objects.latest("pk").actor) == "王芳"
    history = browser(manager()).get(f"{MEMBERS}{ann.pk}/history/")
    assert "active: no" in history.content.decode()


def test_roles_have_their_names_in_both_languages() -> None:
    person("ann", "barista")
    chinese = browser(superuser(), "zh-CN")
    page = chinese.get(MEMBERS).content.decode()
    assert "咖啡师" in page
    assert "管理员" in page
    groups = chinese.get("/admin/auth/group/").content.decode()
    assert (">咖啡师</a>" in groups, ">店长</a>" in groups) == (True, True)
    assert ">Barista</a>" in browser(superuser("two")).get("/admin/auth/group/").content.decode()
    assert set(Group.objects.values_list("name", flat=True)) == {"barista", "manager"}


# Django's own pages


OWN_PAGES = ["/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/group/"]


@pytest.mark.parametrize("address", OWN_PAGES)
def test_django_s_own_pages_of_accounts_are_a_superuser_s(address: str) -> None:
    meg = person("meg", "manager")
    meg.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    assert browser(meg).get(address).status_code == 403
    assert browser(superuser()).get(address).status_code == 200


def account_form(client: Client, member: User, **changed: str | None) -> dict[str, str]:
    form = {"username": member.username, "first_name": "", "last_name": "", "email": "", "is_active": "on"}
    form |= {"is_staff": "on", "date_joined_0": "2026-01-01", "date_joined_1": "08:00"}
    form |= {name: value for name, value in changed.items() if value is not None}
    return {name: value for name, value in form.items() if name not in changed or changed[name] is not None}


def test_nobody_takes_their_own_rights_there_and_no_account_is_deleted() -> None:
    owner = superuser()
    client = browser(owner)
    address = f"/admin/auth/user/{owner.pk}/"
    form = account_form(client, owner, is_active=None, is_superuser=None, is_staff=None)
    assert client.post(f"{address}change/", form).status_code == 302
    kept = User.objects.get(pk=owner.pk)
    assert (kept.is_active, kept.is_staff, kept.is_superuser) == (True, True, True)
    before = accounts()["users"]
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": str(owner.pk), "post": "yes"}
    client.post("/admin/auth/user/", selected)
    assert accounts()["users"] == before
