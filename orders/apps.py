from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from menu.availability import sold_out
        from orders import selectors

        sold_out.register(selectors.sold_out_item_ids)
