"""A ticket on the barista board has a limited height, however long the note and name; the ticket's page has the full
text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import StorageState, expect

from tests.e2e.conftest import NewContext

MAX_HEIGHT_PX = 530  # for one item with its allergens; 360 with a short note
WIDE = {
    "ligatures": "﷽" * 200,
    "cuneiform": "𒐫" * 200,
    "stacked marks": "ก็็็็็" * 33,
    "an honest long note": "请多加一份浓缩，少糖，不要奶盖，杯子请用自带的，谢谢。" * 7,
}


@pytest.mark.parametrize("note", WIDE.values(), ids=WIDE.keys())
def test_a_ticket_keeps_its_height(
    new_context: NewContext, signed_in: Callable[[str], StorageState], note: str
) -> None:
    context = new_context(locale="en-GB", viewport={"width": 1180, "height": 820}, storage_state=signed_in("barista"))
    order = {"customer_name": note[:60], "note": note, "lines": [{"item": "butter-croissant"}]}
    placed = context.request.post("/api/orders", data=order)
    assert placed.status == 201, placed.text()
    page = context.new_page()
    page.goto("/admin/bar/")
    ticket = page.locator(".ticket", has=page.locator(f'form[action*="{placed.json()["token"]}"]'))
    box = ticket.bounding_box()
    assert box
    assert box["height"] <= MAX_HEIGHT_PX
    ticket.get_by_role("link", name="More").click()
    whole = page.locator(".ticket__note")
    expect(whole).to_have_text(note)
    assert whole.evaluate("note => note.scrollHeight <= note.clientHeight + 1")
