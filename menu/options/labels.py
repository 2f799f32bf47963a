"""Labels of chosen options where their group is not shown: with the group's name if the option's name is ambiguous.

"Standard" says nothing on a receipt, "Sweetness: Standard" does; "Oat drink" needs no "Milk: ". An option's name is
ambiguous if it is a bare word of degree, or if another group of the same item has an option of that name.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from operator import attrgetter
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from menu.catalogue.option_records import MenuOption
from menu.catalogue.records import SoldItem
from menu.fields import LANGUAGE_SUFFIXES

NameOf = Callable[[Any], str]

# Words of degree, compared with the whole casefolded name.
_WORDS = """
standard regular normal usual default none no yes with without less more extra little light half full single
double triple low high mild strong weak
标准 正常 常规 普通 默认 无 不要 不加 不用 不需要 要 加 需要 是 否 少 少量 微量 多 多加 适中 适量 半 半份 全 全份
单份 双份 三份 低 中 高 偏低 偏高 轻 重 微 淡 浓 弱 强
"""
WORDS_OF_DEGREE = frozenset(_WORDS.split())
NAMES = [(f"group_{suffix}", attrgetter(f"name_{suffix}")) for suffix in dict.fromkeys(LANGUAGE_SUFFIXES.values())]
ENDS_OF_A_QUESTION = "?？:： "  # "Warm it up?" + "Yes" is "Warm it up: Yes"


def option_labels(item: SoldItem, chosen: Iterable[MenuOption]) -> list[str]:
    """Return the labels of these options of an item in the active language."""
    suffix = LANGUAGE_SUFFIXES.get(get_language() or "", "zh_hans")
    return [label(option.name, groups.get(f"group_{suffix}", "")) for option, groups in with_groups(item, chosen)]


def with_groups(item: SoldItem, chosen: Iterable[MenuOption]) -> Iterator[tuple[MenuOption, dict[str, str]]]:
    """Yield each option with its group's name as `group_en` and `group_zh_hans`, each only if the option's own name
    is ambiguous in that language."""
    group_of = {option.id: group for group in item.groups for option in group.options}
    shared = [(key, name_of, _shared_names(item, name_of)) for key, name_of in NAMES]
    for option in chosen:
        group = group_of[option.id]
        yield option, {key: name_of(group) for key, name_of, names in shared if not _tells(name_of(option), names)}


def label(name: str, group_name: str) -> str:
    """Return an option's name, prefixed with its group's name unless that is empty."""
    if not group_name:
        return name
    return _("%(group)s: %(option)s") % {"group": group_name.rstrip(ENDS_OF_A_QUESTION), "option": name}


def _tells(name: str, shared_names: Collection[str]) -> bool:
    return name not in shared_names and name.casefold() not in WORDS_OF_DEGREE


def _shared_names(item: SoldItem, name_of: NameOf) -> Collection[str]:
    """Return the names that options of more than one group of an item have."""
    names = [name_of(option) for group in item.groups for option in group.options]
    if len(set(names)) == len(names):  # the usual case, kept fast: an order calls this for each of its lines
        return ()
    groups = Counter(name for group in item.groups for name in {name_of(option) for option in group.options})
    return {name for name, count in groups.items() if count > 1}
