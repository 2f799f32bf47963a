"""Messages that a redirect passes to the next page by name (`?notice=`)."""

from django.utils.translation import gettext as _


def notice(name: str) -> str:
    """Return the message with this name; "" for an unknown name."""
    notices = {
        "forged": _("We could not read your cart, so we start with an empty one. Nothing was ordered."),
        "forged_before": _("We could not read the cart you had, so this is a new one. Nothing was ordered."),
        "full": _("Your cart is full: it holds 30 lines. Place this order first."),
        "added": _("What you had last time is in your cart now, beside what was in it already."),
        "not_back": _("That can no longer be put back as it was; please choose it again on the menu."),
        "changed": _("Your cart had changed meanwhile; please look again."),
        "before": _("This checkout had already placed this order, so nothing was ordered twice."),
        "again": _("This checkout had already placed this order. Your newer cart is kept; it is not ordered yet."),
        "late": _("It is too late to cancel this order: it is being made. Please ask at the bar."),
        "unsure": _("We could not finish that in time. This page shows how the order stands; try again if you like."),
        "other": _("Only the device that placed this order can do that."),
    }
    return notices.get(name, "")
