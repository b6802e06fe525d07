"""Storages of files that only views which check access hand out."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

MONGODB_SCHEMES = ("mongodb://", "mongodb+srv://")
S3_SCHEME = "s3://"
# Seconds until a bucket counts as away, and how often it is asked.
S3_TIMEOUT_SECONDS, S3_ATTEMPTS = 10, 4


def where_files_lie(url: str) -> str:
    """In words."""
    if url.startswith(S3_SCHEME):
        return f"the bucket {urlsplit(url).netloc}"
    return "GridFS" if url else "the data folder"


def private_storage(folder: str, url: str, data_dir: Path) -> dict[str, Any]:
    """One entry of STORAGES: a folder that its owner alone reads, or that folder of a bucket, or a GridFS bucket, at `url`."""
    if url.startswith(MONGODB_SCHEMES):
        return {"BACKEND": "lib.gridfs.GridFSStorage", "OPTIONS": {"url": url, "bucket": folder}}
    if url.startswith(S3_SCHEME):
        return {"BACKEND": "lib.buckets.BucketStorage", "OPTIONS": _bucket(folder, url)}
    if url:
        raise ImproperlyConfigured(
            "ATLASNEXUS_FILES_URL: expected s3://bucket, mongodb://host/database or nothing, got "
            f"{url.split(':', maxsplit=1)[0]}:..."
        )
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(data_dir / folder),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def _bucket(folder: str, url: str) -> dict[str, Any]:
    """Options of a folder in s3://bucket/prefix?endpoint=...&region=...; who may read it, boto3 knows from its own places."""
    parts = urlsplit(url)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if not parts.netloc or set(asked) - {"endpoint", "region"}:
        raise ImproperlyConfigured(
            "ATLASNEXUS_FILES_URL: expected s3://bucket/prefix?endpoint=https://host&region=name."
        )
    given = {"endpoint_url": asked.get("endpoint"), "region_name": asked.get("region")}
    prefix = parts.path.strip("/")
    return {
        "bucket_name": parts.netloc,
        "location": f"{prefix}/{folder}" if prefix else folder,
        **{name: value for name, value in given.items() if value},
    }
