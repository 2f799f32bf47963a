"""Who may take a payment, refund, write off and correct: the state machine of an order's payment.

Each allowed move has its order statuses, roles and time limits. The moves of an order's status are
`orders.models.ALLOWED_TRANSITIONS`. `orders.lifecycle` writes both, and calls `check_payment` before each payment's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.errors import Invalid, NotAllowedNow, stale_state_error
from orders.models import NOT_HANDED_OVER, OPEN, Order, OrderEvent, PaymentStatus, Status, business_day

CORRECTION_LIMIT = timedelta(minutes=10)


class Role(IntEnum):
    BARISTA = 1
    MANAGER = 2
    SUPERUSER = 3


class Until(Enum):
    """The time limit of a role for a correcting move, counted from the payment move that it corrects."""

    ALWAYS = "always"
    TEN_MINUTES = "ten minutes"
    NEXT_BUSINESS_DAY = "the end of the next business day"
    ALWAYS_WITH_REASON = "always, with a written reason"


@dataclass(frozen=True)
class PaymentMove:
    """One allowed move of the payment. `asks_reason`: the move requires a reason."""

    before: PaymentStatus
    after: PaymentStatus
    statuses: frozenset[Status]
    limits: Mapping[Role, Until]
    asks_reason: bool = False
    # A barista may make it when the customer cancelled the order.
    is_open_to_baristas_after_customers_cancel: bool = field(default=False, kw_only=True)

    def limit_for(self, role: Role) -> Until | None:
        """Return the time limit of the highest role in `limits` that is not above this one; None if there is none."""
        named = [own for own in self.limits if own <= role]
        return self.limits[max(named)] if named else None


ANY = frozenset(Status)
LIVE = frozenset({*OPEN, Status.COMPLETED})
COMPLETED = frozenset({Status.COMPLETED})
ENDED = frozenset(NOT_HANDED_OVER)
BARISTAS = {Role.BARISTA: Until.ALWAYS}
MANAGERS = {Role.MANAGER: Until.ALWAYS}
CORRECTS_PAID = {
    Role.BARISTA: Until.TEN_MINUTES,
    Role.MANAGER: Until.NEXT_BUSINESS_DAY,
    Role.SUPERUSER: Until.ALWAYS_WITH_REASON,
}
CORRECTS_REFUND = {Role.MANAGER: Until.NEXT_BUSINESS_DAY}
_UNPAID, _PAID = PaymentStatus.UNPAID, PaymentStatus.PAID
_REFUNDED, _WRITTEN_OFF = PaymentStatus.REFUNDED, PaymentStatus.WRITTEN_OFF

PAYMENT_TRANSITIONS = (
    PaymentMove(_UNPAID, _PAID, LIVE, BARISTAS),
    PaymentMove(_PAID, _UNPAID, ANY, CORRECTS_PAID),
    PaymentMove(_PAID, _REFUNDED, LIVE, MANAGERS, asks_reason=True),
    PaymentMove(_PAID, _REFUNDED, ENDED, MANAGERS, is_open_to_baristas_after_customers_cancel=True),
    PaymentMove(_REFUNDED, _PAID, ANY, CORRECTS_REFUND),
    PaymentMove(_UNPAID, _WRITTEN_OFF, COMPLETED, BARISTAS, asks_reason=True),
    PaymentMove(_WRITTEN_OFF, _PAID, COMPLETED, BARISTAS),
    PaymentMove(_WRITTEN_OFF, _UNPAID, COMPLETED, BARISTAS),
)


def statuses_for(before: PaymentStatus, after: PaymentStatus) -> frozenset[Status]:
    """Return the order statuses in which its payment may move from `before` to `after`; empty if it never may."""
    allowed = [move.statuses for move in PAYMENT_TRANSITIONS if (move.before, move.after) == (before, after)]
    return frozenset[Status]().union(*allowed)


def payment_move(order: Order, after: PaymentStatus) -> PaymentMove | None:
    """Return the move from the order's payment status to `after`; None if the order's status allows none."""
    for move in PAYMENT_TRANSITIONS:
        if (move.before, move.after) == (order.payment_status, after) and order.status in move.statuses:
            return move
    return None


# Permissions: which role may make a payment move, and for how long


def role_of(user: User) -> Role | None:
    """Return the highest role that the user's permissions give for payments; None for an account without any."""
    if user.is_superuser:
        return Role.SUPERUSER
    if user.has_perm("orders.refund_order"):
        return Role.MANAGER
    return Role.BARISTA if user.has_perm("orders.work_bar") else None


@dataclass(frozen=True)
class Permission:
    """Whether a person may make a payment move now. `asks_reason`: only with a written reason."""

    is_granted: bool
    asks_reason: bool = False


REFUSED = Permission(False)


def permission(user: User, order: Order, after: PaymentStatus, events: Collection[OrderEvent]) -> Permission:
    """Return whether this person may move the order's payment to `after` now; `events` are all of the order's."""
    return permission_of(role_of(user), order, after, events)


def permission_of(
    role: Role | None, order: Order, after: PaymentStatus, events: Collection[OrderEvent]
) -> Permission:
    """Return the same as `permission`, for a role instead of a user."""
    move = payment_move(order, after)
    if move is None or role is None:
        return REFUSED
    if move.is_open_to_baristas_after_customers_cancel and was_cancelled_by_customer(order, events):
        return Permission(True, move.asks_reason)
    limit = move.limit_for(role)
    if limit is Until.ALWAYS_WITH_REASON:
        is_late = not _is_within(Until.NEXT_BUSINESS_DAY, _noted_at(order, events))
        return Permission(True, move.asks_reason or is_late)
    is_granted = limit is not None and _is_within(limit, _noted_at(order, events))
    return Permission(is_granted, move.asks_reason)


def check_payment(
    user: User, order: Order, after: PaymentStatus, events: Collection[OrderEvent], reason: str = ""
) -> PaymentMove:
    """Return the move of the order's payment to `after` if this person may make it now; `events` are all its events.

    Raises NotAllowedNow if no role may or the time limit of theirs is over, PermissionDenied if their role never may,
    Invalid if a reason is missing.
    """
    move, role = payment_move(order, after), role_of(user)
    if move is None:
        raise stale_state_error(order)
    allowed = permission_of(role, order, after, events)
    if not allowed.is_granted:
        if role is None or move.limit_for(role) is None:
            raise PermissionDenied
        raise NotAllowedNow(_("It is too late for that at the bar. Please ask a manager."))
    if allowed.asks_reason and not reason:
        raise Invalid(_("Give a reason."))
    return move


def was_cancelled_by_customer(order: Order, events: Collection[OrderEvent]) -> bool:
    ends = [event for event in events if event.to_status == Status.CANCELLED]
    return order.status == Status.CANCELLED and bool(ends) and ends[-1].actor_id is None


def can_restore(order: Order) -> bool:
    """Return whether staff may restore a cancelled or no-show order: on the day it ended, unless it was refunded.

    `services.restore_order` refuses it as well while another open order has its number.
    """
    is_today = business_day(order.moved_at) >= business_day()
    return order.can_be_restored and is_today and order.payment_status != PaymentStatus.REFUNDED


def _noted_at(order: Order, events: Collection[OrderEvent]) -> datetime:
    """Return when the payment reached its current status; if it never moved, when the order was placed."""
    noted = [event.at for event in events if event.to_status == order.payment_status]
    return noted[-1] if noted else order.placed_at


def _is_within(limit: Until, noted_at: datetime) -> bool:
    if limit is Until.TEN_MINUTES:
        return timezone.now() - noted_at <= CORRECTION_LIMIT
    if limit is Until.NEXT_BUSINESS_DAY:
        return business_day() <= business_day(noted_at) + timedelta(days=1)
    return True
