"""The characters that `clean_text` removes, keeps and refuses."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from menu.fields import CleanTextField
from menu.text import IN_CONTEXT, INVISIBLE, MAX_MARKS, clean_text

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
TAG_LETTERS = "".join(map(chr, range(0xE0041, 0xE0041 + 58)))


def refusal(text: str) -> str:
    with override("en"), pytest.raises(ValidationError) as refused:
        clean_text(text)
    [message] = refused.value.messages
    return message


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ada\u200f", "Ada"),
        ("\u200bAda", "Ada"),
        ("\ufeffAda", "Ada"),
        ("A\u00adda", "Ada"),
        ("A\u2060da", "Ada"),
        ("oat\tmilk", "oat milk"),
        # Further ones of their kind
        ("Ada\u200e\u061c\u034f", "Ada"),
        ("no\u00a0sugar", "no sugar"),
        ("no \u2009\u3000 sugar", "no sugar"),
        ("no\u2028sugar", "no sugar"),
        ("A\u2063\u206ad\u3164a\uffa0", "Ada"),
        ("\u2800Ada\u2800", "Ada"),
        ("A\u200cd\u200da", "Ada"),
        ("Ada\ufe0f", "Ada"),
        ("😀\ufe0f\ufe0f\ufe01\U000e0101", "😀\ufe0f"),
        ("Zoe\u0308", "Zoë"),
        ("e\u200b\u0301", "é"),
        ("  two   blanks ", "two blanks"),
    ],
    ids=ascii,
)
def test_what_changes_nothing_is_removed(written: str, kept: str) -> None:
    assert clean_text(written) == kept


@pytest.mark.parametrize(
    "text",
    [
        "王小明", "O’Brien", "Ærøskøbing", "ＬＡＴＴＥ", "½ sugar", "ﷺ", "ไทย", "مریم",
        "علی‌رضا",  # ZWNJ between Persian letters
        "ශ්‍රී", "क्‍ष", "ক্‌ষ",  # ZWJ and ZWNJ after a virama
        "👩‍🍳", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🏴‍☠️", "👁️‍🗨️", "🙂‍↔️", "❤️‍🔥", "1️⃣", "‼️", "☺︎",
        "葛\U000e0100城",  # an ideograph with its variant, as in Japanese names
        "ᠮᠣᠩᠭᠣᠯ\u180b", f"{SCOTLAND} Ailsa",
        "שּׁ" + "\u05b0\u0591", "ñ́", "Nguyễn",
    ],
    ids=ascii,
)  # fmt: skip
def test_names_of_every_script_are_kept(text: str) -> None:
    assert clean_text(text) == clean_text(clean_text(text))
    for one in IN_CONTEXT:
        assert clean_text(text).count(one) == text.count(one)
    assert clean_text(f" {text} ") == clean_text(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\u202egnp.Bob", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("Bob\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        (f"Bob{TAG_LETTERS}", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        # Further ones of their kind
        (SCOTLAND[:-1], "U+E0067 TAG LATIN SMALL LETTER G"),
        (f"{SCOTLAND}{TAG_LETTERS}", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("\U0001f3f4" + SCOTLAND[1:-1] * 3 + SCOTLAND[-1], "U+E0067 TAG LATIN SMALL LETTER G"),
        ("Bob\U000e0fff", "U+E0FFF"),
        ("Bob\ufff9", "U+FFF9 INTERLINEAR ANNOTATION ANCHOR"),
        ("Bob\x00", "U+0000"),
        ("line\nbreak", "U+000A"),
        ("line\u0085break", "U+0085"),
        ("half \ud83d", "U+D83D"),
    ],
    ids=ascii,
)
def test_what_reverses_hides_or_breaks_text_is_refused_by_its_name(text: str, name: str) -> None:
    assert f"({name})" in refusal(text)


def test_the_refusal_is_said_in_chinese_too() -> None:
    with override("zh-hans"), pytest.raises(ValidationError) as refused:
        clean_text("\u202eevil")
    assert refused.value.messages == ["文字里有会颠倒文字方向的隐形字符（U+202E RIGHT-TO-LEFT OVERRIDE），请删去。"]


@pytest.mark.parametrize("mark", ["\u0334", "\u20dd", "\u0e47"], ids=ascii)
def test_a_stack_of_marks_is_refused(mark: str) -> None:
    assert clean_text("x" + mark * MAX_MARKS)
    assert refusal("Z" + mark * (MAX_MARKS + 1) + "algo") == "At most 5 marks fit on one letter."


@pytest.mark.parametrize("text", ["\u200b", "\ufeff\u200f", "\u0301", "\u200d", "\u3164", "\u034f \u180b"], ids=ascii)
def test_text_that_is_required_has_something_to_be_seen(text: str) -> None:
    assert refusal(text) == "There is nothing to be seen in this text."


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ufeff\u200f", "\t\u00a0"], ids=ascii)
def test_text_that_is_optional_is_empty_without_its_invisible_marks(text: str) -> None:
    assert clean_text(text, is_required=False) == ""


@settings(max_examples=1000, derandomize=True, database=None, deadline=None)
@given(
    st.text(st.one_of(st.characters(), st.sampled_from(sorted(INVISIBLE | IN_CONTEXT)), st.sampled_from("🏴👩क्ع葛1")))
)
def test_cleaned_text_is_clean(text: str) -> None:
    try:
        cleaned = clean_text(text, is_required=False)
    except ValidationError:
        return
    assert clean_text(cleaned, is_required=False) == cleaned
    assert cleaned.strip() == cleaned
    assert not INVISIBLE.intersection(cleaned)


def test_a_limit_is_that_of_the_cleaned_text() -> None:
    field = CleanTextField(max_length=4)
    assert field.clean("\ufeffAnna\u200f ") == "Anna"
    assert field.clean("🐼🐼🐼🐼") == "🐼🐼🐼🐼"
    assert field.widget.attrs["maxlength"] == "8"  # UTF-16 units
    with pytest.raises(ValidationError):
        field.clean("Annas")


def test_cleaning_what_was_kept_before_is_no_change() -> None:
    field = CleanTextField()
    assert not field.has_changed("no\u00a0sugar", "no\u00a0sugar")
    assert not field.has_changed("no\u00a0sugar", "no sugar")
    assert field.has_changed("no\u00a0sugar", "sugar")
    assert field.has_changed("\u202eold", "new")
