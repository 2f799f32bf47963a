"""Checks that each page works, or says what it cannot do, in a browser that lacks an API (graceful degradation).
test_missing_apis.py runs them with one API removed."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Staff
from tests.e2e.people import Barista, Customer, Till
from tests.e2e.waiting import wait_until

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


def what_is_added_is_in_the_cart(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.open()
    customer.press_plus("latte")
    expect(customer.page.locator("[data-cart-count]")).to_have_text("1")
    customer.open("cart/")
    customer.expect_cart(("latte", 1, "¥25"))
    expect(customer.page.locator(".flier")).to_have_count(0)


def the_cart_follows_each_touch(stage: Stage) -> None:
    """Rapid touches all count, on the menu and on a cart line. Undo restores a line. Another tab's item appears."""
    customer = Customer(stage.context)
    page = customer.page
    count, total = page.locator("[data-cart-count]"), page.locator(".sum__amount")
    customer.open()
    for slug in ("latte", "espresso", "latte"):
        customer.press_plus(slug)
    expect(count).to_have_text("3")
    customer.open("cart/")
    latte = page.locator(".cart-line[data-item=latte]")
    latte.locator(".stepper__button").last.click()
    expect(latte.locator(".stepper__value")).to_have_text("3")
    expect(total).to_have_text("¥90")
    latte.locator(".link-button").click()
    expect(total).to_have_text("¥15")
    page.locator("[data-undo]").click()
    expect(total).to_have_text("¥90")
    tab = Customer(stage.context)
    tab.open()
    tab.press_plus("espresso")
    expect(tab.page.locator("[data-cart-count]")).to_have_text("5")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as if the customer returned to this tab
    expect(count).to_have_text("5")
    expect(total).to_have_text("¥105")


def the_menu_is_searched(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.open()
    customer.page.locator("#filter").fill("flat white")
    expect(customer.page.locator(".item-card:visible")).to_have_count(1)
    customer.page.locator("#filter").fill("")
    customer.page.locator(".wishes__summary").click()
    customer.page.locator("#wish-milk").check()
    expect(customer.page.locator("#mocha")).to_be_hidden()
    expect(customer.page.locator("#espresso")).to_be_visible()


def the_menu_leads_to_an_item_and_back(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.open()
    customer.page.locator("#latte .item-card__link").click()
    expect(customer.page.locator(".item-form")).to_be_visible()
    customer.page.locator(".way-back a").click()
    expect(customer.page.locator("#latte")).to_be_in_viewport()
    customer.page.locator(".category-bar__link[href='#tea']").click()
    expect(customer.page.locator("#tea-name")).to_be_in_viewport()


def the_price_is_right(stage: Stage) -> None:
    """The "Add" button shows the right price, or none."""
    customer = Customer(stage.context)
    customer.open("item/latte/")
    customer.page.get_by_label("Large").check(force=True)
    said = customer.page.locator(".item-form__foot .button--accent").inner_text()
    assert "¥" not in said or "¥31" in said
    customer.page.locator(".item-form__foot .button--accent").click()
    expect(customer.page).to_have_url(re.compile("/en/#latte"))
    customer.open("cart/")
    customer.expect_cart(("latte", 1, "¥31"))


def the_filter_is_minded(stage: Stage) -> None:
    """The dietary filter applies on an item's page and in the cart if the browser can store it; allergens are always
    shown."""
    customer = Customer(stage.context)
    page = customer.page
    customer.open()
    page.locator(".wishes__summary").click()
    page.locator("#wish-milk").check()
    is_kept = page.evaluate(KEEPS_WISHES)
    customer.open("item/latte/")
    expect(page.locator("[data-item-filter]")).to_be_visible(visible=is_kept)
    expect(page.get_by_label("Oat drink" if is_kept else "Whole milk")).to_be_checked()
    page.get_by_label("Whole milk").check(force=True)
    expect(page.locator("[data-contents-shown]")).to_have_text("Contains milk")
    page.locator(".item-form__foot > .button").click()
    if is_kept:
        page.locator("[data-question-yes]").click()
    expect(page).to_have_url(re.compile("/en/#latte"))
    for path in ("cart/", "checkout/"):
        customer.open(path)
        expect(page.locator("[data-suits]")).to_have_count(1)
        expect(page.locator("[data-suits].is-against")).to_have_count(int(is_kept))


def the_other_language_keeps_the_place(stage: Stage) -> None:
    page = stage.context.new_page()
    page.goto("/en/?a=1#tea")
    page.locator(".site-header__language").click()
    expect(page).to_have_url(re.compile(r"/zh-hans/\?a=1#tea$"))


def an_order_is_placed_once(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.add("espresso")
    assert customer.place("Ann")
    customer.open("orders/mine/")
    expect(customer.page.locator(".order-list__order")).to_have_count(1)
    customer.page.locator(".order-list__again button").click()
    expect(customer.submit).to_be_visible()


def what_was_promised_is_told(stage: Stage) -> None:
    """The text beside "Tell me when it is ready" names the signals that follow, and no others."""
    stage.context.grant_permissions(["notifications"])
    stage.context.add_init_script(LISTEN + COUNT_NOTICES)
    customer, token = Customer(stage.context), stage.till.order("Bell")
    page = customer.page
    customer.open(f"order/{token}/")
    page.get_by_role("button", name="Tell me when it is ready").click()
    expect(page.locator(".tell-me__button")).to_have_attribute("aria-pressed", "true")
    words = page.locator("#tell-me-how")
    expect(words).to_have_text(re.compile("^We will "))
    page.wait_for_timeout(300)  # until the sound starts
    promised = words.inner_text()
    assert "sound" not in promised
    before = page.evaluate("[tones, buzzes]")
    stage.till.move(token, "pending", "advance", "advance")
    customer.expect_status("ready")
    expect(page).to_have_title(re.compile("Ready at the bar"))
    wait_until(page, f"({NOTICES})().then((count) => count === {int('notification' in promised)})")
    page.wait_for_timeout(300)
    tones, buzzes = page.evaluate("[tones, buzzes]")
    assert (tones > before[0]) == ("ring" in promised), promised
    assert "buzz" not in promised or buzzes > before[1]


def the_shared_page_is_reached(stage: Stage) -> None:
    _customer, page = _with_an_order(stage)
    page.locator("[data-share]").click()
    copied = page.get_by_text("The link is copied.")
    expect(copied.or_(page.get_by_text("Order number"))).to_be_visible()


def paper_is_printed(stage: Stage) -> None:
    customer, page = _with_an_order(stage)
    customer.open(f"order/{customer.token()}/paper/")
    expect(page.locator(".paper__number")).to_be_visible()
    can_print = page.evaluate("'print' in window")
    expect(page.locator("[data-print]")).to_be_visible(visible=can_print)
    page.evaluate("() => { window.print = () => { window.isPrinted = true; }; }")
    if can_print:
        page.locator("[data-print]").click()
        assert page.evaluate("window.isPrinted")
    pdf = page.pdf(prefer_css_page_size=True)
    [(width, height)] = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert 225 < float(width) < 229  # 80 mm, in points
    assert float(height) < 600  # as long as the order, not 297 mm


def the_bar_moves_orders(stage: Stage) -> None:
    token = stage.till.order("Moved")
    barista = Barista(stage.staff)
    barista.open_bar()
    ticket = barista.page.locator(".ticket", has_text="Moved").last
    ticket.locator("form[action$='/advance/'] button").click()
    expect(barista.page.locator(".bar__column--preparing .ticket", has_text="Moved").last).to_be_visible()
    expect(barista.undo).to_be_visible()
    stage.till.move(token, "preparing", "advance", "hand-over")


def the_bar_outlasts_its_connection(stage: Stage) -> None:
    """Offline, a step is queued and a link is refused, each with a message. Online, the step is sent and a form is
    submitted."""
    token = stage.till.order("Cut off")
    barista = Barista(stage.staff)
    page = barista.page
    link = page.locator(f"a[href='/admin/bar/{token}/']").first
    barista.open_bar()
    with _lost_connections_are_no_error(stage):
        stage.staff.set_offline(True)
        page.locator(f"form[action='/admin/bar/{token}/advance/'] button").click()
        expect(page.locator(".touch-waiting")).to_contain_text("will be sent when the connection is back.")
        link.click()
        expect(page.locator("[data-bar-notes]")).to_contain_text("No connection: this cannot be opened now.")
        stage.staff.set_offline(False)
        expect(page.locator(f".bar__column--preparing form[action*='{token}']").first).to_be_visible()
        expect(page.locator(".touch-waiting")).to_have_count(0)
    link.click()
    expect(page.locator(".ticket-page")).to_be_visible()
    page.wait_for_timeout(2500)  # until the last answer is too old, so that the form waits for a new one
    page.locator("button[name=language][value=zh-hans]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    stage.till.move(token, "preparing", "advance", "hand-over")


def a_touch_outlasts_the_session(stage: Stage) -> None:
    token = stage.till.order("Signed out")
    page = stage.staff.new_page()
    page.goto(f"/admin/bar/{token}/")
    stage.staff.clear_cookies(name="sessionid")
    page.locator("form[action$='/advance/'] button").click()
    page.locator("[name=username]").fill(stage.manager.username)
    page.locator("[name=password]").fill(stage.manager.password)
    page.locator("[type=submit]").click()
    expect(page.locator(f".bar__column--preparing form[action*='{token}']").first).to_be_visible()
    stage.till.move(token, "preparing", "advance", "hand-over")


def the_link_is_copied(stage: Stage) -> None:
    stage.staff.grant_permissions(["clipboard-read", "clipboard-write"])
    page = stage.staff.new_page()
    page.goto("/admin/staff/")
    page.get_by_role("link", name="Add a colleague").click()
    page.get_by_label("Name", exact=True).fill(f"Ann {secrets.token_hex(3)}")  # names of colleagues are unique
    page.get_by_role("button", name="Add and show the link").click()
    link = page.locator("#link-address").input_value()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("[data-copied]")).to_have_text("The link is copied.")
    page.goto("/en/")
    page.locator("#filter").press("Control+V")
    expect(page.locator("#filter")).to_have_value(link)


def the_drawing_follows_the_form(stage: Stage) -> None:
    page = stage.staff.new_page()
    page.goto("/admin/menu/item/add/")
    page.locator("[name=layers]").fill("espresso 30, milk 70")
    expect(page.locator("[data-drawing] stop[stop-color='#3D2015']").first).to_be_attached()


def the_page_looks_again(stage: Stage) -> None:
    """The page refreshes itself, but not while a link or field has the keyboard focus."""
    page = stage.staff.new_page()
    page.clock.install()
    page.goto("/admin/cache/")
    page.locator("main a[href='?still']").focus()
    page.clock.fast_forward("00:31")
    page.wait_for_timeout(300)
    expect(page.locator("main a[href='?still']")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    with page.expect_request(lambda request: request.is_navigation_request()):
        page.clock.fast_forward("00:31")
    page.wait_for_load_state()


def a_lost_connection_is_said(stage: Stage) -> None:
    """Offline, the page says that nothing can be ordered and how old the menu is; online, ordering works again."""
    customer = Customer(stage.context)
    page = customer.page
    customer.open()
    page.evaluate(KEEPS_PAGES)  # else the service worker would lose its connection during installation
    page.wait_for_load_state("networkidle")
    stage.context.set_offline(True)
    notice = page.locator(".menu-age")
    expect(notice).to_contain_text("You are offline. This is the menu of ")
    assert not re.search(r"menu of\s*;", notice.inner_text())
    page.locator("#latte .item-card__form button").click(force=True)  # force: the button is aria-disabled
    expect(page.locator("[data-no-ordering]")).to_contain_text("nothing can be ordered yet")
    stage.context.set_offline(False)
    expect(notice).to_have_count(0)
    customer.press_plus("latte")
    expect(page.locator("[data-cart-count]")).to_have_text("1")


def the_menu_is_there_without_a_connection(stage: Stage) -> None:
    """The menu is available offline if the browser can cache it; else the café works as without a service worker."""
    customer = Customer(stage.context)
    page = customer.page
    customer.open()
    is_kept = page.evaluate(KEEPS_PAGES)
    customer.open("item/latte/")
    customer.open()
    if is_kept:
        wait_until(page, "caches.match(location.pathname).then(Boolean)")
        stage.context.set_offline(True)
        page.reload()
        expect(page.locator("#latte")).to_be_visible()
        page.goto("/en/item/latte/")
        expect(page.locator(".item-form")).to_be_visible()
        stage.context.set_offline(False)
    what_is_added_is_in_the_cart(stage)


def an_order_is_there_without_a_connection(stage: Stage) -> None:
    """The order's number and last state are available offline if the browser can store them; else the page says that
    it is offline."""
    customer = Customer(stage.context)
    page = customer.page
    customer.open()
    has_worker = page.evaluate(KEEPS_PAGES)
    customer.add("espresso")
    number = customer.place("Ann")
    is_read = page.evaluate("'caches' in window")
    if has_worker:
        if is_read:
            wait_until(page, KEPT_ORDERS)
        with _lost_connections_are_no_error(stage):
            stage.context.set_offline(True)
            page.reload()
            expect(page.locator("h1:visible")).to_have_text(number if is_read else "You are offline")
            expect(page.locator(".order-state--pending")).to_have_count(int(is_read))
            stage.context.set_offline(False)
            expect(page.locator("#order-state[data-status=pending]")).to_be_visible()
    expect(page.locator("h1:visible")).to_have_text(number)


def the_worker_goes(stage: Stage) -> None:
    """`worker_off` unregisters the service worker; the café serves it when offline pages are switched off."""
    with stage.context.expect_event("serviceworker"):
        what_is_added_is_in_the_cart(stage)
    page = stage.context.pages[0]
    wait_until(page, "navigator.serviceWorker.getRegistrations().then((left) => left.length === 0)")


def the_page_for_no_connection_leads_on(stage: Stage) -> None:
    page = stage.context.new_page()
    page.goto("/en/offline/")
    expect(page.locator("[data-menu]:visible, [data-try-again]:visible").first).to_be_visible()


@contextmanager
def _lost_connections_are_no_error(stage: Stage) -> Iterator[None]:
    """Ignore console errors about lost connections, which this block causes."""
    yield
    lost = re.compile(r"status of 503|net::ERR_|htmx:")
    stage.page_errors[:] = [error for error in stage.page_errors if not lost.search(error)]


def _with_an_order(stage: Stage) -> tuple[Customer, Page]:
    customer = Customer(stage.context)
    customer.add("espresso")
    customer.place("Ann")
    return customer, customer.page


Promise = Callable[[Stage], None]

# {script: the check that covers it}; every script must be a key.
CHECKS: dict[str, Promise] = {
    "bar": the_bar_moves_orders,
    "bar-connection": the_bar_outlasts_its_connection,
    "bar-actions": the_bar_outlasts_its_connection,
    "cart-bar": the_cart_follows_each_touch,
    "cart-lines": the_cart_follows_each_touch,
    "cart-writer": the_cart_follows_each_touch,
    "category-bar": the_menu_leads_to_an_item_and_back,
    "copy-link": the_link_is_copied,
    "drawing-preview": the_drawing_follows_the_form,
    "filtered-lines": the_filter_is_minded,
    "item-dietary-info": the_filter_is_minded,
    "item-drawing": the_price_is_right,
    "item-filter": the_filter_is_minded,
    "item-price": the_price_is_right,
    "item-question": the_filter_is_minded,
    "keep-order": an_order_is_there_without_a_connection,
    "kept-orders": an_order_is_there_without_a_connection,
    "language-switch": the_other_language_keeps_the_place,
    "live-page": what_was_promised_is_told,
    "auto-reload": the_page_looks_again,
    "menu-age": a_lost_connection_is_said,
    "menu-filter": the_menu_is_searched,
    "offline": a_lost_connection_is_said,
    "offline-page": the_page_for_no_connection_leads_on,
    "paper": paper_is_printed,
    "picture-transition": the_menu_leads_to_an_item_and_back,
    "place-order": an_order_is_placed_once,
    "quick-add": what_is_added_is_in_the_cart,
    "resend-form": a_touch_outlasts_the_session,
    "share": the_shared_page_is_reached,
    "stepper": the_price_is_right,
    "submit-once": an_order_is_placed_once,
    "ready-notice": what_was_promised_is_told,
    "worker": the_menu_is_there_without_a_connection,
    "worker_off": the_worker_goes,
}
