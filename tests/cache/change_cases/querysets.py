"""Change cases of querysets (they send no signals), their async variants, and raw SQL."""

from collections.abc import Iterator

from django.db import connection

from menu.models import Item, OptionGroup, Picture
from menu.versioning.querysets import menu_change
from tests.cache.change_cases.registry import (
    MAINTENANCE,
    NEW,
    OLD,
    awaited,
    change_case,
    group_of,
    new_item,
    new_picture,
    unsaved_item,
)


@change_case
def items_are_updated() -> Iterator[Item]:
    item = new_item()
    yield item
    Item.objects.filter(pk=item.pk).update(price=NEW)


@change_case
def items_are_updated_by_maintenance() -> Iterator[Item]:
    item = new_item()
    yield item
    Item.objects.using(MAINTENANCE).filter(pk=item.pk).update(price=NEW)


@change_case
def items_are_updated_by_await() -> Iterator[Item]:
    item = new_item()
    yield item
    awaited(Item.objects.filter(pk=item.pk).aupdate, price=NEW)


@change_case
def items_are_updated_through_the_base_manager() -> Iterator[Item]:
    item = new_item()
    yield item
    Item._base_manager.filter(pk=item.pk).update(price=NEW)


@change_case
def items_are_deleted() -> Iterator[Item]:
    item = new_item()
    yield item
    Item.objects.filter(pk=item.pk).delete()


@change_case
def groups_are_deleted_with_their_options() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    yield item
    OptionGroup.objects.filter(pk=group.pk).delete()


@change_case
def pictures_are_deleted_from_under_their_items() -> Iterator[Item]:
    picture = new_picture()
    yield new_item(picture=picture)
    Picture.objects.filter(pk=picture.pk).delete()


@change_case
def an_item_is_created() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    Item.objects.create(slug=item.slug, name=item.name, price=OLD, category=item.category)


@change_case
def items_are_created_in_bulk() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    Item.objects.bulk_create([item])


@change_case
def items_are_created_in_bulk_by_await() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    awaited(Item.objects.abulk_create, [item])


@change_case
def items_are_created_or_updated_in_bulk() -> Iterator[Item]:
    item = new_item()
    yield item
    again = unsaved_item(slug=item.slug, name=item.name, price=NEW)
    key = {} if connection.vendor == "mysql" else {"unique_fields": ["slug"]}
    Item.objects.bulk_create([again], update_conflicts=True, update_fields=["price"], **key)


@change_case
def items_are_updated_in_bulk() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = NEW
    Item.objects.bulk_update([item], ["price"])


@change_case
def items_are_updated_in_bulk_by_await() -> Iterator[Item]:
    item = new_item()
    yield item
    item.price = NEW
    awaited(Item.objects.abulk_update, [item], ["price"])


@change_case
def an_item_is_gotten_or_created() -> Iterator[Item]:
    item = unsaved_item()
    yield item
    Item.objects.get_or_create(
        slug=item.slug, defaults={"name_en": "New", "name_zh_hans": "新", "price": OLD, "category": item.category}
    )


@change_case
def an_item_is_updated_or_created() -> Iterator[Item]:
    item = new_item()
    yield item
    Item.objects.update_or_create(slug=item.slug, defaults={"price": NEW})


@change_case
def an_item_is_updated_or_created_by_await() -> Iterator[Item]:
    item = new_item()
    yield item
    awaited(Item.objects.aupdate_or_create, slug=item.slug, defaults={"price": NEW})


@change_case
def sql_is_run_in_a_menu_change() -> Iterator[Item]:
    item = new_item()
    yield item
    with menu_change(), connection.cursor() as cursor:
        cursor.execute("UPDATE menu_item SET price = %s WHERE id = %s", [NEW, item.pk])
