"""What `services.place_order` has written."""

from menu.models import Item
from orders.models import Stock


def left(counted: Item) -> int:
    return Stock.objects.get(item=counted).available
