"""Translation catalogues (gettext): each message is translated into each language. The compiled .mo files in git
match their .po files, so that running the café needs no compiler. The .po files contain each message of the code. No
template contains text that cannot be translated."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.contrib import admin

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
WITH_WORDS = ("cafe", "menu", "orders", "staff", "templates", "locale")  # folders with translatable text

CHINESE = re.compile(r"[\u3400-\u9fff]")
NOT_TEXT = re.compile(
    r"{% blocktranslate\b.*?{% endblocktranslate %}|{% comment %}.*?{% endcomment %}|{#.*?#}|<script\b.*?</script>"
    r"|{% block (?:body_class|coltype) %}.*?{% endblock %}|<!--.*?-->|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
SAID_BY_ATTRIBUTES = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"')
SAID_BY_SCRIPTS = re.compile(r"""\bn?gettext\(\s*(['"])(.*?)\1\s*[,)]""")
# The café's name is shown in both languages on each page.
THE_SAME_EVERYWHERE = {"云咖啡", "Cloud Café"}


def named(source: Path) -> str:
    return f"{source.parts[-3]}-{source.stem}"


@pytest.mark.parametrize("source", SOURCES, ids=named)
def test_compiled_catalogue_is_up_to_date(source: Path) -> None:
    catalogue = polib.pofile(str(source))
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    compiled = source.with_suffix(".mo")
    assert compiled.exists(), "not compiled yet: manage.py compilemessages"
    assert _messages(polib.mofile(str(compiled))) == _messages(catalogue)


@pytest.mark.parametrize("source", SOURCES, ids=named)
def test_every_message_is_translated(source: Path) -> None:
    if source.parts[-3] != "en":  # the source language
        assert [entry.msgid for entry in polib.pofile(str(source)).untranslated_entries()] == []


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the folders with translatable text, run `makemessages` there, and return the copy."""
    copy = tmp_path_factory.mktemp("words")
    for name in WITH_WORDS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    languages = [f"--locale={source.parts[-3]}" for source in SOURCES]
    command = [sys.executable, "manage.py", "makemessages", *languages, "--no-obsolete", "--add-location=file"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stderr}\nmakemessages needs Debian's gettext: bin/packages gettext"
    return copy


@pytest.mark.parametrize("source", SOURCES, ids=named)
def test_what_the_code_says_now_is_what_the_catalogue_translates(source: Path, extracted: Path) -> None:
    said, known = (
        {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(file)) if not entry.obsolete}
        for file in (extracted / source.relative_to(ROOT), source)
    )
    assert said - known == set(), "never extracted: run makemessages (docs/languages.md)"
    assert known - said == set(), "nobody says this any more: run makemessages (docs/languages.md)"


@pytest.mark.only_full
def test_a_word_that_was_never_extracted_is_found(extracted: Path, tmp_path: Path) -> None:
    """Control: the test above fails for a message that was never extracted."""
    copy = tmp_path / "words"
    shutil.copytree(extracted, copy)
    page = copy / "templates" / "error.html"
    page.write_text(page.read_text() + '{% translate "A word of the twin" %}')
    command = [sys.executable, "manage.py", "makemessages", f"--locale={SOURCES[0].parts[-3]}"]
    subprocess.run(command, cwd=copy, capture_output=True, check=True)
    assert polib.pofile(str(copy / SOURCES[0].relative_to(ROOT))).find("A word of the twin")


@pytest.mark.parametrize("source", [one for one in SOURCES if one.stem == "djangojs"], ids=named)
def test_the_scripts_of_django_admin_say_nothing_untranslated(source: Path) -> None:
    django_admin = Path(admin.__file__).parent
    scripts = (django_admin / "static" / "admin" / "js").rglob("*.js")
    said = {words for script in scripts for _quote, words in SAID_BY_SCRIPTS.findall(script.read_text())}
    theirs, ours = (
        {entry.msgid for entry in polib.pofile(str(file)).translated_entries()}
        for file in (django_admin / source.relative_to(ROOT), source)
    )
    assert len(said) > 30
    assert said - theirs == ours


def untranslatable(html: str) -> Iterator[str]:
    """Yield the visible text of a template that is outside translation tags."""
    markup = NOT_TEXT.sub(" ", html)
    for words in (*SAID_BY_ATTRIBUTES.findall(markup), *re.sub(r"<[^>]*>", "\n", markup).split("\n")):
        if re.search(r"[^\W\d_]{2,}", words) and words.strip() not in THE_SAME_EVERYWHERE:
            yield words.strip()


def test_no_template_says_a_word_in_one_language_only() -> None:
    files = sorted((ROOT / "templates").rglob("*.html"))
    found = {file.name: list(untranslatable(file.read_text())) for file in files}
    assert {name: words for name, words in found.items() if words} == {}
    assert list(untranslatable('<p title="Hot milk">{% translate "Milk" %} and {{ name }}</p>')) == [
        "Hot milk",
        "and",
    ]


def test_the_sample_menu_is_whole_in_both_languages() -> None:
    menu = json.loads((ROOT / "menu" / "sample_menu.json").read_text())
    rows = [*menu["option_groups"], *menu["categories"]]
    items = [item for category in menu["categories"] for item in category["items"]]
    rows += [*items, *(option for group in menu["option_groups"] for option in group["options"])]
    pairs = [(row["name_en"], row["name_zh_hans"]) for row in rows]
    pairs += [(item["description_en"], item["description_zh_hans"]) for item in items]
    assert len(pairs) > 100
    assert [english for english, _chinese in pairs if not english.strip() or CHINESE.search(english)] == []
    assert [chinese for _english, chinese in pairs if not CHINESE.search(chinese)] == []


def _messages(catalogue: list[polib.POEntry]) -> dict[tuple[str | None, str], tuple[str, dict[int, str]]]:
    return {
        (entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural)
        for entry in catalogue
        if (entry.msgstr or entry.msgstr_plural) and not entry.obsolete
    }
