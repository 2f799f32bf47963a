"""A small café with orders, in which a test damages single rows."""

from collections.abc import Callable

from orders import services
from orders.models import Order
from tests.harness.factories import croissant, latte, order, wanted
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture

Damage = Callable[[Order], object]


class Scene:
    """An order of two counted croissants and a latte, ready and paid, with its events and the croissants' stock."""

    def __init__(self) -> None:
        self.roll, self.latte = croissant(stock=5), latte()
        self.order = order(wanted(self.roll, quantity=2), wanted(self.latte, "Small"))
        services.advance_order(order=self.order)
        services.advance_order(order=self.order)
        services.mark_paid(order=self.order)
        self.where = f"order {self.order.pk} (number {self.order.number} of {self.order.business_day})"
        self.of_roll = f"stock of item {self.roll.pk}"
        self.events = list(self.order.events.all())

    def words(self, line: str) -> str:
        """Fill this scene's ids into the text of an expected finding."""
        ids = {f"event{place}": event.pk for place, event in enumerate(self.events)}
        return line.format(order=self.where, stock=self.of_roll, roll=self.roll.pk, latte=self.latte.pk, **ids)
