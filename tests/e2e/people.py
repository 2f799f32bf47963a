"""Page objects for customer, barista and manager. They find elements by id, name and class, so that they work in each
language."""

import re

from playwright.sync_api import APIRequestContext, BrowserContext, Locator, Page, expect


class Customer:
    """A customer in a browser context, with the pages in one language."""

    def __init__(self, context: BrowserContext, language: str = "en") -> None:
        self.page: Page = context.new_page()
        self.language = language

    def open(self, path: str = "") -> None:
        self.page.goto(f"/{self.language}/{path}")

    def press_plus(self, slug: str) -> None:
        self.page.locator(f"#{slug} .item-card__form button").click()

    def add(self, slug: str, *options: str, quantity: int = 1) -> None:
        """Open an item's page, choose these options by label, add the item, and open the cart."""
        self.open(f"item/{slug}/")
        for option in options:
            self.page.get_by_label(option).check()
        self.page.locator("[name=quantity]").fill(str(quantity))
        self.page.locator(".item-form__foot .button--accent").click()
        expect(self.page).to_have_url(re.compile(rf"/{self.language}/#{slug}(\.added)?$"))
        self.open("cart/")
        expect(self.page.locator(".cart-line").first).to_be_visible()

    def go_to_checkout(self) -> None:
        self.page.locator("main a[href$='/checkout/']").click()
        expect(self.submit).to_be_visible()

    @property
    def submit(self) -> Locator:
        return self.page.locator("form.checkout button.button--accent")

    def fill_in(self, name: str, *, note: str = "", fulfilment: str = "to_go") -> None:
        self.page.locator("[name=customer_name]").fill(name)
        self.page.locator("[name=note]").fill(note)
        self.page.locator(f"[name=fulfilment][value={fulfilment}]").check()

    def place(self, name: str, **details: str) -> str:
        """Check out from the cart; return the order number."""
        self.go_to_checkout()
        self.fill_in(name, **details)
        return self.press_submit()

    def press_submit(self) -> str:
        """Submit the filled-in checkout; return the order number."""
        self.submit.click()
        return self.number()

    def number(self) -> str:
        """Return the order number that the order's page shows."""
        expect(self.page).to_have_url(re.compile(r"/order/"))
        return self.page.locator(".order-state__number").inner_text()

    def token(self) -> str:
        found = re.search(r"/order/([\w-]+)/", self.page.url)
        assert found, self.page.url
        return found[1]

    def cancel(self) -> None:
        self.page.locator(".sure__summary:visible, .sure__link:visible").click()
        self.page.locator("form[action$='/cancel/'] button").click()

    def expect_status(self, status: str) -> None:
        expect(self.page.locator(f".order-state--{status}")).to_be_visible()

    def expect_cart(self, *lines: tuple[str, int, str]) -> None:
        """Expect exactly these cart lines: (slug, quantity, price of the line)."""
        shown = self.page.locator(".cart-line")
        expect(shown).to_have_count(len(lines))
        for row, (slug, quantity, price) in zip(shown.all(), lines, strict=True):
            expect(row).to_have_attribute("data-item", slug)
            expect(row.locator(".stepper__value")).to_have_text(str(quantity))
            expect(row.locator(".cart-line__price")).to_have_text(price)


class Barista:
    """A barista at the barista board; the context is already signed in, or `sign_in` does it."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()

    def sign_in(self, username: str, password: str) -> None:
        """Open the barista board, sign in at the login page, and expect the redirect back."""
        self.page.goto("/admin/bar/")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("[type=submit]").click()
        expect(self.page.locator("#bar")).to_be_visible()

    def open_bar(self) -> None:
        self.page.goto("/admin/bar/")

    def ticket(self, number: str) -> Locator:
        return self.page.locator(f'.ticket[data-number="{number}"]')

    def expect_in(self, column: str, number: str) -> None:
        expect(self.page.locator(f'.bar__column--{column} .ticket[data-number="{number}"]')).to_be_visible()

    def advance(self, number: str) -> None:
        self.ticket(number).locator("form[action$='/advance/'] button").click()

    def take_money(self, number: str) -> None:
        self.ticket(number).locator("form[action$='/paid/'] button").click()

    def hand_over(self, number: str) -> None:
        """Press the ticket's button that records the payment and hands the order over."""
        self.ticket(number).locator("form[action$='/hand-over/'] button").click()

    def open_form(self, action: str) -> Locator:
        """Unfold a form of the ticket's page; return it."""
        form = self.page.locator(f"form[action$='/{action}/']")
        self.page.locator("details", has=form).locator("summary").click()
        return form

    @property
    def undo(self) -> Locator:
        return self.page.locator("#toast form button")


class Manager:
    """A manager in the admin, in English."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()

    def set_price(self, item_name: str, price: str) -> None:
        self.page.goto(f"/admin/menu/item/?q={item_name}")
        expect(self.page.locator("[name=form-TOTAL_FORMS]")).to_have_value("1")
        self.page.locator("[name=form-0-price]").fill(price)
        self.page.locator("[name=_save]").click()
        expect(self.page.locator(".messagelist .success, #price-question")).to_be_visible()
        if self.page.locator("#price-question").count():
            self.page.locator("[name=confirmed_prices]").click()
        expect(self.page.locator(".messagelist .success")).to_be_visible()

    def count(self, item_name: str, available: int) -> None:
        """Start to count an item's stock, with `available` pieces."""
        self.page.goto("/admin/orders/stock/add/")
        self.page.locator("[name=item]").select_option(label=item_name)
        self.page.locator("[name=available]").fill(str(available))
        self.page.locator("#content [type=submit]").click()
        expect(self.page.locator(".messagelist .success")).to_be_visible()

    def orders_named(self, name: str) -> int:
        """Return the number of orders under this (unique) customer name."""
        self.page.goto(f"/admin/orders/order/?q={name}")
        return self.page.locator("#result_list .field-number").count()


class Till:
    """Places and moves orders over HTTP, without a page, to set up tests; `requests` is of a signed-in context."""

    def __init__(self, requests: APIRequestContext, url: str) -> None:
        self.requests, self.url = requests, url
        page = requests.get("/admin/bar/").text()
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, page
        self.csrf_token = found[1]

    def order(self, name: str, *lines: dict[str, object], **details: str) -> str:
        """Place an order (an espresso by default); return its token."""
        body = {"customer_name": name, "lines": lines or [{"item": "espresso", "quantity": 1}], **details}
        answer = self.requests.post("/api/orders", data=body)
        assert answer.status == 201, answer.text()
        return str(answer.json()["token"])

    def move(self, token: str, seen: str, *actions: str, reason: str = "") -> str:
        """Post these actions, one after the other, for an order in status `seen`; return its token."""
        way = ["pending", "preparing", "ready", "completed"]
        for action in actions:
            form = {"csrfmiddlewaretoken": self.csrf_token, "seen": seen, "reason": reason}
            address = f"/admin/bar/{token}/{action}/"
            answer = self.requests.post(address, form=form, headers={"Referer": self.url}, max_redirects=0)
            assert answer.status == 302, answer.text()
            if action in ("advance", "hand-over"):
                seen = way[way.index(seen) + 1]
        return token
