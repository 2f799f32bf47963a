"""Start counting the stock of every item without one, at MAX_STOCK: `python -m bench.data.count_items`."""


def main() -> None:
    import django

    django.setup()
    from menu.models import Item
    from orders.services import MAX_STOCK, set_stock

    for item in Item.objects.filter(stock=None):
        set_stock(item=item, available=MAX_STOCK, reason="counted for the bench")


if __name__ == "__main__":
    main()
