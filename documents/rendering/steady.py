"""Office files and archives whose bytes depend on their parts alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The first moment a ZIP can say.
NO_TIME = (1980, 1, 1, 0, 0, 0)
# Where a workbook that stands behind a chart says when it was made.
PROPERTIES, MADE_AT = "docProps/core.xml", re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
NO_MOMENT = b"\\g<1>1980-01-01T00:00:00Z"


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


def steadied_slides(slides: bytes) -> bytes:
    """The same presentation without the moments that it and the workbooks behind its charts were written."""
    with ZipFile(BytesIO(slides)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    return steady_zip((name, _undated(part) if name.endswith(".xlsx") else part) for name, part in parts)


def _undated(workbook: bytes) -> bytes:
    with ZipFile(BytesIO(workbook)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    return steady_zip((name, MADE_AT.sub(NO_MOMENT, part) if name == PROPERTIES else part) for name, part in parts)
