"""The WSGI application: caches in front of Django. It does not start if a system check reports an error."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import checks
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from cafe.serving.page_cache import Responder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cafe.settings")


class Cafe:
    """Serves public pages from the page cache, the order list from its cache, and everything else by Django. Its
    poller thread keeps the menu's snapshot current."""

    def __init__(self) -> None:
        django = get_wsgi_application()
        wrong = [message for message in checks.run_checks() if message.is_serious(checks.ERROR)]
        if wrong:
            sys.exit("The café does not start:\n" + "\n".join(str(message) for message in wrong))
        from cafe.cache_stats.recorder import MinuteWriter  # these need the apps to be loaded
        from cafe.serving.api_handler import HandlerRouter
        from cafe.serving.bulkhead import Bulkhead
        from cafe.serving.menu_poller import Poller
        from cafe.serving.order_list_cache import OrderListCache
        from cafe.serving.page_cache import PageCache
        from menu.catalogue.current import MENU

        bulkhead = Bulkhead(HandlerRouter(django), settings.WEB_THREADS)
        self._orders = OrderListCache(bulkhead)
        self._pages = PageCache(bulkhead, otherwise=self._orders)
        self._poller = Poller(self._pages.prewarm, MENU.write_to_redis_if_due, MinuteWriter())

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._poller.ensure()
        return self._pages(environ, start_response)

    def ready(self, path: str, times: int) -> "Responder | None":
        """Return the `Responder` for `times` plain requests for this path; None if a worker thread has to answer."""
        self._poller.ensure()
        return self._pages.ready(path, times) or self._orders.ready(path, times)

    def open(self) -> None:
        """Start the poller in this process, before its first request."""
        self._poller.ensure()


application = Cafe()
