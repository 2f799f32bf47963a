"""The barista board: its columns, and what its template shows beside them."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cafe.staff_session import lifetime
from orders import selectors
from orders.bar.ticket_choices import Repayment, Toast
from orders.models import Status
from orders.placing.idempotency import fingerprint
from orders.reasons import REASONS
from orders.services import Staff

COLUMNS = ((Status.PENDING, _("New")), (Status.PREPARING, _("In preparation")), (Status.READY, _("Ready")))


def contents(request: HttpRequest, *, toast: Toast | None, problem: str) -> tuple[dict[str, Any], str]:
    """Return the context of `admin/bar/_board.html`, and a hash of what is shown, by which a poll finds changes."""
    bar = selectors.bar_queue()
    ending = lifetime.ending(request.session)
    shown = [(order.pk, order.status, order.payment_status) for order in bar.shown]
    state = fingerprint([bar.is_count_ahead, *shown, ending and (ending.at.isoformat(), ending.can_extend)])[:16]
    actor = cast(Staff, request.user)
    context = {
        "columns": [
            (status, label, [order for order in bar.open if order.status == status]) for status, label in COLUMNS
        ],
        "to_give_back": [Repayment(order, actor) for order in bar.owed_back],
        "toast": toast,
        "problem": problem,
        "gone_reasons": REASONS["gone"],
        "now": timezone.now(),
        "ending": ending,
        "is_count_ahead": bar.is_count_ahead,
    }
    return context, state
