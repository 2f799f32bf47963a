"""The markup of an item's drawing, read part by part."""

import re
from xml.etree import ElementTree

from menu.drawing.configurable import OFF
from menu.drawing.effects import EFFECTS

EVERY_WORD = tuple(EFFECTS)


def is_off(node: ElementTree.Element) -> bool:
    return OFF in node.get("class", "").split()


def shown(picture: ElementTree.Element) -> dict[str, str]:
    """Return each shown part of a drawing: its number of pieces, or its variant."""
    found = {"size": picture[0].get("class", "").rpartition("--")[2]}

    def look(node: ElementTree.Element) -> None:
        if is_off(node):
            return
        if part := node.get("data-part"):
            if node.get("data-count") is None:
                assert part not in found, f"two of {part} are shown"
                found[part] = node.get("data-is", "?")
            else:
                found[part] = str(sum(not is_off(piece) for piece in node))
        for child in node:
            look(child)

    look(picture)
    return found


def assert_sound(drawn: str) -> None:
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    assert root.attrib["aria-hidden"] == "true"
    for word in ("style=", "<style", "<script", "href", "http", "nan", "inf", "None"):
        assert word not in drawn
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    used = set(re.findall(r"url\(#([^)]+)\)", drawn))
    assert used == set(ids), "every gradient is used, and every one that is used is there"
