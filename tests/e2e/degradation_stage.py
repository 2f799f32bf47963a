"""What the degradation checks share: the people and their pages, and scripts that observe a page."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import BrowserContext, Page

from tests.e2e.conftest import Staff
from tests.e2e.people import Customer, Till

# Counts the page's sounds and vibrations.
LISTEN = """
  window.tones = window.buzzes = 0;
  const count = (owner, name, counted) => {
    const original = owner?.prototype[name];
    if (!original) return;
    owner.prototype[name] = function (...all) {
      window[counted] += 1;
      return original.apply(this, all);
    };
  };
  count(window.OscillatorNode, "start", "tones");
  count(window.Navigator, "vibrate", "buzzes");
"""


NOTICES = """async () => {
  const worker = await navigator.serviceWorker?.getRegistration();
  return (await worker?.getNotifications?.() ?? []).length + (window.notices ?? 0);
}"""


# A page cannot list notifications that were shown without a service worker, so they are counted.
COUNT_NOTICES = """
  if (window.Notification) window.Notification = class extends Notification {
    constructor(...all) { super(...all); window.notices = (window.notices ?? 0) + 1; }
  };
"""


KEEPS_WISHES = "() => { try { return sessionStorage.getItem('wishes') !== null; } catch { return false; } }"


KEEPS_PAGES = """() => Promise.race([
  navigator.serviceWorker?.ready.then(() => true) ?? false,
  new Promise((done) => setTimeout(done, 10000, false)),
])"""


KEPT_ORDERS = "caches.open('orders 1').then((cache) => cache.keys()).then((kept) => kept.length === 1)"


class Stage(NamedTuple):
    """The café with a customer's and a manager's browser context, both without the removed API."""

    context: BrowserContext
    staff: BrowserContext
    till: Till
    manager: Staff
    page_errors: list[str]


@contextmanager
def lost_connections_are_no_error(stage: Stage) -> Iterator[None]:
    """Ignore console errors about lost connections, which this block causes."""
    yield
    lost = re.compile(r"status of 503|net::ERR_|htmx:")
    stage.page_errors[:] = [error for error in stage.page_errors if not lost.search(error)]


def with_an_order(stage: Stage) -> tuple[Customer, Page]:
    customer = Customer(stage.context)
    customer.add("espresso")
    customer.place("Ann")
    return customer, customer.page


Promise = Callable[[Stage], None]
