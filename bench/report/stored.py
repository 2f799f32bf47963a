"""Serialize the report to JSON and back. NaN and infinity (a failed round) are stored as null."""

import json
import math
import os
import tempfile
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from bench.figures import Report


def to_json(report: Report) -> str:
    return json.dumps(_finite(asdict(report)), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def from_json(text: str) -> Report:
    """Return the report. A missing field gets its default; one without a default raises TypeError."""
    return _of(Report, json.loads(text))


def replace(file: Path, text: str) -> None:
    """Write the file atomically, by a temporary file and a rename: a browser never loads half a page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as half:
            half.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _of(kind: Any, value: Any) -> Any:
    """Convert a JSON value to its type hint `kind`."""
    if get_origin(kind) is UnionType:
        return None if value is None else _of(next(each for each in get_args(kind) if each is not type(None)), value)
    if get_origin(kind) is list:
        return [_of(get_args(kind)[0], each) for each in value]
    if get_origin(kind) is dict:
        return {key: _of(get_args(kind)[1], each) for key, each in value.items()}
    if is_dataclass(kind):
        return _record(kind, value)
    if kind is float:
        return math.nan if value is None else float(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def _record(kind: Any, value: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(
        **{field.name: _of(hints[field.name], value[field.name]) for field in fields(kind) if field.name in value}
    )
