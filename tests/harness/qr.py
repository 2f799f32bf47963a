"""Decode a QR code, from a screenshot or from the SVG of a page, as a phone does."""

import io
import re

import zxingcpp
from PIL import Image

PIXELS = 4  # for each module (square of the code)


def read_screenshot(png: bytes) -> str:
    """Return the text of the only QR code in a PNG."""
    return _read(Image.open(io.BytesIO(png)))


def read_svg(page: str) -> str:
    """Return the text of the only QR code in a page's HTML; its SVG is rasterized module by module."""
    [(size, path)] = re.findall(r'<svg[^>]*viewBox="0 0 (\d+) \1"[^>]*>.*?<path stroke="#000" d="([^"]+)"', page)
    picture = Image.new("L", (int(size), int(size)), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            for dark in range(int(values[0])):
                picture.putpixel((int(x) + dark, int(y)), 0)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return _read(picture.resize((int(size) * PIXELS,) * 2, Image.Resampling.NEAREST))


def _read(picture: Image.Image) -> str:
    [found] = zxingcpp.read_barcodes(picture.convert("L"))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return found.text
