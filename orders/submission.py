"""What makes two submissions the same: a fingerprint of their cleaned data."""

import hashlib
import json
from typing import Any


def fingerprint(data: Any) -> str:
    """Return 64 hex digits that are the same for the same cleaned data, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()
