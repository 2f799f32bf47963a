"""Colour conversion of a photo: from its ICC profile to sRGB, and from transparent to a tile's background."""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageCms

GROUND = "#f3e6d3"  # --tile of the light theme, static/css/tokens.css


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the image (L, RGB or CMYK) as RGB in sRGB. A damaged or mismatched profile is ignored."""
    if profile:
        for candidate in _candidates(image):
            try:
                return _converted(candidate, profile)
            except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
                continue
    return image.convert("RGB")


def _candidates(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the image in each mode that its profile may expect: a grey image may carry an RGB or a grey profile."""
    yield image
    if image.mode == "L":
        yield image.convert("RGB")
    elif image.mode == "RGB":
        red, green, blue = (channel.tobytes() for channel in image.split())
        if red == green == blue:
            yield image.getchannel("R")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return transform.apply(image)


def on_ground(image: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """Return the RGB image composited by its alpha (L) on the background of a tile."""
    if alpha is None:
        return image
    ground = Image.new("RGB", image.size, GROUND)
    ground.paste(image, mask=alpha)
    return ground
