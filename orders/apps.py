from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from menu.availability import removal, sold_out
        from orders import selectors
        from orders.stock import counting

        sold_out.register(selectors.sold_out_item_ids)
        removal.register(removal.DependentRows(of=counting.counts_of, end=counting.stop_counting))
