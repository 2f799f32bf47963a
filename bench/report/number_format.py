"""Format the report's figures: rounded to about three digits, and "—" for a missing one."""

import math
from datetime import datetime

NONE = "—"


def figure(value: float | None) -> str:
    """Format a number with about three digits: 12,345, 47.1, 3.20, 0.0042."""
    if value is None or not math.isfinite(value):
        return NONE
    if float(value).is_integer() or abs(value) >= 99.95:
        return f"{value:,.0f}"
    if abs(value) >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.0995 else f"{value:.2g}"


def percent(value: float | None) -> str:
    return NONE if value is None or not math.isfinite(value) else f"{value:.1f} %"


def with_unit(text: str, unit: str) -> str:
    """Append the unit to a figure: "5,399/s", "4.50×", "130 MiB"."""
    if text == NONE or not unit:
        return text
    return f"{text}{unit}" if unit[0] in "/×" else f"{text} {unit}"


def measured(value: float | None, unit: str) -> str:
    return with_unit(figure(value), unit)


def beside_target(value: float, target: float) -> str:
    """Format the figure with enough digits that rounding moves it neither across the target nor onto it."""
    text = figure(value)
    if text == NONE or value == target:
        return text
    digits = len(text.partition(".")[2])
    longer = [f"{value:,.{more}f}" for more in range(digits + 1, digits + 5)]
    return next((text for text in (text, *longer) if _is_on_the_same_side(text, value, target)), str(value))


def _is_on_the_same_side(text: str, value: float, target: float) -> bool:
    shown = float(text.replace(",", ""))
    return (shown < target) == (value < target) and shown != target


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (0 if hours else rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def moment(iso: str) -> str:
    """Format an ISO date as "21 November 2026, 08:00 UTC"; a text that is no date is returned unchanged."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname() or ''}".strip()


def title(name: str) -> str:
    return "CPU" if name.lower() == "cpu" else name[:1].upper() + name[1:]


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
