"""What makes two submissions the same: a fingerprint of their cleaned data.

An order keeps its fingerprint, and a retry may reach a later release. The data that is hashed is therefore spelled
out here: an order with the fields of the first release has the same digits in every release, and a field added later
counts only when it is set.
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

# The fields of the first release count whether they are set or not. Add none to these.
FIELDS_OF_A_REQUEST = frozenset({"customer_name", "phone", "note", "fulfilment", "total_price"})
FIELDS_OF_A_CHECKOUT = frozenset({"customer_name", "phone", "note", "fulfilment", "expected_total"})
FIELDS_OF_A_REQUESTED_LINE = frozenset({"item", "option_ids", "quantity"})
FIELDS_OF_A_LINE = frozenset({"item_id", "option_ids", "quantity"})

# Of the invisible characters the first release took these, which join the parts of an emoji.
JOINERS = {"\u200c", "\u200d", "\ufe0e", "\ufe0f", *map(chr, range(0xE0020, 0xE0080))}


def fingerprint(data: Any) -> str:
    """Return 64 hex digits that are the same for the same JSON data, whatever the order of its keys.

    Raises TypeError for what JSON cannot hold: printed objects change with the release.
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

    `as_sent`: the texts among the fields before they were cleaned.
    """
    fields = {**fields, **_texts(fields, as_sent or {})}
    counted = [_counted(vars(line), FIELDS_OF_A_LINE) for line in lines]
    return fingerprint([_counted(fields, FIELDS_OF_A_CHECKOUT), counted])


def _texts(cleaned: Mapping[str, Any], as_sent: Mapping[str, str]) -> dict[str, str]:
    """Return texts as the first release had them: without outer blanks. What it refused counts as it was cleaned."""
    return {name: text.strip() if _was_taken(text.strip()) else cleaned[name] for name, text in as_sent.items()}


def _was_taken(text: str) -> bool:
    return all(category(one) not in ("Cc", "Cf", "Cs") or one in JOINERS for one in text)


def _counted(values: Mapping[str, Any], first_fields: Collection[str]) -> dict[str, Any]:
    return {name: _spelled(value) for name, value in values.items() if name in first_fields or value}


def _spelled(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _requested_line(line: "ApiLineRequest") -> Any:
    """Return a line as the first release printed it, with the later fields that are set beside it."""
    # The class had this name then.
    first = f"RequestedLine(item={line.item!r}, option_ids={line.option_ids!r}, quantity={line.quantity!r})"
    fields = vars(line).items()
    later = _counted({name: value for name, value in fields if name not in FIELDS_OF_A_REQUESTED_LINE}, ())
    return [first, later] if later else first
