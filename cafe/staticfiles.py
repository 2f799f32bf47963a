"""One stylesheet per page, bundled from small files.

`settings.STYLESHEETS` maps a bundle's name to patterns of source files; this finder serves the bundles, and
`collectstatic` hashes and compresses them like any other file.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage


def joined(patterns: Iterable[str]) -> bytes:
    """Return the contents of the source files that match, concatenated."""
    root = Path(settings.STATICFILES_DIRS[0])
    return b"\n".join(file.read_bytes() for pattern in patterns for file in sorted(root.glob(pattern)))


class StylesheetStorage(Storage):
    """Storage of the bundles: reading one concatenates its source files."""

    def _open(self, name: str, mode: str = "rb") -> ContentFile:
        return ContentFile(joined(settings.STYLESHEETS[name]), name)

    def exists(self, name: str) -> bool:
        return name in settings.STYLESHEETS

    def path(self, name: str) -> str:
        """Write the bundle to DATA_DIR and return its path. Only a server with DEBUG on calls this."""
        files = FileSystemStorage(location=settings.DATA_DIR / "bundles")
        files.delete(name)
        return files.path(files.save(name, self._open(name)))


class StylesheetFinder(BaseFinder):
    storage = StylesheetStorage()

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if not self.storage.exists(path):
            return []
        found = self.storage.path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name in settings.STYLESHEETS:
            yield name, self.storage
