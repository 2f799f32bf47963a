"""Typed readers of the environment.

A value that cannot be read is not an exception here: it is noted in `PROBLEMS` and the default is used, so that
`cafe.checks` can report every wrong value at once, each with its id and hint, and stop the start.
Any value may come from a file named by `<NAME>_FILE`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from environs import EnvError, FileAwareEnv

_env = FileAwareEnv(strip_whitespace=True)

PROBLEMS: dict[str, str] = {}


def _read(kind: str, name: str, default: Any) -> Any:
    try:
        value = getattr(_env, kind)(name, None)
    except (EnvError, ValueError, OSError) as error:
        PROBLEMS[name] = str(error)
        return default
    return default if value is None or value == "" else value


def text(name: str, default: str = "") -> str:
    return str(_read("str", name, default))


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    value = int(_read("int", name, default))
    if not least <= value <= most:
        PROBLEMS[name] = f"{value} is not between {least} and {most}"
        return default
    return value


def flag(name: str, default: bool = False) -> bool:
    return bool(_read("bool", name, default))


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """Read a comma-separated list; blanks around and between the words do not count."""
    return [word.strip() for word in _read("list", name, list(default)) if word.strip()]


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    value = text(name, default)
    if value not in choices:
        PROBLEMS[name] = f"{value!r} is not one of {', '.join(choices)}"
        return default
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        PROBLEMS[name] = f"{value!r} is not a time zone such as {default}"
        return default
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).resolve()
