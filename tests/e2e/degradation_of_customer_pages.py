"""Checks that each customer's page works, or says what it cannot do, in a browser that lacks an API."""

import re

from playwright.sync_api import expect

from tests.e2e.degradation_stage import (
    COUNT_NOTICES,
    KEEPS_PAGES,
    KEEPS_WISHES,
    KEPT_ORDERS,
    LISTEN,
    NOTICES,
    Stage,
    lost_connections_are_no_error,
    with_an_order,
)
from tests.e2e.people import Customer
from tests.e2e.waiting import wait_until


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
    _customer, page = with_an_order(stage)
    page.locator("[data-share]").click()
    copied = page.get_by_text("The link is copied.")
    expect(copied.or_(page.get_by_text("Order number"))).to_be_visible()


def paper_is_printed(stage: Stage) -> None:
    customer, page = with_an_order(stage)
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
        with lost_connections_are_no_error(stage):
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
