"""Dietary info of an item or an option: the allergens that EU law names, and the diets it suits.

Nothing is claimed that staff have not stated: an item is free of an allergen only if its list is marked as complete,
and a diet is ticked, never guessed. Halal, and gluten-free in the sense of the law, need a certificate, so they are
not among the diets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Annex II of Regulation (EU) 1169/2011, worded as on a menu.
ALLERGENS = {
    "gluten": gettext_lazy("gluten"),
    "crustaceans": gettext_lazy("crustaceans"),
    "eggs": gettext_lazy("egg"),
    "fish": gettext_lazy("fish"),
    "peanuts": gettext_lazy("peanut"),
    "soya": gettext_lazy("soya"),
    "milk": gettext_lazy("milk"),
    "nuts": gettext_lazy("nuts"),
    "celery": gettext_lazy("celery"),
    "mustard": gettext_lazy("mustard"),
    "sesame": gettext_lazy("sesame"),
    "sulphites": gettext_lazy("sulphites"),
    "lupin": gettext_lazy("lupin"),
    "molluscs": gettext_lazy("molluscs"),
}
DIETS = {
    "vegan": gettext_lazy("vegan"),
    "vegetarian": gettext_lazy("vegetarian"),
    "caffeine_free": gettext_lazy("caffeine-free"),
}
NEVER_IN = {
    "vegan": {"crustaceans", "eggs", "fish", "milk", "molluscs"},
    "vegetarian": {"crustaceans", "fish", "molluscs"},
}
WISHES = (*ALLERGENS, *DIETS)  # keys of dietary filters: without this allergen, or suits this diet


def filter_name(wish: str) -> str:
    return str(DIETS[wish]) if wish in DIETS else _("without %(allergen)s") % {"allergen": ALLERGENS[wish]}


@dataclass(frozen=True)
class DietaryInfo:
    """Allergens and diets by their keys, separated by blanks. `is_stated`: the list of allergens is complete."""

    allergens: str = ""
    is_stated: bool = False
    diets: str = ""

    def contains(self, allergen: str) -> bool:
        return allergen in self.allergens.split()

    def suits(self, wish: str) -> bool:
        """True if this is known to be without the allergen, or to suit the diet, that `wish` names."""
        if wish in ALLERGENS:
            return self.is_stated and not self.contains(wish)
        return wish in self._all_diets

    @property
    def wishes(self) -> frozenset[str]:
        return frozenset(wish for wish in WISHES if self.suits(wish))

    @property
    def allergen_names(self) -> list[str]:
        return [str(name) for key, name in ALLERGENS.items() if self.contains(key)]

    @property
    def diet_names(self) -> list[str]:
        """Translated names of the diets; vegan implies vegetarian, which is then omitted."""
        kept = self._all_diets - ({"vegetarian"} if "vegan" in self._all_diets else set())
        return [str(name) for key, name in DIETS.items() if key in kept]

    @property
    def allergen_keys(self) -> list[str]:
        return [key for key in ALLERGENS if self.contains(key)]

    @property
    def diet_keys(self) -> list[str]:
        return [key for key in DIETS if key in self._all_diets]

    def combine(self, others: Iterable["DietaryInfo"]) -> "DietaryInfo":
        """Return the dietary info of all of them together: any allergen of one, the diets that all suit."""
        return reduce(_both, others, self)

    @property
    def _all_diets(self) -> set[str]:
        ticked = set(self.diets.split())
        return ticked | {"vegetarian"} if "vegan" in ticked else ticked


UNSTATED = DietaryInfo()


def largest(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return the sets that are not a proper subset of another one, each once."""
    found = list(dict.fromkeys(sets))
    return [one for one in found if not any(one < other for other in found)]


@lru_cache(maxsize=1024)  # an order combines the same few again and again
def _both(one: DietaryInfo, other: DietaryInfo) -> DietaryInfo:
    return DietaryInfo(
        " ".join(key for key in ALLERGENS if one.contains(key) or other.contains(key)),
        one.is_stated and other.is_stated,
        " ".join(key for key in DIETS if one.suits(key) and other.suits(key)),
    )


def validate_allergens(keys: str) -> None:
    _validate(keys, ALLERGENS)


def validate_diets(keys: str) -> None:
    _validate(keys, DIETS)


def _validate(keys: str, known: Mapping[str, object]) -> None:
    if [key for key in known if key in keys.split()] != keys.split(" ") and keys:
        raise ValidationError(_("One of these words is not known here."))


def contradictions(allergens: str, diets: str) -> list[str]:
    """Return a translated message for each ticked diet that one of these allergens rules out."""
    found = []
    for diet, never in NEVER_IN.items():
        there = [str(name) for key, name in ALLERGENS.items() if key in never and key in allergens.split()]
        if diet in diets.split() and there:
            words = {"diet": DIETS[diet], "allergens": _(", ").join(there)}
            found.append(_("What contains %(allergens)s is not %(diet)s.") % words)
    return found
