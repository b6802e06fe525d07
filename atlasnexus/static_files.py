"""Static files as they are collected: style sheets joined, addresses made up once."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What a page names: sheets that only list others.
BUNDLES = ("css/site.css", "css/administration.css")
_IMPORT = re.compile(r'@import "([\w-]+\.css)";\n')


class NamedOnceStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The files as they were collected when the process started: a page names a dozen of them.

    A sheet of `BUNDLES` is collected with the sheets it imports in their places: one request, where a browser would else
    learn of them one after the other. As the files lie, in development and in tests, it imports them.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        if force or name not in self._addresses:
            self._addresses[name] = super().url(name, force)
        return self._addresses[name]

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """As its base, with the bundles joined first."""
        if not dry_run:
            for name in BUNDLES:
                joined = _IMPORT.sub(lambda found: _content(paths, f"css/{found[1]}"), _content(paths, name))
                self.delete(name)
                self.save(name, ContentFile(joined.encode()))
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)


def _content(paths: dict[str, Any], name: str) -> str:
    """The text of a sheet where it comes from."""
    storage, path = paths[name]
    with storage.open(path) as sheet:
        text: str = sheet.read().decode()
    return text
