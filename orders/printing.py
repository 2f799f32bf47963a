"""What is printed: the address behind a QR code, the code itself as SVG, and the paper it is printed on.

An order's code leads to its own page. The token in it shows what the paper shows, and how far the order is; it does
nothing: only the device that placed the order cancels it or orders it again (`orders.device_orders`).
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from orders.models import Order
from orders.storefront.timeline import excuse

PAPERS = ("slip", "a4")
QUIET_ZONE = 4  # modules around a code, as its standard asks


def public_address(request: HttpRequest, path: str) -> str:
    """Return the whole address of a path as customers type it: staff may have come by another name."""
    return f"{settings.PUBLIC_ORIGIN}{path}" if settings.PUBLIC_ORIGIN else request.build_absolute_uri(path)


def qr_code(address: str, label: str) -> SafeString:
    """Draw an address as a QR code: black on a ground of its own, whatever the theme; `label` says where it leads."""
    import segno  # not above: few requests draw a code, and it is a part of the time to start

    code = segno.make(address, error="m", micro=False)
    look = {"svgclass": "qr", "lineclass": None, "dark": "#000", "light": "#fff"}
    drawn = code.svg_inline(border=QUIET_ZONE, omitsize=True, **look)
    return format_html('<svg role="img" aria-label="{}" {}', label, mark_safe(drawn.removeprefix("<svg ")))  # noqa: S308


def on_paper(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the templates of paper need."""
    asked = request.GET.get("on", "")
    address = public_address(request, order.get_absolute_url())
    code = qr_code(address, _("QR code of the order's page"))
    return {"order": order, "paper": asked if asked in PAPERS else "slip", "qr": code, "excuse": excuse(order)}
