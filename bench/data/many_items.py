"""Resize the menu to COUNT items: `python -m bench.data.many_items COUNT` with the café's environment."""

import sys


def main(count: int) -> None:
    import django

    django.setup()
    from menu.models import Category, Item

    Item.objects.filter(pk__in=[item.pk for item in Item.objects.order_by("pk")[count:]]).delete()
    like, have = Item.objects.order_by("pk").first(), Item.objects.count()
    assert like is not None
    categories = list(Category.objects.all())
    Item.objects.bulk_create(
        Item(
            slug=f"one-more-{number}",
            name_en=f"One more {number}",
            name_zh_hans=f"再来一杯 {number}",
            price=like.price,
            category=categories[number % len(categories)],
        )
        for number in range(have, count)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
