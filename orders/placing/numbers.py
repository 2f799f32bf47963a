"""The numbers that are called at the bar.

An order has its number to itself on its own business day, and on any day while it is open: two unique constraints of
the database. A number that is drawn here may be taken all the same; `orders.selectors` says which are free.
"""

import random

# Numbers of three digits while there are some left, longer ones when there are not: how many are drawn of each.
RANGES = (
    (range(100, 1_000), 6),
    (range(1_000, 10_000), 3),
    (range(10_000, 100_000), 3),
    (range(100_000, 1_000_000), 2),
)


def drawn_numbers() -> list[int]:
    """Draw numbers to call, the shorter ones first.

    Two orders may draw the same one; a unique constraint lets one through and the other starts again.
    """
    return [drawn for numbers, count in RANGES for drawn in random.choices(numbers, k=count)]  # noqa: S311 - no secret
