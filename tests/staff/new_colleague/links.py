"""A manager adds a colleague, and the one-time link that is handed over."""

from staff.models import Member
from tests.harness.factories import manager
from tests.staff.people import (
    MEMBERS,
    browser,
    link_on,
)

ADD = f"{MEMBERS}add/"


def added(name: str = "王芳", **fields: str) -> tuple[Member, str]:
    """Add a colleague as a manager does; return the account and its link."""
    page = browser(manager()).post(ADD, {"name": name, "role": "barista", "login_name": ""} | fields)
    assert page.status_code == 200, page.content.decode()
    return Member.objects.get(first_name=name), link_on(page)
