"""What each page promises, whatever its browser lacks: asked of a page from which something was taken away."""

import re
from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import Barista, Customer, Till
from tests.e2e.waiting import wait_until

# Counts what the page lets be heard and felt.
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
# A notification without a worker leaves no trace that a page can read.
COUNT_NOTICES = """
  if (window.Notification) window.Notification = class extends Notification {
    constructor(...all) { super(...all); window.notices = (window.notices ?? 0) + 1; }
  };
"""


class Stage(NamedTuple):
    """The café, with a customer's context that lacks something, and a barista's with the same lack."""

    context: BrowserContext
    staff: BrowserContext
    till: Till


def what_is_added_is_in_the_cart(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.open()
    customer.press_plus("latte")
    expect(customer.page.locator("[data-cart-count]")).to_have_text("1")
    customer.open("cart/")
    customer.expect_cart(("latte", 1, "¥25"))
    expect(customer.page.locator(".flier")).to_have_count(0)


def the_menu_is_searched(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.open()
    customer.page.locator("#filter").fill("mocha")
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
    """The button says what it will cost, or nothing."""
    customer = Customer(stage.context)
    customer.open("item/latte/")
    customer.page.get_by_label("Large").check(force=True)
    said = customer.page.locator(".item-form__foot .button--accent").inner_text()
    assert "¥" not in said or "¥31" in said
    customer.page.locator(".item-form__foot .button--accent").click()
    customer.open("cart/")
    customer.expect_cart(("latte", 1, "¥31"))


def an_order_is_placed_once(stage: Stage) -> None:
    customer = Customer(stage.context)
    customer.add("espresso")
    assert customer.place("Ann")
    customer.open("orders/mine/")
    expect(customer.page.locator(".order-list__order")).to_have_count(1)
    customer.page.locator(".order-list__again button").click()
    expect(customer.submit).to_be_visible()


def what_was_promised_is_told(stage: Stage) -> None:
    """The words beside "Tell me when it is ready" promise what then happens, and nothing else."""
    stage.context.grant_permissions(["notifications"])
    stage.context.add_init_script(LISTEN + COUNT_NOTICES)
    customer, token = Customer(stage.context), stage.till.order("Bell")
    page = customer.page
    customer.open(f"order/{token}/")
    page.get_by_role("button", name="Tell me when it is ready").click()
    expect(page.locator(".tell-me__button")).to_have_attribute("aria-pressed", "true")
    words = page.locator("#tell-me-how")
    expect(words).to_have_text(re.compile("^We will "))
    page.wait_for_timeout(300)  # the sound starts
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
    stage.till.move(token, "preparing", "advance", "advance")


def a_lost_connection_is_said(stage: Stage) -> None:
    """Offline nothing is ordered, in words; the age of the menu is said; online all is as before."""
    customer = Customer(stage.context)
    page = customer.page
    customer.open()
    page.wait_for_load_state("networkidle")
    stage.context.set_offline(True)
    notice = page.locator(".menu-age")
    expect(notice).to_contain_text("You are offline. This is the menu of ")
    assert not re.search(r"menu of\s*;", notice.inner_text())
    page.locator("#latte .item-card__form button").click(force=True)  # it says that it is disabled
    expect(page.locator("[data-no-ordering]")).to_contain_text("nothing can be ordered yet")
    stage.context.set_offline(False)
    expect(notice).to_have_count(0)
    customer.press_plus("latte")
    expect(page.locator("[data-cart-count]")).to_have_text("1")


def the_menu_is_there_without_a_connection(stage: Stage) -> None:
    """Where the browser can keep it; else the café is as it was without a worker."""
    customer = Customer(stage.context)
    page = customer.page
    customer.open()
    is_kept = page.evaluate("""() => Promise.race([
      navigator.serviceWorker?.ready.then(() => true) ?? false,
      new Promise((done) => setTimeout(done, 3000, false)),
    ])""")
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


def the_page_for_no_connection_leads_on(stage: Stage) -> None:
    page = stage.context.new_page()
    page.goto("/en/offline/")
    expect(page.locator("[data-menu]:visible, [data-try-again]:visible").first).to_be_visible()


def _with_an_order(stage: Stage) -> tuple[Customer, Page]:
    customer = Customer(stage.context)
    customer.add("espresso")
    customer.place("Ann")
    return customer, customer.page


Promise = Callable[[Stage], None]

# A new script that uses what may be missing needs its line.
PROMISES: dict[str, Promise] = {
    "bar": the_bar_moves_orders,
    "cart-bar": what_is_added_is_in_the_cart,
    "cart-flight": what_is_added_is_in_the_cart,
    "category-bar": the_menu_leads_to_an_item_and_back,
    "item-drawing": the_price_is_right,
    "item-price": the_price_is_right,
    "live-page": what_was_promised_is_told,
    "menu-age": a_lost_connection_is_said,
    "menu-filter": the_menu_is_searched,
    "offline": a_lost_connection_is_said,
    "offline-page": the_page_for_no_connection_leads_on,
    "paper": paper_is_printed,
    "picture-transition": the_menu_leads_to_an_item_and_back,
    "place-order": an_order_is_placed_once,
    "quick-add": what_is_added_is_in_the_cart,
    "share": the_shared_page_is_reached,
    "stepper": the_price_is_right,
    "submit-once": an_order_is_placed_once,
    "tell-me": what_was_promised_is_told,
    "worker": the_menu_is_there_without_a_connection,
}
