"""What a customer may wish for on a menu: to be without something that is in an item of it, or a diet that one suits.

css/shop/wishes.css hides the cards that do not suit what is ticked, with a rule for each key.
"""

from dataclasses import dataclass

from menu.catalogue.records import Menu
from menu.dietary.info import ALLERGENS, DIETS

Wish = tuple[str, str]  # its key, and its name in the active language


@dataclass(frozen=True)
class DietaryFilters:
    without: tuple[Wish, ...]
    only: tuple[Wish, ...]

    def __bool__(self) -> bool:
        return bool(self.without or self.only)


def dietary_filters(menu: Menu) -> DietaryFilters:
    """Return what can be wished for; nothing while no item states what is in it."""
    if not any(item.suits for item in menu.items()):
        return DietaryFilters((), ())
    contents = [one for item in menu.items() for one in item.all_contents()]
    there = {key for one in contents for key in (*one.allergen_keys, *one.diet_keys)}
    return DietaryFilters(
        tuple((key, str(name)) for key, name in ALLERGENS.items() if key in there),
        tuple((key, str(name)) for key, name in DIETS.items() if key in there),
    )
