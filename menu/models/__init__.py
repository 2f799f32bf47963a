"""Models of the menu. Database constraints enforce the rules; forms only explain them more kindly."""

from menu.availability.history import AvailabilityChange
from menu.models.category import Category
from menu.models.item import Item, ItemQuerySet, garnishes, glasses, may_be_called, validate_layers
from menu.models.option import Option, OptionGroup, effects
from menu.models.picture import Picture
from menu.versioning.querysets import MenuVersion

__all__ = [
    "AvailabilityChange",
    "Category",
    "Item",
    "ItemQuerySet",
    "MenuVersion",
    "Option",
    "OptionGroup",
    "Picture",
    "effects",
    "garnishes",
    "glasses",
    "may_be_called",
    "validate_layers",
]
