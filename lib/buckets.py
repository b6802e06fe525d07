"""An S3-compatible bucket as a place for files: django-storages, with what this house asks of every storage."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

from lib.file_storages import S3_ATTEMPTS, S3_TIMEOUT_SECONDS


class BucketStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """Files in one folder of a bucket, private, each written over where its name is there already."""

    def __init__(self, **settings: Any) -> None:
        told = {"default_acl": None, "querystring_auth": True, "file_overwrite": True, "gzip": False}
        config = Config(
            connect_timeout=S3_TIMEOUT_SECONDS,
            read_timeout=S3_TIMEOUT_SECONDS,
            retries={"total_max_attempts": S3_ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path" if settings.get("endpoint_url") else "auto"},
        )
        super().__init__(**{**told, "client_config": config, **settings})
