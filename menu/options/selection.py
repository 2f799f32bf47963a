"""Option selection: which options of an item may be chosen together, and which are chosen by default."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import SoldItem
from menu.options.labels import option_labels


class ChoiceError(Exception):
    """These options of an item are not valid. `is_sold_out`: they are, except that some are sold out today.
    `wrong`: the id of the group to choose again, or "quantity"."""

    def __init__(self, message: str, *, is_sold_out: bool = False, wrong: int | str = "") -> None:
        super().__init__(message)
        self.message, self.is_sold_out, self.wrong = message, is_sold_out, wrong


def choose(item: SoldItem, option_ids: Collection[int]) -> tuple[MenuOption, ...]:
    """Return the chosen options in menu order.

    Raises ChoiceError for an option of another item, one given twice or sold out today, and for too few or too
    many options in a group.
    """
    own = {option.id for group in item.groups for option in group.options}
    if len(set(option_ids)) != len(option_ids) or not own.issuperset(option_ids):
        raise ChoiceError(_("%(item)s does not have one of these options.") % {"item": item.name})
    chosen: list[MenuOption] = []
    for group in item.groups:
        chosen += _choose_from(item, group, [option for option in group.options if option.id in option_ids])
    return tuple(chosen)


def _choose_from(item: SoldItem, group: MenuGroup, chosen: list[MenuOption]) -> list[MenuOption]:
    names = {"item": item.name, "group": group.name, "least": group.min_choices, "most": group.max_choices}
    for option in chosen:
        if not option.is_available:
            message = _("%(item)s: %(option)s is sold out today.") % {
                "item": item.name,
                "option": option_labels(item, [option])[0],
            }
            raise ChoiceError(message, is_sold_out=True, wrong=group.id)
    if len(chosen) < group.min_choices:
        if group.min_choices == 1:
            raise ChoiceError(_("%(item)s: choose “%(group)s”.") % names, wrong=group.id)
        raise ChoiceError(_("%(item)s: choose at least %(least)s of “%(group)s”.") % names, wrong=group.id)
    if len(chosen) > group.max_choices:
        raise ChoiceError(_("%(item)s: choose at most %(most)s of “%(group)s”.") % names, wrong=group.id)
    return chosen


def default_choice(item: SoldItem) -> tuple[MenuOption, ...]:
    """Return the default options of the required groups, which cost nothing extra.

    Raises ChoiceError when a required group has too few defaults that are available today.
    """
    chosen: list[MenuOption] = []
    for group in item.groups:
        if group.is_required:
            defaults = group.defaults()
            was_set = sum(option.is_default for option in group.options) >= group.min_choices
            if len(defaults) < group.min_choices:
                message = _("%(item)s: choose “%(group)s”.") % {"item": item.name, "group": group.name}
                raise ChoiceError(message, is_sold_out=was_set, wrong=group.id)
            chosen += defaults
    return tuple(chosen)
