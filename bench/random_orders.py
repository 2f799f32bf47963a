"""Random valid orders from the JSON of `/api/menu`. Imports neither Locust nor the café's code."""

import random
from typing import Any

Thing = dict[str, Any]
Menu = list[Thing]  # items that can be ordered

NAMES = ("Ada", "Grace", "王小明", "李雷", "韩梅梅")


def an_order(menu: Menu) -> Thing:
    """Return the JSON body of an order of one or two items, with options within the limits of their groups."""
    items = random.sample(menu, min(len(menu), random.choice((1, 1, 2))))
    lines = [{"item": item["slug"], "options": some_options(item), "quantity": 1} for item in items]
    return {
        "customer_name": random.choice(NAMES),
        "lines": lines,
        "fulfilment": random.choice(("here", "to_go")),
        "note": "load test",  # shown on the barista board, where the order appears like any other
    }


def can_be_chosen(item: Thing) -> bool:
    enough = all(len(available(group)) >= group["min_choices"] for group in item["option_groups"])
    return enough and not item["sold_out"]


def some_options(item: Thing) -> list[int]:
    chosen = []
    for group in item["option_groups"]:
        options = available(group)
        most = min(len(options), group["max_choices"])
        chosen += random.sample(options, random.randint(group["min_choices"], most))
    return chosen


def available(group: Thing) -> list[int]:
    return [option["id"] for option in group["options"] if option["is_available"]]
