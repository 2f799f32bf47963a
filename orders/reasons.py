"""Why staff did something: ready-made reasons to choose with one touch, or words of their own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from menu.text import clean_text
from orders.errors import Invalid

MAX_REASON_LENGTH = 200

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
GONE_WITHOUT_PAYING = (
    _("Left without paying"),
    _("A regular, pays next time"),
    _("On the house"),
    _("Taken by somebody else"),
)
CORRECTION = (_("Pressed by mistake"), _("The wrong order"))

REASONS: dict[str, tuple[Any, ...]] = {
    "cancel": CANCEL,
    "refund": REFUND,
    "gone": GONE_WITHOUT_PAYING,
    "write-off": GONE_WITHOUT_PAYING,
    "unpaid": CORRECTION,
}


def read_reason(sent: QueryDict) -> str:
    """Return the reason that a form sends: its own words, else the reason that was chosen, else "".

    Raises Invalid for a text that is refused wherever people write.
    """
    try:
        words = clean_text(sent.get("reason_words", "")) or clean_text(sent.get("reason", ""))
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error
    return words[:MAX_REASON_LENGTH]
