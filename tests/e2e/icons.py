"""Render the home screen icons from static/img/favicon.svg: python -m tests.e2e.icons

Each PNG has the hash of its source drawing in its metadata, so that a test detects an outdated icon.
"""

import hashlib
import io
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import sync_playwright

from tests.harness.running_cafe import ROOT

FOLDER = ROOT / "static" / "img"
DRAWING = FOLDER / "favicon.svg"
ROUNDED, SQUARE = 'rx="8"', 'rx="0"'
# Icons that the system masks to its own shape must fill the square; the cup stays within the middle 80 %.
ICONS = {
    "icon-192.png": (192, ROUNDED),
    "icon-512.png": (512, ROUNDED),
    "icon-maskable-192.png": (192, SQUARE),
    "icon-maskable-512.png": (512, SQUARE),
    "apple-touch-icon.png": (180, SQUARE),
}
COLOURS = 64


def source() -> str:
    """Return the hash of the drawing, which an up-to-date icon has in its PNG text `Source`."""
    return hashlib.sha256(DRAWING.read_bytes()).hexdigest()


def main() -> None:
    drawing = DRAWING.read_text()
    assert ROUNDED in drawing
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (size, corners) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            svg = drawing.replace(ROUNDED, corners).replace("<svg ", f'<svg width="{size}" height="{size}" ')
            page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{svg}")
            _save(page.screenshot(omit_background=True), FOLDER / name, has_corners=corners == ROUNDED)
            page.close()
        browser.close()


def _save(shot: bytes, file: Path, *, has_corners: bool) -> None:
    image = Image.open(io.BytesIO(shot)).convert("RGBA" if has_corners else "RGB")
    note = PngInfo()
    note.add_text("Source", source())
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True, pnginfo=note)
    print(f"{file.name}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
