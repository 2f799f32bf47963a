"""The reasons that staff give for a move of an order: ready-made ones, chosen with one touch, or free text.

A ready-made reason is stored in English and shown in the reader's language.
"""

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from menu.availability import reasons
from orders.errors import Invalid

CANCEL = (
    _("The customer asked for it"),
    _("An ingredient is out"),
    _("Ordered twice"),
    _("Made wrong"),
    _("We are closing"),
)
REFUND = (
    _("Made wrong"),
    _("Took too long"),
    _("Not to the customer's taste"),
    _("An ingredient is out"),
)
ON_THE_HOUSE = _("On the house")
TAKEN_BY_ANOTHER = _("Taken by somebody else")
GONE_WITHOUT_PAYING = (
    _("Left without paying"),
    _("A regular, pays next time"),
    ON_THE_HOUSE,
    TAKEN_BY_ANOTHER,
)
CORRECTION = (_("Pressed by mistake"), _("The wrong order"))

REASONS: dict[str, tuple[str, ...]] = {
    "cancel": CANCEL,
    "refund": REFUND,
    "gone": GONE_WITHOUT_PAYING,
    "write-off": GONE_WITHOUT_PAYING,
    "unpaid": CORRECTION,
}
READY_MADE = frozenset(reason for ready_made in REASONS.values() for reason in ready_made)


def label_of(reason: str) -> str:
    """Return a ready-made reason in the active language; free text is returned unchanged."""
    return gettext(reason) if reason in READY_MADE else reason


def read_reason(sent: QueryDict) -> str:
    """Return the reason that a form sends: its free text, else the chosen reason, else "".

    Raises Invalid for a text that `menu.text.clean_text` refuses, and for one that is too long.
    """
    try:
        return reasons.reason_in(sent)
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error
