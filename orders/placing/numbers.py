"""Order numbers, which are called at the bar.

A number is unique on its business day, and among the open orders of all days: two unique constraints of the database.
A number drawn here may be taken already; `orders.selectors.key_known_and_free_number` returns one that is free.
"""

import random

# How many candidates are drawn from each range. The longer numbers are used when the three-digit ones are taken.
RANGES = (
    (range(100, 1_000), 6),
    (range(1_000, 10_000), 3),
    (range(10_000, 100_000), 3),
    (range(100_000, 1_000_000), 2),
)


def candidate_numbers() -> list[int]:
    """Return random candidate numbers, the shorter ones first.

    Two orders may draw the same number: a unique constraint refuses one of them, and its transaction is retried.
    """
    return [drawn for numbers, count in RANGES for drawn in random.choices(numbers, k=count)]  # noqa: S311 - no secret
