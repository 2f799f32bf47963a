"""Texts of the sample menu, and steps of the main journey."""

from playwright.sync_api import Page


def number_on(board: Page, number: str, column: str = "") -> object:
    return board.locator(f"{column} .board__number").get_by_text(number, exact=True)
