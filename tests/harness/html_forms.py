"""The fields that a browser without JavaScript submits for a form of a page."""

from html.parser import HTMLParser

Fields = dict[str, list[str]]
NEVER_SENT = {"submit", "button", "reset", "image", "file"}


def fields_of(page: str, form_id: str) -> Fields:
    """Return the fields that the form with this id submits unchanged, without a button."""
    return _read(page, "id", form_id)


def fields_sent_to(page: str, address: str) -> Fields:
    """Return the fields that the form with this action submits unchanged, without a button."""
    return _read(page, "action", address)


def _read(page: str, name: str, value: str) -> Fields:
    reader = _Reader(name, value)
    reader.feed(page)
    assert reader.fields, f"no form with {name}={value}"
    return reader.fields


def row_of(fields: Fields, key: int, prefix: str = "form") -> str:
    """Return the field prefix of the formset row with this primary key: `row_of(fields, 7) + "price"`."""
    is_key = {name: values == [str(key)] for name, values in fields.items() if name.endswith("-id")}
    [name] = [name for name, found in is_key.items() if found and name.startswith(f"{prefix}-")]
    return name.removesuffix("id")


class _Reader(HTMLParser):
    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.wanted = (name, value)
        self.is_inside = False
        self.select = ""
        self.fields: Fields = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_inside = self.wanted in found.items()
        elif not self.is_inside:
            return
        elif tag == "select":
            self.select = found["name"]
        elif tag == "option" and "selected" in found:
            self._send(self.select, found["value"])
        elif tag == "input" and found.get("name"):
            self._input(found["name"], found.get("type", "text"), found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False

    def _input(self, name: str, kind: str, found: dict[str, str]) -> None:
        if kind in ("checkbox", "radio"):
            if "checked" in found:
                self._send(name, found.get("value", "on"))
        elif kind not in NEVER_SENT:
            self._send(name, found.get("value", ""))

    def _send(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)
