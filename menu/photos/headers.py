"""Parsers of file headers, for facts that Pillow reports too late or not at all."""

import struct
from typing import IO

# The markers of JPEG (ITU-T T.81, table B.1).
START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SEQUENTIAL_FRAMES = {0xC0, 0xC1}
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}


def can_be_decoded_by_rows(file: IO[bytes]) -> bool:
    """True for a JPEG that libjpeg decodes row by row: a sequential frame whose first scan has all components.

    Of any other JPEG it keeps the coefficients of the whole picture in memory, at full size.
    """
    file.seek(2)
    frame, components = 0, 0
    while (marker := _next_marker(file)) not in (None, END_OF_IMAGE):
        if marker in WITHOUT_LENGTH:
            continue
        segment = file.read(max(0, int.from_bytes(file.read(2)) - 2))
        if marker in START_OF_FRAME and len(segment) >= 6:
            frame, components = marker, segment[5]
        elif marker == START_OF_SCAN and segment:
            return frame in SEQUENTIAL_FRAMES and segment[0] == components
    return False


def _next_marker(file: IO[bytes]) -> int | None:
    byte = file.read(1)
    while byte:
        if byte == b"\xff":
            byte = file.read(1)
            if byte and byte not in (b"\xff", b"\x00"):
                return byte[0]
        else:
            byte = file.read(1)
    return None


def webp_size(head: bytes) -> tuple[int, int] | None:
    """Return the size (pixels) of a WebP canvas (RFC 9649): Pillow allocates the canvas before it tells the size."""
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def is_heif(head: bytes) -> bool:
    """True for HEIC and related formats (ISO/IEC 23008-12), False for AVIF, which has the same container."""
    if head[4:8] != b"ftyp" or head[8:12] not in HEIF_BRANDS:
        return False
    length = int.from_bytes(head[:4])
    compatible = {head[at : at + 4] for at in range(16, min(length, len(head)), 4)}
    return not compatible & AVIF_BRANDS


def code_points(head: bytes) -> tuple[int, int] | None:
    """Return the primaries and the transfer (ITU-T H.273) that a PNG's cICP or an AVIF's colr box names, or None."""
    for name, form in ((b"\0\0\0\4cICP", ">BB"), (b"colrnclx", ">HH")):
        at = head.find(name)
        if 0 <= at <= len(head) - len(name) - struct.calcsize(form):
            primaries, transfer = struct.unpack_from(form, head, at + len(name))
            return primaries, transfer
    return None
