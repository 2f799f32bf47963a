"""ICC profiles (ISO 15076-1) for files that embed none, but describe their colours in another way.

That is by code points (ITU-T H.273: HEIC, AVIF, PNG's cICP), by PNG's gAMA and cHRM, or by Exif's interoperability
index (DCF).
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import ExifTags, Image

Matrix = list[list[float]]

SRGB_PRIMARIES = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
D65 = (0.3127, 0.3290)
D50_XYZ = (0.9642, 1.0, 0.8249)
# H.273, table 2: primaries that differ visibly from sRGB's.
WIDE_PRIMARIES = {
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
# H.273, table 3: transfers of pictures that are not HDR; all are treated as sRGB's.
SDR_TRANSFERS = {1, 6, 13, 14, 15}
# The curve of IEC 61966-2-1 as a parametric one of type 3: gamma, a, b, c, d.
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
BRADFORD = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]

ADOBE_RGB_PRIMARIES, ADOBE_RGB_GAMMA = (0.640, 0.330, 0.210, 0.710, 0.150, 0.060), 563 / 256
DCF_OPTIONAL_COLOURS = "R03"  # Exif's interoperability index of a camera that was set to Adobe RGB


def of_code_points(primaries: int, transfer: int) -> bytes | None:
    """Return the profile of H.273's code points; None when they are close to sRGB's, or HDR."""
    wide = WIDE_PRIMARIES.get(primaries)
    return rgb_profile(wide, D65, SRGB_CURVE) if wide and transfer in SDR_TRANSFERS else None


def of_png(info: Mapping[Any, object]) -> bytes | None:
    """Return the profile of a PNG's gAMA and cHRM (white, red, green, blue); None if it has none, or says sRGB."""
    gamma, chromaticity = info.get("gamma"), info.get("chromaticity")
    if not isinstance(gamma, float) or gamma <= 0 or "srgb" in info:
        return None
    white_and_primaries = chromaticity if isinstance(chromaticity, tuple) else (*D65, *SRGB_PRIMARIES)
    try:
        return rgb_profile(white_and_primaries[2:], white_and_primaries[:2], (1 / gamma,))
    except (ZeroDivisionError, struct.error):
        return None


def of_exif(exif: Image.Exif) -> bytes | None:
    """Return the profile of Adobe RGB when Exif names it, else None: cameras that write it embed no profile."""
    if exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex) != DCF_OPTIONAL_COLOURS:
        return None
    return rgb_profile(ADOBE_RGB_PRIMARIES, D65, (ADOBE_RGB_GAMMA,))


def rgb_profile(primaries: Sequence[float], white: Sequence[float], curve: Sequence[float]) -> bytes:
    """Return a display's profile: x and y of red, green, blue and white; a gamma, or a parametric curve of type 3."""
    trc = struct.pack(">4s4xHxx", b"para", 0 if len(curve) == 1 else 3) + b"".join(map(_fixed, curve))
    colorants = _colorants(primaries, white)
    tags = {b"wtpt": xyz_type(D50_XYZ), b"rTRC": trc, b"gTRC": trc, b"bTRC": trc}
    for column, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ")):
        tags[name] = xyz_type([row[column] for row in colorants])
    return assembled(b"mntr", b"RGB ", b"XYZ ", tags)


def assembled(device: bytes, space: bytes, connection: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Return a profile: its header, its table of tags, and their data."""
    table, data, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    size = start + len(data)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 0x04300000, device, space, connection, b"acsp")
    head = head.ljust(68, b"\0") + b"".join(map(_fixed, D50_XYZ))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def xyz_type(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _fixed(value: float) -> bytes:
    """Return an s15Fixed16Number."""
    return struct.pack(">i", round(value * 65536))


def _colorants(primaries: Sequence[float], white: Sequence[float]) -> Matrix:
    """Return XYZ of red, green and blue as columns, adapted to D50 (Bradford)."""
    columns = [_xyz(x, y) for x, y in zip(primaries[::2], primaries[1::2], strict=True)]
    matrix = [list(row) for row in zip(*columns, strict=True)]
    white_xyz = _xyz(*white)
    shares = _times(_inverse(matrix), [[value] for value in white_xyz])
    scaled = [[value * shares[column][0] for column, value in enumerate(row)] for row in matrix]
    cone = [_times(BRADFORD, [[value] for value in xyz]) for xyz in (D50_XYZ, white_xyz)]
    ratio = [[cone[0][row][0] / cone[1][row][0] if row == column else 0.0 for column in range(3)] for row in range(3)]
    return _times(_times(_times(_inverse(BRADFORD), ratio), BRADFORD), scaled)


def _xyz(x: float, y: float) -> list[float]:
    return [x / y, 1.0, (1 - x - y) / y]


def _times(left: Matrix, right: Matrix) -> Matrix:
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*right, strict=True)] for row in left
    ]


def _inverse(m: Matrix) -> Matrix:
    """Return the inverse of a 3 × 3 matrix by its cofactors."""
    cofactors = [
        [
            m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3]
            - m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3]
            for j in range(3)
        ]
        for i in range(3)
    ]
    determinant = sum(m[0][j] * cofactors[0][j] for j in range(3))
    return [[cofactors[j][i] / determinant for j in range(3)] for i in range(3)]
