"""Dietary filters of the menu page ("wishes"): without an allergen that some item contains, or a diet that one suits.

css/shop/dietary-filters.css hides the cards that do not satisfy the ticked filters, with a rule for each key.
"""

from dataclasses import dataclass

from menu.catalogue.records import Menu
from menu.dietary.allergens import ALLERGENS, DIETS

Wish = tuple[str, str]  # the key of a filter, and its name in the active language


@dataclass(frozen=True)
class DietaryFilters:
    without: tuple[Wish, ...]
    only: tuple[Wish, ...]

    def __bool__(self) -> bool:
        return bool(self.without or self.only)


def dietary_filters(menu: Menu) -> DietaryFilters:
    """Return the filters that the menu page offers; none while no item satisfies one with its default options."""
    if not any(item.suits for item in menu.items()):
        return DietaryFilters((), ())
    contents = [one for item in menu.items() for one in item.all_contents()]
    there = {key for one in contents for key in (*one.allergen_keys, *one.diet_keys)}
    return DietaryFilters(
        tuple((key, str(name)) for key, name in ALLERGENS.items() if key in there),
        tuple((key, str(name)) for key, name in DIETS.items() if key in there),
    )
