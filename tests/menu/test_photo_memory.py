"""The encoder process stays below 150 MiB with every kind of photo: at its limit (--full), or at a part of it."""

import math
from typing import Any

import pytest

from menu.photos.limits import MAX_MEGAPIXELS, MAX_PEAK_BYTES
from tests.menu.photo_samples import SAMPLES, gradient, photo, saved
from tests.menu.photo_worker import ask_worker

MAX_PEAK_MIB = MAX_PEAK_BYTES / 2**20
REDUCED = 16  # without --full a photo has one sixteenth of its limit's pixels
PHONE = (8000, 6000)  # what phones call 48 megapixels
UNCHECKED = "limits.check = lambda kind, size: None"
UNLIMITED = f"{UNCHECKED}\nworker.limit_this_process = lambda: None"


def sizes(kind: str, full_size: bool) -> list[tuple[int, int]]:
    """Return the sizes of the largest photos of this kind: three shapes at full size, else one."""
    pixels = MAX_MEGAPIXELS[kind] * 1_000_000 // (1 if full_size else REDUCED)
    widths = [int(math.sqrt(pixels)), int(math.sqrt(pixels * 1.5)), int(math.sqrt(pixels * 4))]
    return [(width, pixels // width) for width in widths[: 3 if full_size else 1]]


@pytest.mark.few_cases(4)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_photo_at_its_limit_fits_into_the_memory_of_the_encoder(
    name: str, full_size: bool, record_property: Any
) -> None:
    kind, made = SAMPLES[name]
    figures = []
    for size in sizes(kind, full_size):
        answer = ask_worker(made(size))
        assert answer.refused == "", (size, answer)
        assert answer.peak_mib <= MAX_PEAK_MIB, (size, answer)
        figures.append(f"{size[0]} × {size[1]}: {answer.peak_mib:.0f} MiB, {answer.cpu_s:.1f} s of CPU")
    if full_size:
        record_property("figures", "; ".join(figures))


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_the_checks_do_not_see_is_stopped_by_the_limit_of_memory(kind: str) -> None:
    """A progressive JPEG or a PNG of 48 megapixels, with the checks of its header disabled."""
    content = photo(kind, PHONE, **({"progressive": True} if kind == "JPEG" else {"compress_level": 1}))
    answer = ask_worker(content, first=UNCHECKED)
    assert answer.refused == "undecodable"
    assert answer.peak_mib <= MAX_PEAK_MIB


@pytest.mark.only_full
def test_without_the_limits_the_same_photo_takes_more() -> None:
    """Control for the tests above."""
    answer = ask_worker(saved(gradient(PHONE), "PNG", compress_level=1), first=UNLIMITED)
    assert answer.refused == ""
    assert answer.peak_mib > MAX_PEAK_MIB


@pytest.mark.only_full
def test_the_photo_of_a_phone_is_reduced_while_it_is_decoded() -> None:
    answer = ask_worker(saved(gradient(PHONE), "JPEG"))
    assert (answer.head["width"], answer.head["height"]) == (1200, 900)
    assert answer.peak_mib <= MAX_PEAK_MIB
    whole = ask_worker(saved(gradient(PHONE), "JPEG"), first=f"{UNLIMITED}\n{WITHOUT_DRAFT}")
    assert whole.peak_mib > MAX_PEAK_MIB


WITHOUT_DRAFT = """
from PIL import JpegImagePlugin
JpegImagePlugin.JpegImageFile.draft = lambda self, mode, size: None"""
