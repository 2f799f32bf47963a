"""Printing of orders on slips and A4 sheets: public addresses, QR codes as SVG, and the context of the templates.

The QR code of an order opens the order's page. The token in it gives read access to what the paper shows and to the
order's status. Only the device that placed the order can cancel or reorder it (`orders.device_orders`).
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
QUIET_ZONE = 4  # modules around a QR code, as its standard requires


def public_address(request: HttpRequest, path: str) -> str:
    """Return the absolute URL of a path under PUBLIC_ORIGIN, because staff may use another host name.

    Without PUBLIC_ORIGIN the URL has the host of the request.
    """
    return f"{settings.PUBLIC_ORIGIN}{path}" if settings.PUBLIC_ORIGIN else request.build_absolute_uri(path)


def qr_code(address: str, label: str) -> SafeString:
    """Return a QR code of an address as inline SVG, black on white in every theme; `label` is its accessible name."""
    import segno  # not at the top: few requests draw a QR code, and the import would lengthen the start of the server

    code = segno.make(address, error="m", micro=False)
    look = {"svgclass": "qr", "lineclass": None, "dark": "#000", "light": "#fff"}
    drawn = code.svg_inline(border=QUIET_ZONE, omitsize=True, **look)
    return format_html('<svg role="img" aria-label="{}" {}', label, mark_safe(drawn.removeprefix("<svg ")))  # noqa: S308


def on_paper(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return the template context of an order on paper: `?on=` chooses one of `PAPERS`, else it is the slip."""
    asked = request.GET.get("on", "")
    address = public_address(request, order.get_absolute_url())
    code = qr_code(address, _("QR code of the order's page"))
    return {"order": order, "paper": asked if asked in PAPERS else "slip", "qr": code, "excuse": excuse(order)}
