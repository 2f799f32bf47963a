"""A simulated browser with overlapping requests: each has the cookies of that moment; answers arrive in any order."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

from menu.models import Item
from orders.cart import changes
from tests.orders.customer import a_device


@dataclass
class Browser:
    cookies: dict[str, str] = field(default_factory=dict)
    merges: bool = True  # False drops the change cookies: the race without its guard against a lost update

    def send(self, path: str, form: dict[str, Any] | None = None) -> HttpResponse:
        """Send a request and return its answer; only `arrive` stores the answer's cookies."""
        device = a_device()
        device.cookies.load(self.cookies)
        return device.get(f"/en/{path}") if form is None else device.post(f"/en/{path}", form)

    def send_add(self, what: Item, quantity: int = 1) -> HttpResponse:
        return self.send("cart/add/", {"item": what.pk, "quantity": quantity})

    def arrive(self, *answers: HttpResponse) -> None:
        for answer in answers:
            for name, morsel in answer.cookies.items():
                if morsel["max-age"] == 0:
                    self.cookies.pop(name, None)
                elif self.merges or not name.startswith(changes.PREFIX):
                    self.cookies[name] = morsel.value

    def cart(self) -> list[tuple[str, int]]:
        """Return the slug and quantity of each line that the cart page shows."""
        page = self.send("cart/")
        self.arrive(page)
        return [(line.item.slug, line.line.quantity) for line in page.context["review"].lines]

    @property
    def changes(self) -> list[str]:
        return sorted(name for name in self.cookies if name.startswith(changes.PREFIX))
