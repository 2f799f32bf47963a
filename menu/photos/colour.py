"""The colours of a photo, laid on the ground of a tile."""

from PIL import Image

GROUND = "#f3e6d3"  # the light tile of static/css/tokens.css


def on_ground(image: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """Return the RGB image laid on the ground of a tile by its alpha (L)."""
    if alpha is None:
        return image
    ground = Image.new("RGB", image.size, GROUND)
    ground.paste(image, mask=alpha)
    return ground
