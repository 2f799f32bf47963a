"""Display names of accounts and groups, and login names generated from a person's name."""

import re
from unicodedata import normalize

from django.contrib.auth.models import Group, User
from django.utils.translation import gettext as _

MAX_NAME = 60
MAX_MADE_LOGIN_NAME = 40
FORBIDDEN_IN_LOGIN_NAMES = re.compile(r"[^\w.@+-]+")


def person_name(user: User) -> str:
    """Return the account's full name, or its login name when it has none."""
    return user.get_full_name() or user.get_username()


def group_name(group: Group) -> str:
    """Return a group's name in the active language; the name of an unknown group is returned unchanged."""
    return {"barista": _("Barista"), "manager": _("Manager")}.get(group.name, group.name)


def same_name_key(name: str) -> str:
    """Return the name normalized (NFKC, case, spaces): equal for two names that readers would take for the same."""
    return normalize("NFKC", name).casefold().replace(" ", "")


def login_name_for(name: str) -> str:
    """Return an unused login name for a person: ann.lee for Ann Lee, 王芳 for 王芳, with a number if it is taken."""
    words = normalize("NFKC", name).casefold().split()
    base = FORBIDDEN_IN_LOGIN_NAMES.sub("", ".".join(words))[:MAX_MADE_LOGIN_NAME].strip(".") or "staff"
    login_name, number = base, 1
    while User.objects.filter(username__iexact=login_name).exists():
        number += 1
        login_name = f"{base}{number}"
    return login_name
