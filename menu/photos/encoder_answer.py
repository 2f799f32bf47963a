"""The answer of the encoder process: a line of JSON, and after it the bytes of both pictures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from menu.photos.limits import PhotoRefused


@dataclass(frozen=True)
class EncodedPhoto:
    content: bytes  # WebP
    width: int  # pixels
    height: int  # pixels
    small: bytes  # WebP


def packed(answer: EncodedPhoto | PhotoRefused, peak_bytes: int = 0) -> bytes:
    """Return the answer as bytes. `peak_bytes` is the most memory that the process had resident."""
    if isinstance(answer, PhotoRefused):
        return _line({"refused": answer.code, "facts": answer.facts, "peak_bytes": peak_bytes})
    head = {"width": answer.width, "height": answer.height, "content_bytes": len(answer.content)}
    return _line(head | {"peak_bytes": peak_bytes}) + answer.content + answer.small


def unpacked(answer: bytes) -> EncodedPhoto:
    """Return the photo of an answer. Raises PhotoRefused for a refusal, and for a malformed answer."""
    line, _newline, pictures = answer.partition(b"\n")
    try:
        head = json.loads(line)
        if "refused" in head:
            raise PhotoRefused(head["refused"], head["facts"])
        cut = int(head["content_bytes"])
        return EncodedPhoto(pictures[:cut], int(head["width"]), int(head["height"]), small=pictures[cut:])
    except (ValueError, KeyError, TypeError) as error:
        raise PhotoRefused("undecodable") from error


def _line(head: Mapping[str, object]) -> bytes:
    return json.dumps(head).encode() + b"\n"
