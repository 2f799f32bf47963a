"""The compiled catalogues in git say what their sources say: running the café needs no compiler."""

from pathlib import Path

import polib
import pytest

SOURCES = sorted((Path(__file__).resolve().parent.parent / "locale").glob("*/LC_MESSAGES/*.po"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
def test_compiled_catalogue_is_up_to_date(source: Path) -> None:
    catalogue = polib.pofile(str(source))
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    compiled = source.with_suffix(".mo")
    assert compiled.exists(), "not compiled yet: manage.py compilemessages"
    assert _messages(polib.mofile(str(compiled))) == _messages(catalogue)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parts[-3])
def test_every_message_is_translated(source: Path) -> None:
    if source.parts[-3] != "en":  # the source language
        assert [entry.msgid for entry in polib.pofile(str(source)).untranslated_entries()] == []


def _messages(catalogue: list[polib.POEntry]) -> dict[tuple[str | None, str], tuple[str, dict[int, str]]]:
    return {
        (entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural)
        for entry in catalogue
        if (entry.msgstr or entry.msgstr_plural) and not entry.obsolete
    }
