import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils.translation import override

from cafe.edge.error_responses import ANSWERS, Answer
from cafe.staticfiles import joined

FOLDER = settings.BASE_DIR / "deploy" / "nginx" / "pages" / "edge"
STYLESHEET = [
    "css/tokens.css",
    "css/base.css",
    "css/components/button.css",
    "css/components/empty.css",
    "css/components/notice.css",
    "css/components/site-header.css",
    "css/components/state.css",
    "css/edge/*.css",
    "css/forced-colors.css",
    "css/print.css",
]


class Command(BaseCommand):
    help = "Write what the edge answers by itself: a page in each language, JSON, and the pages' stylesheet."

    def handle(self, *args: Any, **options: Any) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        files = rendered()
        for name, content in files.items():
            (FOLDER / name).write_bytes(content)
        self.stdout.write(f"{len(files)} files are written to {FOLDER.relative_to(settings.BASE_DIR)}.")


def rendered() -> dict[str, bytes]:
    """Return the content of each file by its name; the same bytes at every call."""
    files = {"edge.css": joined(STYLESHEET)}
    for answer in ANSWERS:
        files[f"{answer.name}.json"] = as_json(answer).encode()
        for language, _name in settings.LANGUAGES:
            files[f"{answer.name}.{language}.html"] = as_page(answer, language).encode()
    return files


def as_json(answer: Answer) -> str:
    """Return the shape of `ApiError` (cafe.web.json_error), on one line."""
    with override("en"):
        message = answer.for_api_clients or str(answer.message)
    body = {"error": {"code": answer.code, "message": message, "fields": {}}}
    return json.dumps(body, ensure_ascii=False) + "\n"


def as_page(answer: Answer, language: str) -> str:
    with override(language):
        words = {"answer": answer, "icon": _icon(), "others": _others(language)}
        return render_to_string("edge/answer.html", words).lstrip()


def _others(language: str) -> list[dict[str, str]]:
    """Return the other languages, each with its variable of nginx.conf, the requested address in that language."""
    return [
        {"code": code, "name": name, "variable": f"edge_in_{code.replace('-', '_')}"}
        for code, name in settings.LANGUAGES
        if code != language
    ]


def _icon() -> str:
    """Return the icon as a data URL, so that no browser requests it from the café."""
    drawing = Path(settings.STATICFILES_DIRS[0], "img", "favicon.svg").read_text(encoding="utf-8").strip()
    return "data:image/svg+xml," + quote(drawing, safe=" :/=()',;")
