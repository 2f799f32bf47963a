"""What people write: names, notes, reasons. The same text is refused wherever it is written."""

from unicodedata import category

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# What joins the parts of one emoji (also its variation selectors and the letters of a flag's tag).
JOINERS = {"\u200c", "\u200d", "\ufe0e", "\ufe0f", *map(chr, range(0xE0020, 0xE0080))}
# Letters that are drawn as nothing: Hangul fillers and the empty Braille pattern.
BLANK = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"}


def clean_text(value: str) -> str:
    """Return text with its outer blanks gone.

    Raises ValidationError for control characters, half characters, and those that turn or hide what stands beside
    them; and for a text in which nothing can be seen.
    """
    value = value.strip()
    if any(category(character) in ("Cc", "Cf", "Cs") and character not in JOINERS for character in value):
        raise ValidationError(_("This text holds characters that cannot be written down."))
    if value and not any(map(_can_be_seen, value)):
        raise ValidationError(_("There is nothing to be seen in this text."))
    return value


def validate_text(value: str) -> None:
    """Raise ValidationError for what `clean_text` refuses."""
    clean_text(value)


def _can_be_seen(character: str) -> bool:
    """True if a character is drawn by itself; marks are drawn on another one, or (U+034F) not at all."""
    if character in BLANK or character in JOINERS or character.isspace():
        return False
    return not category(character).startswith("M")
