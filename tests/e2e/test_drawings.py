"""Drawings in a browser: on the item page they follow the chosen options, in the admin the typed layers."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Customer

# Chooses an option and returns the drawing's layers in the same task, before any frame.
CHOOSE = """label => {
  const inputs = [...document.querySelectorAll("[data-item-form] .chip__input")];
  const nameOf = (input) => input.labels[0].textContent.trim();
  inputs.find((input) => nameOf(input).startsWith(label)).click();
  const drawing = document.querySelector("[data-served]");
  const isOn = (part) => !part.closest(".cutaway__off");
  const shown = { size: drawing.firstElementChild.getAttribute("class").split("--")[1] };
  for (const part of [...drawing.querySelectorAll("[data-part]")].filter(isOn)) {
    const { part: name, count, is } = part.dataset;
    shown[name] = count === undefined ? is : [...part.children].filter(isOn).length;
  }
  shown.milk = [...drawing.querySelectorAll("[data-milk]")].filter(isOn).at(-1)?.getAttribute("stop-color");
  return shown;
}"""
AS_DRAWN = {"size": "", "picture": "", "steam": 3, "ice": 0, "layers": "", "garnish": "", "milk": "#EFD9B8"}

SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


@pytest.fixture
def customer(new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", reduced_motion="reduce"))


@pytest.fixture
def admin(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Page:
    return new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager")).new_page()


@pytest.fixture
def form_of_dirty(admin: Page) -> Iterator[str]:
    """The URL of an item's form in the admin; the item's photo is removed afterwards."""
    admin.goto("/admin/menu/item/?q=Dirty")
    address = admin.locator("#result_list tbody th a").first.get_attribute("href")
    assert address
    yield address
    admin.goto(address)
    admin.locator("[name=picture]").select_option("")
    save(admin)


def save(admin: Page) -> None:
    admin.locator("[name=_save]").click()
    expect(admin.locator(".messagelist .success")).to_be_visible()


@pytest.mark.every_run
def test_the_drawing_follows_what_is_chosen_within_the_same_frame(customer: Customer) -> None:
    customer.open("item/latte/")
    page = customer.page
    expected = dict(AS_DRAWN)
    for label, changed in (
        ("Large", {"size": "largest"}),
        ("Medium", {"size": "larger"}),
        ("Oat drink", {"milk": "#E2C79B"}),
        ("Warm", {"steam": 1}),
        ("Iced", {"picture": "iced", "steam": 0, "ice": 3}),
        ("Extra shot", {"layers": "espresso"}),
        ("Whipped cream", {"garnish": "cream"}),
        ("Extra shot", {"layers": ""}),
        ("Hot", {"picture": "", "steam": 3, "ice": 0}),
        ("Whole milk", {"milk": "#EFD9B8"}),
        ("Whipped cream", {"garnish": ""}),
        ("Small", {"size": ""}),
    ):
        expected |= changed
        assert page.evaluate(CHOOSE, label) == expected, label
    assert expected == AS_DRAWN


def test_ice_and_sugar_are_counted(customer: Customer) -> None:
    customer.open("item/coconut-latte/")
    page = customer.page
    seen = [page.evaluate(CHOOSE, label) for label in ("Less ice", "No ice", "Regular ice", "Half sweet", "No sugar")]
    assert [(one["ice"], one["sugar"]) for one in seen] == [(1, 3), (0, 3), (3, 3), (3, 1), (3, 0)]


def test_what_was_chosen_is_drawn_when_one_comes_back(customer: Customer) -> None:
    customer.open("item/latte/")
    page = customer.page
    page.get_by_label("Iced").check()
    page.locator(".item-form__foot .button--accent").click()
    expect(page.locator("[data-cart-total]")).to_have_text("¥25")
    page.go_back()
    expect(page.get_by_label("Iced")).to_be_checked()
    expect(page.locator("[data-is=iced]")).not_to_have_class(re.compile("cutaway__off"))


def test_without_javascript_the_default_is_drawn_and_the_choice_is_ordered(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=False))
    customer.open("item/latte/")
    expect(customer.page.locator("[data-is=iced]")).to_have_css("opacity", "0")
    expect(customer.page.locator("[data-part=picture][data-is='']")).to_have_css("opacity", "1")
    customer.add("latte", "Iced", "Oat drink")
    customer.expect_cart(("latte", 1, "¥30"))


@pytest.mark.parametrize(("motion", "takes_time"), [("reduce", False), ("no-preference", True)])
def test_it_moves_only_for_who_likes_motion(new_context: NewContext, motion: str, takes_time: bool) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", reduced_motion=motion))
    customer.open("item/latte/")
    duration = "one => parseFloat(getComputedStyle(one).transitionDuration) > 0"
    for part in (".cutaway__served", "[data-part=picture]", "[data-part=steam] > *"):
        assert customer.page.locator(part).first.evaluate(duration) is takes_time, part


def test_the_item_forms_drawing_is_live(admin: Page, page_errors: list[str]) -> None:
    admin.goto("/admin/menu/item/add/")
    picture, problem = admin.locator("[data-drawing]"), admin.locator("[data-drawing-problem]")
    expect(picture.locator("svg")).to_have_count(1)
    expect(picture.locator("linearGradient")).to_have_count(0)
    admin.locator("[name=layers]").press_sequentially("espresso 30, milk 70")
    expect(picture.locator("stop[stop-color='#3D2015']").first).to_be_attached()
    expect(picture.locator("stop[stop-color='#EFD9B8']").first).to_be_attached()
    expect(problem).to_have_text("")
    before = picture.inner_html()
    admin.locator("[name=glass]").select_option("tall")
    expect(picture.locator(".cutaway__china")).to_have_count(0)
    admin.locator("[name=ice]").check()
    expect(picture.locator(".cutaway__ice")).to_have_count(1)
    admin.locator("[name=garnish]").select_option("mint")
    expect(picture.locator("path[fill='#5F9448']")).to_have_count(1)
    assert picture.inner_html() != before

    kept = picture.inner_html()
    admin.locator("[name=layers]").fill("lava 30")
    expect(problem).to_contain_text("“lava” is not a fill we can draw.")
    assert picture.inner_html() == kept, "the last drawing stays"
    page_errors[:] = [error for error in page_errors if "status of 422" not in error]
    admin.locator("[name=layers]").fill("matcha 100")
    expect(picture.locator("stop[stop-color='#86A84F']").first).to_be_attached()
    expect(problem).to_have_text("")


def test_a_photo_replaces_the_drawing_and_nothing_jumps(admin: Page, form_of_dirty: str, customer: Customer) -> None:
    """A portrait photo and a drawing have boxes of one size, before and after the photo has loaded."""
    page = customer.page
    tiles = {"item/dirty/": ".item__tile", "": "#dirty .item-card__tile"}
    drawn_sizes = {}
    for path, tile in tiles.items():
        customer.open(path)
        drawn_sizes[path] = size_of(page.locator(tile))
    portrait = io.BytesIO()
    Image.linear_gradient("L").resize((300, 700)).save(portrait, "JPEG")
    admin.goto("/admin/menu/picture/add/")
    admin.locator("[name=title]").fill("Portrait")
    file = {"name": "portrait.jpg", "mimeType": "image/jpeg", "buffer": portrait.getvalue()}
    admin.locator("[name=file]").set_input_files(file)  # type: ignore[arg-type]
    save(admin)
    admin.goto(form_of_dirty)
    drawn = admin.locator("[data-drawing]")
    expect(drawn.locator("svg")).to_have_count(1)
    admin.locator("[name=picture]").select_option(label="Portrait")
    expect(drawn.locator("img.photo")).to_be_visible()
    save(admin)

    for path, tile in tiles.items():
        expect(open_with_photo(customer, path)).to_be_visible()
        photo = page.locator(f"{tile} img.photo")
        assert (photo.get_attribute("width"), photo.get_attribute("height")) == ("300", "700")
        photo.scroll_into_view_if_needed()
        assert page.evaluate(SHIFTS) <= 0.02, path
        assert size_of(photo) == size_of(page.locator(tile)) == drawn_sizes[path], path


def size_of(shown: Locator) -> tuple[int, int]:
    box = shown.bounding_box()
    assert box
    return round(box["width"]), round(box["height"])


def open_with_photo(customer: Customer, path: str) -> Locator:
    """Reload a page until it shows the photo: instances see a change within two seconds."""
    for _time in range(20):
        customer.open(path)
        if customer.page.locator("img.photo").count():
            break
        customer.page.wait_for_timeout(200)
    return customer.page.locator("img.photo").first
