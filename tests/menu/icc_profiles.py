"""ICC profiles made by hand: a Display P3 screen with gamma 2.2, greys, and a CMYK press."""

import struct
from itertools import product

from menu.photos.icc import D65, assembled, rgb_profile, xyz_type

P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
DISPLAY_P3_OF_GAMMA_2_2 = rgb_profile(P3, D65, (2.2,))


def grey_profile(gamma: float) -> bytes:
    curve = struct.pack(">4s4xHxxi", b"para", 0, round(gamma * 65536))
    return assembled(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": xyz_type((0.9642, 1.0, 0.8249)), b"kTRC": curve})


def cmyk_profile() -> bytes:
    """Return the profile of an imaginary press: lightness is 100 / (1 + number of inks), and 0 with black ink."""
    table = b"".join(
        struct.pack(">3H", *_lab(100 / (1 + sum(inks)) if not inks[3] else 0)) for inks in product((0, 1), repeat=4)
    )
    curve = struct.pack(">2H", 0, 0xFFFF)
    identity = struct.pack(">9i", *(65536 * (row == column) for row in range(3) for column in range(3)))
    lut = (
        struct.pack(">4s4x4B", b"mft2", 4, 3, 2, 0)
        + identity
        + struct.pack(">2H", 2, 2)
        + curve * 4
        + table
        + curve * 3
    )
    return assembled(b"prtr", b"CMYK", b"Lab ", {b"wtpt": xyz_type((0.9642, 1.0, 0.8249)), b"A2B0": lut})


def _lab(lightness: float) -> tuple[int, int, int]:
    return round(lightness * 652.8), 0x8000, 0x8000
