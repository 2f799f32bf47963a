from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from menu import removal, sold_out
        from orders import selectors, stocktaking

        sold_out.register(selectors.sold_out_item_ids)
        removal.register(removal.Belongings(of=stocktaking.counts_of, end=stocktaking.stop_counting))
