"""Idempotency: two submissions with one key are the same order if the fingerprints of their cleaned data are equal.

An order stores its fingerprint, and a retry may reach a later release. The hashed data is therefore spelled out here:
an order with the fields of the first release has the same fingerprint in every release, and a field added later is
hashed only when it is set.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unicodedata import category

if TYPE_CHECKING:
    from orders.api.parsing import OrderRequest
    from orders.placing.lines import ApiLineRequest, LineRequest

# The fields of the first release are hashed whether they are set or not. Add no field to these sets.
FIELDS_OF_A_REQUEST = frozenset({"customer_name", "phone", "note", "fulfilment", "total_price"})
FIELDS_OF_A_CHECKOUT = frozenset({"customer_name", "phone", "note", "fulfilment", "expected_total"})
FIELDS_OF_A_REQUESTED_LINE = frozenset({"item", "option_ids", "quantity"})
FIELDS_OF_A_LINE = frozenset({"item_id", "option_ids", "quantity"})

# The only invisible characters that the first release accepted: they join the parts of an emoji.
JOINERS = {"\u200c", "\u200d", "\ufe0e", "\ufe0f", *map(chr, range(0xE0020, 0xE0080))}


def fingerprint(data: Any) -> str:
    """Return the SHA-256 of JSON data as 64 hex digits, independent of the order of its keys.

    Raises TypeError for a value that JSON cannot hold: its `repr` could change with a release.
    """
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def fingerprint_of_request(request: "OrderRequest") -> str:
    """Return the fingerprint of an API client's order."""
    fields = {name: value for name, value in vars(request).items() if name not in ("lines", "as_sent")}
    lines = [_requested_line(line) for line in request.lines]
    return fingerprint(_counted(fields | _texts(fields, request.as_sent), FIELDS_OF_A_REQUEST) | {"lines": lines})


def fingerprint_of_checkout(
    fields: Mapping[str, Any], lines: "Sequence[LineRequest]", as_sent: Mapping[str, str] | None = None
) -> str:
    """Return the fingerprint of a checkout: the form's cleaned fields that describe the order, and its lines.

    `as_sent`: the text fields as they were before cleaning, by name.
    """
    fields = {**fields, **_texts(fields, as_sent or {})}
    counted = [_counted(vars(line), FIELDS_OF_A_LINE) for line in lines]
    return fingerprint([_counted(fields, FIELDS_OF_A_CHECKOUT), counted])


def _texts(cleaned: Mapping[str, Any], as_sent: Mapping[str, str]) -> dict[str, str]:
    """Return the texts as the first release hashed them: stripped. A text that it refused is hashed as cleaned."""
    return {name: text.strip() if _was_taken(text.strip()) else cleaned[name] for name, text in as_sent.items()}


def _was_taken(text: str) -> bool:
    return all(category(one) not in ("Cc", "Cf", "Cs") or one in JOINERS for one in text)


def _counted(values: Mapping[str, Any], first_fields: Collection[str]) -> dict[str, Any]:
    return {name: _spelled(value) for name, value in values.items() if name in first_fields or value}


def _spelled(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _requested_line(line: "ApiLineRequest") -> Any:
    """Return the line's `repr` of the first release; if later fields are set, a list of it and those fields."""
    # `ApiLineRequest` was called `RequestedLine` in the first release.
    first = f"RequestedLine(item={line.item!r}, option_ids={line.option_ids!r}, quantity={line.quantity!r})"
    fields = vars(line).items()
    later = _counted({name: value for name, value in fields if name not in FIELDS_OF_A_REQUESTED_LINE}, ())
    return [first, later] if later else first
