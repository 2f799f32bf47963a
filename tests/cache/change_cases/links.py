"""Change cases of an item's option groups: from both sides of the relation, and by rows of its through table."""

from collections.abc import Iterator

from menu.models import Item
from tests.cache.change_cases.registry import NEW, change_case, group_of, new_group, new_item

LINKS = Item.option_groups.through

# The groups of an item, from both sides


@change_case
def a_group_is_added_to_an_item() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    item.option_groups.add(group)


@change_case
def a_group_is_removed_from_an_item() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.remove(group_of(item))


@change_case
def groups_of_an_item_are_set() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    item.option_groups.set([group])


@change_case
def groups_of_an_item_are_cleared() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.clear()


@change_case
def a_group_is_created_in_an_item() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.create(name="Sugar", note="way")


@change_case
def groups_of_an_item_are_updated() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.update(name_en="How large")


@change_case
def an_item_is_added_to_a_group() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    group.items.add(item)


@change_case
def items_of_a_group_are_set() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    group.items.set([item])


@change_case
def an_item_is_removed_from_a_group() -> Iterator[Item]:
    item = new_item()
    yield item
    group_of(item).items.remove(item)


@change_case
def items_of_a_group_are_updated() -> Iterator[Item]:
    item = new_item()
    yield item
    group_of(item).items.update(price=NEW)


# The rows of the through table of items and groups


@change_case
def a_link_is_created() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    LINKS.objects.create(item=item, optiongroup=group)


@change_case
def a_link_is_saved() -> Iterator[Item]:
    item, group = new_item(), new_group()
    link = LINKS.objects.get(item=item)
    yield item
    link.optiongroup = group
    link.save()


@change_case
def a_link_is_deleted() -> Iterator[Item]:
    item = new_item()
    link = LINKS.objects.get(item=item)
    yield item
    link.delete()


@change_case
def links_are_created_in_bulk() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    LINKS.objects.bulk_create([LINKS(item=item, optiongroup=group)])


@change_case
def links_are_updated() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    LINKS.objects.filter(item=item).update(optiongroup=group)


@change_case
def links_are_deleted() -> Iterator[Item]:
    item = new_item()
    yield item
    LINKS.objects.filter(item=item).delete()
