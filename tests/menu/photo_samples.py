"""Sample photos of every kind, as large as a test asks for, and files that are no photo."""

import random
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import pillow_heif
from PIL import Image

from menu.photos.encoder_answer import EncodedPhoto

Size = tuple[int, int]
FAST = {"preset": "ultrafast"}  # x265 option; callers copy the dict, because pillow-heif modifies it
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def gradient(size: Size, mode: str = "RGB") -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    if mode == "RGB":
        return Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_180), ramp))
    if mode == "RGBA":
        return Image.merge("RGBA", (ramp, ramp, ramp, ramp))
    return ramp.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(kind: str = "JPEG", size: Size = (300, 200), mode: str = "RGB", **options: object) -> bytes:
    return saved(Image.linear_gradient("L").resize(size).convert(mode), kind, **options)


def plain(colour: object, kind: str = "JPEG", mode: str = "RGB", size: Size = (300, 200), **options: object) -> bytes:
    return saved(Image.new(mode, size, colour), kind, **options)  # type: ignore[arg-type]


def noise(side: int) -> bytes:
    """Return a picture that no encoder can shrink much."""
    return saved(Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)), "PNG")


def with_exif(orientation: int = 1, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "taken at home"
    exif[0x8825] = {1: "N", 2: (31.0, 14.0, 0.0)}
    return photo(kind, exif=exif, comment=b"taken at home")


def about(encoded: EncodedPhoto, colour: tuple[int, int, int]) -> bool:
    """Return whether the centre of both pictures has this colour, within WebP's loss."""
    for content in (encoded.content, encoded.small):
        picture = Image.open(BytesIO(content)).convert("RGB")
        found = picture.getpixel((picture.width // 2, picture.height // 2))
        if any(abs(one - other) > 6 for one, other in zip(found, colour, strict=True)):
            return False
    return True


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    size: Size, pixel: bytes, *, bits: int, colours: int, is_interlaced: bool = False, chunks: bytes = b""
) -> bytes:
    """Return a PNG of one colour, in the forms that Pillow does not write."""
    passes = ADAM7 if is_interlaced else [(0, 0, 1, 1)]
    packer, packed = zlib.compressobj(1), b""
    for left, top, step_x, step_y in passes:
        width, height = -(-(size[0] - left) // step_x), -(-(size[1] - top) // step_y)
        row = b"\0" + pixel * width
        block = max(2**20 // len(row), 1)  # rows that are compressed in one call
        for first in range(0, height if width > 0 else 0, block):
            packed += packer.compress(row * min(block, height - first))
    head = struct.pack(">IIBBBBB", *size, bits, colours, 0, 0, is_interlaced)
    body = png_chunk(b"IDAT", packed + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + chunks + body + png_chunk(b"IEND", b"")


def interlaced_png(size: Size) -> bytes:
    return png(size, struct.pack(">4H", 60_000, 30_000, 10_000, 40_000), bits=16, colours=6, is_interlaced=True)


def animation(kind: str, size: Size) -> bytes:
    first, second = gradient(size), gradient(size).transpose(Image.Transpose.ROTATE_180)
    if kind == "GIF":
        first, second = first.convert("P"), second.convert("P")
    return saved(first, kind, save_all=True, append_images=[second], duration=100)


def with_a_second_picture(size: Size) -> bytes:
    """Return a JPEG with a second one appended, as phones append the gain map of an HDR photo."""
    return saved(gradient(size), "MPO", save_all=True, append_images=[gradient((size[0] // 4, size[1] // 4))])


def heic(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    pillow_heif.from_pillow(image).save(out, **({"quality": 30, "enc_params": dict(FAST)} | options))
    return out.getvalue()


def heic_of_10_bits(size: Size, mode: str = "RGB;16", chroma: int = 420) -> bytes:
    out = BytesIO()
    pixel = struct.pack("<4H", 60_000, 30_000, 10_000, 40_000)[: 6 if mode == "RGB;16" else 8]
    pixels = pixel * (size[0] * size[1])
    pillow_heif.from_bytes(mode, size, pixels).save(out, quality=30, chroma=chroma, enc_params=dict(FAST))
    return out.getvalue()


# For each sample the kind that its limit is set for, and the function that makes one of a given size.
SAMPLES: dict[str, tuple[str, Callable[[Size], bytes]]] = {
    "baseline JPEG 4:2:0": ("JPEG", lambda size: saved(gradient(size), "JPEG", subsampling=2)),
    "baseline JPEG 4:4:4": ("JPEG", lambda size: saved(gradient(size), "JPEG", subsampling=0)),
    "baseline JPEG in CMYK": ("JPEG", lambda size: saved(gradient(size, "CMYK"), "JPEG")),
    "baseline JPEG in grey": ("JPEG", lambda size: saved(gradient(size, "L"), "JPEG")),
    "baseline JPEG with a second picture": ("JPEG", with_a_second_picture),
    "progressive JPEG 4:2:0": ("progressive JPEG", lambda size: saved(gradient(size), "JPEG", progressive=True)),
    "progressive JPEG 4:4:4": (
        "progressive JPEG",
        lambda size: saved(gradient(size), "JPEG", subsampling=0, progressive=True),
    ),
    "progressive JPEG in CMYK": (
        "progressive CMYK JPEG",
        lambda size: saved(gradient(size, "CMYK"), "JPEG", progressive=True),
    ),
    "PNG RGB": ("PNG", lambda size: saved(gradient(size), "PNG", compress_level=1)),
    "PNG RGBA": ("PNG", lambda size: saved(gradient(size, "RGBA"), "PNG", compress_level=1)),
    "PNG RGBA, 16 bits, interlaced": ("PNG", interlaced_png),
    "PNG grey, 16 bits": ("PNG", lambda size: png(size, b"\x64\0", bits=16, colours=0)),
    "PNG grey with alpha": ("PNG", lambda size: saved(gradient(size, "LA"), "PNG", compress_level=1)),
    "PNG palette with transparency": (
        "PNG",
        lambda size: saved(gradient(size, "P"), "PNG", compress_level=1, transparency=b"\0\x80" * 128),
    ),
    "GIF, animated": ("GIF", lambda size: animation("GIF", size)),
    "WebP, lossy": ("WebP", lambda size: saved(gradient(size), "WEBP", method=0)),
    "WebP, lossless": (
        "WebP",
        lambda size: saved(gradient(size, "RGBA"), "WEBP", lossless=True, method=0, quality=0),
    ),
    "WebP, animated": ("WebP", lambda size: animation("WEBP", size)),
    "AVIF 4:2:0": ("AVIF", lambda size: saved(gradient(size), "AVIF", speed=10)),
    "AVIF 4:4:4 with alpha": (
        "AVIF",
        lambda size: saved(gradient(size, "RGBA"), "AVIF", speed=10, subsampling="4:4:4"),
    ),
    "HEIC 4:2:0": ("HEIC", lambda size: heic(gradient(size))),
    "HEIC in tiles": ("HEIC", lambda size: heic(gradient(size), tile_size=512)),
    "HEIC 4:2:0, 10 bits": ("HEIC of more than 8 bits", heic_of_10_bits),
    "HEIC 4:4:4, 10 bits, with alpha": ("HEIC 4:4:4", lambda size: heic_of_10_bits(size, "RGBA;16", 444)),
}

NO_PHOTOS = {
    "nothing": b"",
    "a word": b"latte",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "only a head of PNG": b"\x89PNG\r\n\x1a\n",
    "only a head of JPEG": b"\xff\xd8\xff\xe0",
    "only a head of GIF": b"GIF89a",
    "only a head of WebP": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "half a JPEG": photo()[:1500],
    "half a PNG": photo("PNG")[:400],
    "a BMP": photo("BMP"),
    "a TIFF": photo("TIFF"),
    "a PDF": photo("PDF"),
    "an ICO": photo("ICO", (32, 32)),
}
