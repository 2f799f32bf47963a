"""Change cases of single rows: `save()` and `delete()` of model instances."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import F

from menu.models import Item
from tests.cache.change_cases.registry import (
    MAINTENANCE,
    NEW,
    awaited,
    category,
    change_case,
    group_of,
    new_item,
    new_picture,
    option_of,
    unsaved_item,
)


@change_case
def an_item_is_saved() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = NEW
    item.save()


@change_case
def one_column_is_saved() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = NEW
    item.save(update_fields=["price"])


@change_case
def an_expression_is_saved() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = F("price") + 1
    item.save()


@change_case
def an_item_is_saved_by_maintenance() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = NEW
    item.save(using=MAINTENANCE)


@change_case
def an_item_read_by_maintenance_is_saved() -> Iterator[Item]:
    item = new_item()
    yield item
    item = Item.objects.using(MAINTENANCE).get(pk=item.pk)
    item.price = NEW
    item.save()


@change_case
def an_item_is_saved_by_await() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = NEW
    awaited(item.asave)


@change_case
def a_new_item_is_saved() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    item.save()


@change_case
def a_slug_goes_to_another_item() -> Iterator[Item]:
    item, other = new_item(), new_item(price=NEW)
    other.option_groups.set([group_of(item)])
    slug, other.slug, item.slug = item.slug, item.slug, other.slug
    yield Item(slug=slug)
    with transaction.atomic():
        Item.objects.filter(pk=other.pk).update(slug="way-between")
        item.save()
        other.save()


@change_case
def an_item_is_made_again() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    again = unsaved_item(slug=item.slug, name=item.name, price=NEW)
    yield again
    with transaction.atomic():
        item.delete()
        again.save()
        again.option_groups.set([group])


@change_case
def an_item_is_deleted() -> Iterator[Item]:
    item = new_item()
    yield item
    item.delete()


@change_case
def an_item_is_deleted_by_await() -> Iterator[Item]:
    item = new_item()
    yield item
    awaited(item.adelete)


@change_case
def an_option_is_saved() -> Iterator[Item]:
    item = new_item()
    option = option_of(item)
    yield item
    option.price_delta = NEW
    option.save()


@change_case
def an_option_is_deleted() -> Iterator[Item]:
    item = new_item()
    option = option_of(item)
    yield item
    option.delete()


@change_case
def a_group_is_deleted_with_its_options() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    yield item
    group.delete()


@change_case
def a_picture_is_deleted_from_under_its_item() -> Iterator[Item]:
    picture = new_picture()
    yield new_item(picture=picture)
    picture.delete()


@change_case
def a_category_is_renamed() -> Iterator[Item]:
    own = category("tea")
    yield new_item(category=own)
    own.name_en = f"{own.name_en}, and more"
    own.save()
