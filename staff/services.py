"""Changes of staff accounts. Each locks both accounts and checks that the acting person may still make the change.

The rules: a manager (`staff.manage_staff`) changes baristas, a superuser everybody; nobody changes themselves. So the
last active superuser cannot be deactivated: only another active superuser could do it.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.transactions import run_in_transaction
from staff.errors import LinkIsDead, NameTaken, NotYours
from staff.models import Member, Role, StaffLink
from staff.names import login_name_for, same_name_key
from staff.sessions import end_sessions

LINK_LIFETIME = timedelta(hours=48)
TOKEN_BYTES = 24  # 32 characters; the edge masks words of that length in its access log

T = TypeVar("T")


def may_manage(actor: User, member: Member) -> bool:
    """True if `actor` may change this account. Reads the groups of both unless they are prefetched."""
    if actor.pk == member.pk or not actor.has_perm("staff.manage_staff"):
        return False
    return actor.is_superuser or member.is_barista_alone


def roles_to_give(actor: User) -> list[Role]:
    return list(Role) if actor.is_superuser else [Role.BARISTA]


def add_member(*, name: str, role: Role, login_name: str = "", actor: User) -> tuple[Member, str]:
    """Create an account without a password, and return it with the token of its one-time link.

    Without `login_name` one is made from the name. Raises NotYours, NameTaken, and what `run_in_transaction` raises.
    Of two equal concurrent requests the second violates the unique login name, is retried, and raises NameTaken.
    """

    def attempt() -> tuple[Member, str]:
        now = _locked(actor).get(actor.pk)
        if now is None or not now.has_perm("staff.manage_staff") or role not in roles_to_give(now):
            raise NotYours
        _check_name_is_free(name)
        if login_name and User.objects.filter(username__iexact=login_name).exists():
            raise NameTaken("login_name", _("Somebody else has this login name."))
        member = Member(username=login_name or login_name_for(name), first_name=name, is_staff=True)
        member.set_unusable_password()
        member.save()
        member.groups.add(Group.objects.get(name=role))
        return member, _new_link(member, actor)

    return run_in_transaction(attempt)


def issue_link(*, member: Member, actor: User) -> str:
    """Make a new one-time link for an account and return its token; an older link no longer works."""
    return _change(actor, member, lambda now: _new_link(now, actor))


def rename(*, member: Member, name: str, actor: User) -> None:
    def write(now: Member) -> None:
        _check_name_is_free(name, besides=now)
        now.first_name, now.last_name = name, ""
        now.save(update_fields=["first_name", "last_name"])

    _change(actor, member, write)


def change_role(*, member: Member, role: Role, actor: User) -> None:
    """Replace the account's role, revoke its open link and end its sessions."""

    def write(now: Member) -> None:
        if now.is_superuser or role not in roles_to_give(actor):
            raise NotYours
        if now.role == role:
            return
        now.groups.remove(*Group.objects.filter(name__in=Role.values))
        now.groups.add(Group.objects.get(name=role))
        _shut_out(now)

    _change(actor, member, write)


def deactivate(*, member: Member, actor: User) -> None:
    """Deactivate the account: revoke its open link, end its sessions, refuse its password. Its name is kept."""

    def write(now: Member) -> None:
        now.is_active = False
        now.save(update_fields=["is_active"])
        _shut_out(now)

    _change(actor, member, write)


def reactivate(*, member: Member, actor: User) -> None:
    def write(now: Member) -> None:
        now.is_active = True
        now.save(update_fields=["is_active"])

    _change(actor, member, write)


def member_of_link(token: str) -> Member | None:
    """Return the account whose password an open link sets; None for a link that no longer works. Writes nothing."""
    link = StaffLink.objects.open().filter(token_hash=_hash(token)).first()
    return Member.objects.filter(pk=link.user_id, is_active=True).first() if link else None


def use_link(*, token: str, password: str) -> Member:
    """Mark a one-time link as used and set the password, which ends the account's sessions. Raises LinkIsDead.

    One conditional UPDATE claims the link, so of two concurrent uses the second raises LinkIsDead.
    """
    hashed = make_password(password)  # slow on purpose, so not while the link's row is locked

    def attempt() -> Member:
        if not StaffLink.objects.open().filter(token_hash=_hash(token)).update(used_at=timezone.now()):
            raise LinkIsDead
        link = StaffLink.objects.get(token_hash=_hash(token))
        member = Member.objects.filter(pk=link.user_id, is_active=True).first()
        if member is None:
            raise LinkIsDead
        member.password = hashed
        member.save(update_fields=["password"])
        return member

    return run_in_transaction(attempt)


def lock_and_check(actor: User, member: User) -> Member:
    """Lock both accounts until the transaction's end and return `member` as it is now. Raises NotYours."""
    now = _locked(actor, member)
    if actor.pk not in now or member.pk not in now or not may_manage(now[actor.pk], now[member.pk]):
        raise NotYours
    return now[member.pk]


def _change(actor: User, member: Member, write: Callable[[Member], T]) -> T:
    return run_in_transaction(lambda: write(lock_and_check(actor, member)))


def _locked(*people: User) -> dict[int, Member]:
    """Lock these accounts in the order of their keys, and return them as they are now."""
    keys: list[int] = [person.pk or 0 for person in people]
    rows = Member._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


def _new_link(member: Member, actor: User) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    link = {"token_hash": _hash(token), "made_by": actor, "made_at": now, "expires_at": now + LINK_LIFETIME}
    StaffLink.objects.update_or_create(user_id=member.pk, defaults=link | {"used_at": None})
    return token


def _shut_out(member: Member) -> None:
    StaffLink.objects.open().filter(user_id=member.pk).update(expires_at=timezone.now())
    end_sessions(member)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _check_name_is_free(name: str, besides: Member | None = None) -> None:
    """Raise NameTaken if another account has this name, even a deactivated one: tickets and history show it."""
    others = Member.objects.exclude(pk=besides.pk) if besides else Member.objects.all()
    namesake = next((other for other in others if same_name_key(other.name) == same_name_key(name)), None)
    if namesake:
        words = _("Somebody of this name works here, or did. Add something that tells the two apart.")
        raise NameTaken("name", words, namesake)
