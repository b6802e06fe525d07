"""Addresses of static files, each made up once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class NamedOnceStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The files as they were collected when the process started: a page names half a hundred of them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        if force or name not in self._addresses:
            self._addresses[name] = super().url(name, force)
        return self._addresses[name]
