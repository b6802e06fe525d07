"""Office files and archives whose bytes depend on their parts alone."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The first moment a ZIP can say.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def steady_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of the files in their order, without the moment it was made."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = ZipInfo(name, NO_TIME)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def steadied(office_file: bytes) -> bytes:
    """The same Office file without the moments its parts were written."""
    with ZipFile(BytesIO(office_file)) as archive:
        return steady_zip([(name, archive.read(name)) for name in archive.namelist()])
