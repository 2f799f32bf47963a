"""The ways of which groups an item has: from both sides, and by the rows between them."""

from collections.abc import Iterator

from menu.models import Item
from tests.cache.ways import NEW, group_of, new_group, new_item, way

LINKS = Item.option_groups.through

# The groups of an item, from both sides


@way
def a_group_is_added_to_an_item() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    item.option_groups.add(group)


@way
def a_group_is_removed_from_an_item() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.remove(group_of(item))


@way
def groups_of_an_item_are_set() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    item.option_groups.set([group])


@way
def groups_of_an_item_are_cleared() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.clear()


@way
def a_group_is_created_in_an_item() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.create(name="Sugar", note="way")


@way
def groups_of_an_item_are_updated() -> Iterator[Item]:
    item = new_item()
    yield item
    item.option_groups.update(name_en="How large")


@way
def an_item_is_added_to_a_group() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    group.items.add(item)


@way
def items_of_a_group_are_set() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    group.items.set([item])


@way
def an_item_is_removed_from_a_group() -> Iterator[Item]:
    item = new_item()
    yield item
    group_of(item).items.remove(item)


@way
def items_of_a_group_are_updated() -> Iterator[Item]:
    item = new_item()
    yield item
    group_of(item).items.update(price=NEW)


# The rows between items and groups


@way
def a_link_is_created() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    LINKS.objects.create(item=item, optiongroup=group)


@way
def a_link_is_saved() -> Iterator[Item]:
    item, group = new_item(), new_group()
    link = LINKS.objects.get(item=item)
    yield item
    link.optiongroup = group
    link.save()


@way
def a_link_is_deleted() -> Iterator[Item]:
    item = new_item()
    link = LINKS.objects.get(item=item)
    yield item
    link.delete()


@way
def links_are_created_in_bulk() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    LINKS.objects.bulk_create([LINKS(item=item, optiongroup=group)])


@way
def links_are_updated() -> Iterator[Item]:
    item, group = new_item(), new_group()
    yield item
    LINKS.objects.filter(item=item).update(optiongroup=group)


@way
def links_are_deleted() -> Iterator[Item]:
    item = new_item()
    yield item
    LINKS.objects.filter(item=item).delete()
