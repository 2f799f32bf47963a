"""Cleaning of text that people write: names, notes, reasons. Shop, API, barista board and admin call `clean_text`.

Invisible marks that change nothing are removed. Characters that reverse, hide or break text are refused by name.
"""

import re
from collections.abc import Iterable
from unicodedata import category, name, normalize

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The fast path, for most texts: ASCII, Latin letters, Chinese with its punctuation. All are visible and in NFC.
PLAIN = re.compile("[ -~\u00c0-\u024f\u3001-\u3029\u4e00-\u9fff\uff01-\uff5e]*")

MAX_MARKS = 5  # combining marks on one letter; pointed Hebrew has as many

ZWNJ, ZWJ = "\u200c", "\u200d"
# Scripts whose letters change their shape beside a joiner, by the first word of their characters' names.
JOINING_SCRIPTS = frozenset(
    {
        *("ARABIC", "SYRIAC", "MANDAIC", "MONGOLIAN", "NKO", "PHAGS-PA"),
        *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM"),
        *("SINHALA", "TIBETAN", "MYANMAR", "KHMER", "BALINESE", "JAVANESE", "SUNDANESE", "CHAKMA", "MEETEI"),
    }
)
EMOJI_BLOCKS = range(0x1F000, 0x1FC00)  # also those that are newer than this Python's Unicode
EMOJI_PUNCTUATION = "‼⁉〰ℹ"
KEYCAP = "\u20e3"
# An emoji tag sequence: U+1F3F4, a region and its subdivision in tag letters, the cancel tag: 🏴󠁧󠁢󠁳󠁣󠁴󠁿
FLAG_OF_A_REGION = re.compile(
    "\U0001f3f4[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,3}\U000e007f"
)


def _characters(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


# Default_Ignorable_Code_Point without joiners, variation selectors, tags and the bidirectional controls.
INVISIBLE = _characters(
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x200B, 0x200B),  # zero width space
    (0x200E, 0x200F),  # left-to-right and right-to-left mark
    (0x2060, 0x2065),  # word joiner, invisible operators
    (0x206A, 0x206F),  # deprecated format characters
    (0x3164, 0x3164),  # Hangul filler
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
)
BLANKS = _characters(
    (0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x2800, 0x2800), (0x3000, 0x3000),
)  # fmt: skip
MONGOLIAN_SELECTORS = _characters((0x180B, 0x180F))
VARIATION_SELECTORS = MONGOLIAN_SELECTORS | _characters((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
IN_CONTEXT = VARIATION_SELECTORS | {ZWNJ, ZWJ}
TAGS = range(0xE0000, 0xE1000)  # and the code points that Unicode reserves with them
END_OF_FLAG = "\U000e007f"
LINE_BREAKS = frozenset("\n\v\f\r\x85")
BIDI_CONTROLS = _characters((0x202A, 0x202E), (0x2066, 0x2069))

_TIDIED = {ord(one): None for one in INVISIBLE} | {ord(one): " " for one in BLANKS}

LINE_BREAK = gettext_noop("A line break cannot be written down here (%(character)s): this takes one line.")
CONTROL = gettext_noop("This text holds a control character, which cannot be written down (%(character)s).")
HALF = gettext_noop("This text holds half a character, which cannot be written down (%(character)s).")
REVERSES = gettext_noop("This text holds a mark that reverses text, which cannot be written down (%(character)s).")
HIDES = gettext_noop("This text holds letters that nobody can see, which cannot be written down (%(character)s).")
UNFIT = gettext_noop("This text holds a character that cannot be written down (%(character)s).")


def clean_text(value: str, *, is_required: bool = True) -> str:
    """Return a line of text in NFC, without invisible marks and with single blanks between its words.

    1. Refuse by name: control characters, halves of characters, bidirectional controls, tag letters outside a flag.
    2. Replace every kind of blank by a space and remove invisible marks.
    3. Keep joiners and variation selectors only where they belong, as in Persian, Indic scripts and emoji.
    4. Normalise to NFC. Refuse more than `MAX_MARKS` marks on one letter, a text of marks alone, and a
       required text that was invisible throughout.

    Raises ValidationError.
    """
    if PLAIN.fullmatch(value):
        return " ".join(value.split())
    _refuse_harmful(value)
    text = normalize("NFC", "".join(_fitting(value.translate(_TIDIED))))
    text = " ".join(text.split())
    _refuse_marks(text)
    is_blank = not (text or (is_required and value.strip()))
    if not (is_blank or any(map(_can_be_seen, text))):
        raise ValidationError(_("There is nothing to be seen in this text."))
    return text


def _refuse_harmful(value: str) -> None:
    for one in FLAG_OF_A_REGION.sub("", value):
        problem = _harm_of(one)
        if problem:
            raise ValidationError(_(problem) % {"character": _named(one)})


def _harm_of(one: str) -> str:
    if ord(one) in TAGS and one not in VARIATION_SELECTORS:
        return HIDES
    if one in BIDI_CONTROLS:
        return REVERSES
    if one in LINE_BREAKS:
        return LINE_BREAK
    kind = category(one)
    if kind == "Cf":
        return "" if one in INVISIBLE or one in IN_CONTEXT else UNFIT
    return {"Cc": "" if one == "\t" else CONTROL, "Cs": HALF}.get(kind, "")


def _named(one: str) -> str:
    """Return "U+202E RIGHT-TO-LEFT OVERRIDE"; control characters have no name."""
    return f"U+{ord(one):04X} {name(one, '')}".strip()


def _fitting(value: str) -> Iterable[str]:
    """Yield the characters without the joiners and variation selectors that are out of place."""
    before = ""
    for one, after in zip(value, f"{value[1:]} ", strict=False):
        if one not in IN_CONTEXT or _fits(one, before, after):
            yield one
            before = one


def _fits(one: str, before: str, after: str) -> bool:
    if one == ZWNJ:
        return _script(before) in JOINING_SCRIPTS and _script(after) in JOINING_SCRIPTS
    if one == ZWJ:
        return _script(before) in JOINING_SCRIPTS or (_is_in_emoji(before) and _is_emoji(after))
    if one in MONGOLIAN_SELECTORS:
        return _script(before) == "MONGOLIAN" and before not in MONGOLIAN_SELECTORS
    return _is_emoji(before) or _script(before) == "CJK" or (before in "0123456789#*" and after == KEYCAP)


def _script(one: str) -> str:
    return name(one, "").partition(" ")[0] if one else ""


def _is_emoji(one: str) -> bool:
    if not one:
        return False
    return category(one) in ("So", "Sk", "Sm") or ord(one) in EMOJI_BLOCKS or one in EMOJI_PUNCTUATION


def _is_in_emoji(one: str) -> bool:
    """True for an emoji and for what may end one: a variation selector, a keycap, the end of a flag."""
    return _is_emoji(one) or one in VARIATION_SELECTORS or one in (KEYCAP, END_OF_FLAG)


def _refuse_marks(value: str) -> None:
    count = 0
    for one in value:
        count = count + 1 if _is_mark(one) else 0
        if count > MAX_MARKS:
            raise ValidationError(_("At most %(most)s marks fit on one letter.") % {"most": MAX_MARKS})


def _is_mark(one: str) -> bool:
    return category(one) in ("Mn", "Me") and one not in VARIATION_SELECTORS


def _can_be_seen(one: str) -> bool:
    """True for a character that is drawn alone; a mark is drawn on another one."""
    return not (one.isspace() or one in IN_CONTEXT or category(one).startswith("M"))
