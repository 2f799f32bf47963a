"""Checks that each page of the staff works, or says what it cannot do, in a browser that lacks an API."""

import secrets

from playwright.sync_api import expect

from tests.e2e.degradation_stage import Stage, lost_connections_are_no_error
from tests.e2e.people import Barista


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
    with lost_connections_are_no_error(stage):
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
