"""An order on paper: a slip of 80 mm for the customer, or a sheet of A4."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders import device_orders, selectors
from orders.printing import on_paper


@require_safe
@never_cache
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """Render an order for printing, `?on=a4` or `slip`; only the device that placed it sees the name and the note."""
    order = selectors.order_with_token(token)
    if order is None:
        raise Http404
    context = on_paper(request, order) | {"is_mine": device_orders.owns(request, order)}
    return render(request, "orders/print.html", context)
