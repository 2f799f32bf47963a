"""Photos are served in sRGB, whatever their ICC profile."""

import struct
from io import BytesIO

import pytest
from PIL import ExifTags, Image

from menu.photos import icc
from menu.photos.colour import GROUND, to_srgb
from menu.photos.encoder_answer import EncodedPhoto
from menu.photos.encoding import encode
from tests.menu.icc_profiles import DISPLAY_P3_OF_GAMMA_2_2, P3, cmyk_profile, grey_profile
from tests.menu.photo_samples import about, heic, plain, png, png_chunk

RED, IN_SRGB = (230, 60, 60), (251, 25, 45)
DISPLAY_P3 = icc.of_code_points(12, 13)
ADOBE_RGB = icc.rgb_profile(icc.ADOBE_RGB_PRIMARIES, icc.D65, (icc.ADOBE_RGB_GAMMA,))
SRGB = icc.rgb_profile(icc.SRGB_PRIMARIES, icc.D65, icc.SRGB_CURVE)


def encoded(content: bytes) -> EncodedPhoto:
    return encode(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_red_of_a_wide_display_is_that_red_in_srgb(kind: str) -> None:
    options = {"quality": 100, "subsampling": "4:4:4"} if kind == "AVIF" else {}
    photo = encoded(plain(RED, kind, icc_profile=DISPLAY_P3_OF_GAMMA_2_2, **options))
    assert about(photo, IN_SRGB)
    assert b"ICCP" not in photo.content


@pytest.mark.parametrize("profile_type", ["prof", "rICC"])
def test_the_red_of_an_iphone_is_that_red_in_srgb(profile_type: str) -> None:
    image = Image.new("RGB", (300, 200), RED)
    options = {"quality": 100, "chroma": 444, "icc_profile_type": profile_type}
    assert about(encoded(heic(image, icc_profile=DISPLAY_P3_OF_GAMMA_2_2, **options)), IN_SRGB)


# Expected values, computed by hand from the definitions: IEC 61966-2-1, Adobe RGB (1998), ITU-R BT.2020.
@pytest.mark.parametrize(
    ("profile", "colour", "in_srgb"),
    [
        (DISPLAY_P3, (230, 60, 60), (250, 31, 49)),
        (DISPLAY_P3, (0, 255, 0), (0, 255, 0)),  # colours outside sRGB are clipped
        (ADOBE_RGB, (150, 120, 100), (162, 121, 99)),
        (ADOBE_RGB, (100, 180, 90), (0, 181, 83)),
        (icc.of_code_points(9, 1), (128, 128, 128), (128, 128, 128)),
        (SRGB, (230, 60, 60), (230, 60, 60)),
        (icc.rgb_profile(icc.SRGB_PRIMARIES, icc.D65, (1.0,)), (55, 55, 55), (128, 128, 128)),
    ],
)
def test_each_profile_has_its_own_colours(
    profile: bytes, colour: tuple[int, int, int], in_srgb: tuple[int, int, int]
) -> None:
    found = to_srgb(Image.new("RGB", (4, 4), colour), profile).getpixel((0, 0))
    assert isinstance(found, tuple)
    assert all(abs(one - other) <= 1 for one, other in zip(found, in_srgb, strict=True)), found


@pytest.mark.parametrize(("mode", "grey"), [("L", 55), ("LA", (55, 255))])
def test_a_profile_of_greys_is_followed(mode: str, grey: object) -> None:
    assert about(encoded(plain(grey, "PNG", mode, icc_profile=grey_profile(1.0))), (128, 128, 128))


def test_a_profile_of_colours_fits_a_grey_photo() -> None:
    linear = icc.rgb_profile(icc.SRGB_PRIMARIES, icc.D65, (1.0,))
    assert about(encoded(plain(55, "JPEG", "L", icc_profile=linear)), (128, 128, 128))


@pytest.mark.parametrize(
    ("inks", "in_srgb"),
    [((0, 0, 0, 0), (255, 255, 255)), ((255, 0, 0, 0), (119, 119, 119)), ((0, 0, 255, 0), (119, 119, 119)),
     ((0, 0, 0, 255), (0, 0, 0))],
)  # fmt: skip
def test_inks_are_what_the_press_makes_of_them(inks: tuple[int, ...], in_srgb: tuple[int, int, int]) -> None:
    assert about(encoded(plain(inks, "JPEG", "CMYK", icc_profile=cmyk_profile())), in_srgb)


def test_inks_without_a_profile_are_taken_as_they_are() -> None:
    assert about(encoded(plain((255, 0, 0, 0), "JPEG", "CMYK")), (0, 255, 255))


def test_the_ground_of_a_transparent_photo_keeps_its_colour() -> None:
    half = encoded(plain((*RED, 0), "PNG", "RGBA", icc_profile=DISPLAY_P3_OF_GAMMA_2_2))
    assert about(half, tuple(bytes.fromhex(GROUND[1:])))
    whole = encoded(plain((*RED, 255), "WEBP", "RGBA", icc_profile=DISPLAY_P3_OF_GAMMA_2_2))
    assert about(whole, IN_SRGB)


@pytest.mark.parametrize(
    "profile",
    [b"", b"no profile", DISPLAY_P3_OF_GAMMA_2_2[:200], bytes(400), cmyk_profile(), grey_profile(2.2),
     DISPLAY_P3_OF_GAMMA_2_2.replace(b"rTRC", b"xTRC"), b"\xff" * 70_000],
    ids=["none", "a word", "half", "zeros", "of inks", "of greys", "without a curve", "noise"],
)  # fmt: skip
def test_a_profile_that_is_damaged_or_does_not_fit_is_ignored(profile: bytes) -> None:
    assert about(encoded(plain(RED, "JPEG", icc_profile=profile)), RED)


# Colours that are described without a profile


def test_the_code_points_of_a_heic_are_followed() -> None:
    image = Image.new("RGB", (300, 200), RED)
    wide = heic(image, quality=100, chroma=444, color_primaries=12, transfer_characteristics=13)
    assert about(encoded(wide), (250, 31, 49))


def test_the_code_points_of_an_avif_are_followed() -> None:
    content = plain(RED, "AVIF", quality=100, subsampling="4:4:4", icc_profile=None)
    assert content.count(b"colrnclx\0\1") == 1
    assert about(encoded(content.replace(b"colrnclx\0\1", b"colrnclx\0\x0c")), (250, 31, 49))


def of_png(chunks: bytes, colour: tuple[int, int, int] = RED) -> EncodedPhoto:
    return encoded(png((30, 20), bytes(colour), bits=8, colours=2, chunks=chunks))


def test_the_code_points_of_a_png_are_followed() -> None:
    assert about(of_png(png_chunk(b"cICP", bytes([12, 13, 0, 1]))), (250, 31, 49))
    assert about(of_png(png_chunk(b"cICP", bytes([1, 13, 0, 1]))), RED)
    assert about(of_png(png_chunk(b"cICP", bytes([9, 16, 0, 1]))), RED)  # PQ: HDR is not converted


def test_the_gamma_and_the_primaries_of_a_png_are_followed() -> None:
    linear = png_chunk(b"gAMA", struct.pack(">I", 100_000))
    wide = png_chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in (*icc.D65, *P3))))
    gamma = png_chunk(b"gAMA", struct.pack(">I", 45_455))
    assert about(of_png(linear, (55, 55, 55)), (128, 128, 128))
    assert about(of_png(gamma + wide), IN_SRGB)
    assert about(of_png(png_chunk(b"sRGB", b"\0") + linear), RED)
    assert about(of_png(png_chunk(b"gAMA", bytes(4))), RED)
    assert about(of_png(gamma + png_chunk(b"cHRM", bytes(32))), RED)


def test_adobe_rgb_is_known_by_the_mark_of_cameras_too() -> None:
    for index, in_srgb in (("R03", (0, 181, 83)), ("R98", (100, 180, 90))):
        exif = Image.Exif()
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {ExifTags.Interop.InteropIndex: index}
        assert about(encoded(plain((100, 180, 90), exif=exif)), in_srgb)
