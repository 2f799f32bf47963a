"""A page of Django admin that a manager has open, filled in and posted as a browser without JavaScript does."""

from typing import Any, Self

from django.http import HttpResponse
from django.test import Client

from tests.harness.html_forms import Fields, fields_of, row_of

ITEMS = "/admin/menu/item/"
GONE = "Somebody else deleted a row that you changed"


class Page:
    """An open admin form: `enter` fills in fields (None unticks a box), `save` posts the form."""

    def __init__(self, client: Client, address: str, answer: HttpResponse | None = None) -> None:
        self.client, self.address = client, address
        self.text = (answer or client.get(address)).content.decode()
        model = address.split("/")[3]
        self.fields: Fields = fields_of(self.text, f"{model}_form" if "/change/" in address else "changelist-form")

    def row(self, row: Any, prefix: str = "form") -> str:
        return row_of(self.fields, row.pk, prefix)

    def enter(self, **typed: str | list[str] | None) -> Self:
        for name, value in typed.items():
            if value is None:
                del self.fields[name]
            else:
                self.fields[name] = value if isinstance(value, list) else [value]
        return self

    def enter_in(self, row: Any, prefix: str = "form", **typed: str | None) -> Self:
        return self.enter(**{self.row(row, prefix) + name: value for name, value in typed.items()})

    def forget(self) -> Self:
        """Drop the hidden `initial-` values, like a script that knows the plain form only."""
        self.fields = {name: sent for name, sent in self.fields.items() if not name.startswith("initial-")}
        return self

    def save(self) -> HttpResponse:
        return self.client.post(self.address, self.fields | {"_save": "Save"})

    def is_saved(self) -> bool:
        return self.save().status_code == 302

    def is_refused(self) -> "Page":
        """Save, assert that the form is refused, and return the page that comes back."""
        answer = self.save()
        assert answer.status_code == 200
        return Page(self.client, self.address, answer)


def change_page(client: Client, row: Any) -> Page:
    return Page(client, f"/admin/menu/{row._meta.model_name}/{row.pk}/change/")


def set_by_other(row: Any, **fields: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**fields)


def now(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)
