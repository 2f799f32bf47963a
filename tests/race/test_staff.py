"""A link that several clients use concurrently sets one password. Of two superusers who deactivate each other, one is
left."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.contrib.auth.models import User

from staff import services
from staff.errors import LinkIsDead, NotYours
from staff.models import Member, Role, StaffLinkQuerySet
from tests.race.crowd import Client, Crowd

CLIENTS, PAIRS = 5, 5


def hire_with_link() -> tuple[int, str]:
    """Add a colleague as a new superuser; return the account's key and the link's token."""
    boss = User.objects.create_superuser(f"boss{User.objects.count()}")
    member, token = services.add_member(name=f"New {boss.pk}", role=Role.BARISTA, actor=boss)
    return member.pk, token


def use(client: Client, token: str) -> str:
    """Use the link; return the password that was set, or "too late"."""
    password = f"flat-white-{client.number}"
    client.wait_for_all()
    try:
        services.use_link(token=token, password=password)
        return password
    except LinkIsDead:
        return "too late"


def opens(pk: int, password: str) -> bool:
    return User.objects.get(pk=pk).check_password(password)


def test_one_link_sets_one_password(everybody: Crowd) -> None:
    pk, token = everybody.ask(hire_with_link)
    outcomes = everybody(use, token, clients=CLIENTS)
    [password] = [outcome for outcome in outcomes if outcome != "too late"]
    assert everybody.ask(opens, pk, password)


@contextmanager
def links_claimed_without_a_condition() -> Iterator[None]:
    """Remove the guard: a link is marked as used even if it was used already."""
    with patch.object(StaffLinkQuerySet, "open", lambda links: links.all()):
        yield


def test_without_the_condition_everybody_sets_a_password(everybody: Crowd) -> None:
    """Control: each client is told that its password is set, and all but one are wrong."""
    _pk, token = everybody.ask(hire_with_link)
    outcomes = everybody(use, token, clients=CLIENTS, inside=links_claimed_without_a_condition)
    assert sorted(outcomes) == [f"flat-white-{number}" for number in range(CLIENTS)]


def superusers(first: str) -> list[tuple[int, int]]:
    """Create pairs of superusers; return their keys."""
    names = [(f"{first}{number}a", f"{first}{number}b") for number in range(PAIRS)]
    return [(User.objects.create_superuser(a).pk, User.objects.create_superuser(b).pk) for a, b in names]


def deactivate_the_other(client: Client, pairs: list[tuple[int, int]]) -> str:
    own, other = pairs[client.number % PAIRS][:: 1 if client.number < PAIRS else -1]
    actor, member = User.objects.get(pk=own), Member.objects.get(pk=other)
    client.wait_for_all()
    try:
        services.deactivate(member=member, actor=actor)
        return "done"
    except NotYours:
        return "refused"


def left(pairs: list[tuple[int, int]]) -> list[int]:
    """Return the number of active accounts of each pair."""
    return [User.objects.filter(pk__in=pair, is_active=True).count() for pair in pairs]


def test_of_two_superusers_who_deactivate_each_other_one_is_left(everybody: Crowd) -> None:
    pairs = everybody.ask(superusers, "guarded")
    outcomes = everybody(deactivate_the_other, pairs, clients=2 * PAIRS)
    assert sorted(outcomes) == ["done"] * PAIRS + ["refused"] * PAIRS
    assert everybody.ask(left, pairs) == [1] * PAIRS


@contextmanager
def checked_before_the_lock() -> Iterator[None]:
    """Remove the guard: permission is checked when the page opens, not under the lock that precedes the change."""
    with patch.object(services, "lock_and_check", lambda actor, member: Member.objects.get(pk=member.pk)):
        yield


def test_without_the_check_under_a_lock_nobody_is_left(everybody: Crowd) -> None:
    """Control: both had permission when they pressed the button."""
    pairs = everybody.ask(superusers, "unguarded")
    outcomes = everybody(deactivate_the_other, pairs, clients=2 * PAIRS, inside=checked_before_the_lock)
    assert outcomes == ["done"] * 2 * PAIRS
    assert everybody.ask(left, pairs) == [0] * PAIRS
