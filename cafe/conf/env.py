"""Typed readers of the environment.

An unreadable value raises nothing: it is recorded in `PROBLEMS` and the default is used, so that `cafe.conf.checks`
can report all wrong values together, each with its ID and hint, and refuse to start.
Any value may come from a file named by `<NAME>_FILE`.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from environs import EnvError, FileAwareEnv

_env = FileAwareEnv(strip_whitespace=True)

PROBLEMS: dict[str, str] = {}
ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


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
    """Read a folder, and make it if it is not there."""
    path = Path(text(name, str(default))).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        PROBLEMS[name] = f"{path} cannot be made: {error.strerror}"
    return path


def networks(name: str, default: Sequence[str]) -> list[str]:
    """Read a list of addresses and networks such as 10.0.0.0/8; "*" is every address."""
    values = words(name, default)
    for value in values:
        try:
            ip_network(value if value != "*" else "0.0.0.0/0")
        except ValueError:
            PROBLEMS[name] = f"{value!r} is not an address or a network"
            return list(default)
    return values


def origin(name: str) -> str:
    """Read the origin of the café's public URLs, such as https://cafe.example.com; "" when it is unset or invalid."""
    value = text(name).rstrip("/")
    if value and not ORIGIN.fullmatch(value):
        PROBLEMS[name] = f"{value!r} is not an address such as https://cafe.example.com"
        return ""
    return value


def hosts(name: str, default: Sequence[str]) -> list[str]:
    """Read a list of host names, without a scheme or a path."""
    values = words(name, default)
    wrong = next((value for value in values if "/" in value), None)
    if wrong:
        PROBLEMS[name] = f"{wrong!r} is not a host name such as cafe.example.com"
        return list(default)
    return values
