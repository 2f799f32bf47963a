"""What a phone reads from a QR code, on a page or in its SVG."""

import io
import re

import zxingcpp
from PIL import Image

PIXELS = 4  # a module


def read_screenshot(png: bytes) -> str:
    """Return the text of the one code in a picture."""
    return _read(Image.open(io.BytesIO(png)))


def read_svg(page: str) -> str:
    """Return the text of the one code in a page's source, drawn here module by module."""
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
