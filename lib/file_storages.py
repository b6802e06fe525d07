"""Storages of files that only views which check access hand out."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

MONGODB_SCHEMES = ("mongodb://", "mongodb+srv://")


def private_storage(folder: str, url: str, data_dir: Path) -> dict[str, Any]:
    """One entry of STORAGES: a folder that its owner alone reads, or the GridFS bucket of that name at `url`."""
    if url.startswith(MONGODB_SCHEMES):
        return {"BACKEND": "lib.gridfs.GridFSStorage", "OPTIONS": {"url": url, "bucket": folder}}
    if url:
        raise ImproperlyConfigured(
            f"ATLASNEXUS_FILES_URL: expected mongodb://host/database or nothing, got {url.split(':', maxsplit=1)[0]}:..."
        )
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(data_dir / folder),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
