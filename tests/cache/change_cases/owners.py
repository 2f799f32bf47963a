"""Change cases through the owner of other rows: the items of a category and of a picture, a group's options."""

from collections.abc import Iterator

from menu.models import Item, Option
from tests.cache.change_cases.registry import (
    LARGE,
    NEW,
    OLD,
    category,
    change_case,
    group_of,
    new_group,
    new_item,
    new_picture,
    unsaved_item,
)

# The items of a category


@change_case
def items_of_a_category_are_updated() -> Iterator[Item]:
    item = new_item()
    yield item
    item.category.items.filter(pk=item.pk).update(price=NEW)


@change_case
def an_item_is_added_to_a_category() -> Iterator[Item]:
    item, other = new_item(), category("other")
    yield item
    other.items.add(item)


@change_case
def items_of_a_category_are_set() -> Iterator[Item]:
    item, other = new_item(), category("other")
    yield item
    other.items.set([item])


@change_case
def an_item_is_created_in_a_category() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    item.category.items.create(slug=item.slug, name=item.name, price=OLD)


@change_case
def items_of_a_category_are_created_in_bulk() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    item.category.items.bulk_create([item])


@change_case
def an_item_of_a_category_is_updated_or_created() -> Iterator[Item]:
    item = new_item()
    yield item
    item.category.items.update_or_create(slug=item.slug, defaults={"price": NEW})


# The options of a group


@change_case
def options_of_a_group_are_updated() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    yield item
    group.options.update(price_delta=NEW)


@change_case
def an_option_is_created_in_a_group() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    yield item
    group.options.create(name="Huge", price_delta=NEW)


@change_case
def an_option_is_added_to_a_group() -> Iterator[Item]:
    item = new_item()
    group, option = group_of(item), new_group().options.get()
    yield item
    group.options.add(option)


@change_case
def options_of_a_group_are_set() -> Iterator[Item]:
    item = new_item()
    group, option = group_of(item), new_group().options.get()
    yield item
    group.options.set([option])


@change_case
def options_of_a_group_are_created_in_bulk() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    yield item
    group.options.bulk_create([Option(group=group, name="Huge", price_delta=LARGE)])


@change_case
def options_of_a_group_are_deleted() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    yield item
    group.options.all().delete()


# The items with a picture


@change_case
def an_item_is_added_to_a_picture() -> Iterator[Item]:
    item, picture = new_item(), new_picture()
    yield item
    picture.items.add(item)


@change_case
def items_of_a_picture_are_set() -> Iterator[Item]:
    item, picture = new_item(), new_picture()
    yield item
    picture.items.set([item])


@change_case
def an_item_is_removed_from_a_picture() -> Iterator[Item]:
    item = new_item(picture=new_picture())
    yield item
    item.picture.items.remove(item)


@change_case
def a_picture_is_cleared() -> Iterator[Item]:
    item = new_item(picture=new_picture())
    yield item
    item.picture.items.clear()
