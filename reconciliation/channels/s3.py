"""S3 and what speaks like it: Amazon's own hosts by region, others only where the operator names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from lib.reach import SECONDS, Unreachable
from reconciliation.channels import MOST_LISTED, Changed, Found, Spot, secret_text

READ_SECONDS = 30.0
# What a service answers, in words that say what to do.
SAID = {
    "NoSuchBucket": "There is no such bucket.",
    "InvalidAccessKeyId": "The service does not know this access key.",
    "SignatureDoesNotMatch": "The secret does not belong to this access key.",
    "AccessDenied": "The access key may not do this: it needs to list and read, and to write where files are put aside.",
    "403": "The access key may not do this.",
}
WRITTEN_SINCE = {"PreconditionFailed", "NoSuchKey", "412", "404"}


@contextmanager
def open_s3(spot: Spot) -> Iterator[S3Place]:
    """The place, open; that it is there is known with the first request."""
    with told():
        client = boto3.session.Session().client(
            "s3",
            region_name=spot.region or "us-east-1",
            endpoint_url=f"{'https' if spot.is_tls else 'http'}://{spot.host}:{spot.port}",
            aws_access_key_id=spot.user,
            aws_secret_access_key=secret_text(spot),
            config=Config(
                connect_timeout=SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": 1},  # the schedule tries again
                signature_version="s3v4",
                s3={"addressing_style": "path"},
            ),
        )
    with closing(client):
        yield S3Place(client, spot)


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong with the other side, as a sentence."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in WRITTEN_SINCE:
            raise Changed from error
        raise Unreachable(SAID.get(code, f"The service refuses: {error}"[:300])) from error
    except (BotoCoreError, HTTPClientError, OSError, ValueError) as error:
        raise Unreachable(f"The service cannot be reached: {error}"[:300]) from error


class S3Place:
    """The objects of a bucket under a prefix."""

    def __init__(self, client: Any, spot: Spot) -> None:
        self._client, self._bucket = client, spot.bucket
        self._prefix = _as_prefix(spot.folder)
        is_whole = spot.done_folder.startswith("/")
        self._done = _as_prefix(spot.done_folder if is_whole else f"{self._prefix}{spot.done_folder}")

    def files(self) -> Iterator[Found]:
        with told():
            yield from [self._found(each) for each in islice(self._objects(), MOST_LISTED)]

    def _objects(self) -> Iterator[Any]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix, Delimiter="/"):
            yield from (each for each in page.get("Contents", ()) if each["Key"] != self._prefix)

    def _found(self, told_of: Any) -> Found:
        return Found(told_of["Key"].removeprefix(self._prefix), told_of["Size"], told_of["ETag"])

    def read(self, found: Found) -> bytes:
        with told():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=f"{self._prefix}{found.name}", IfMatch=found.stamp
            )
            with closing(answer["Body"]) as body:
                content: bytes = body.read(found.size_bytes)
        if len(content) != found.size_bytes:
            raise Changed
        return content

    def put_aside(self, found: Found, name: str) -> None:
        key = f"{self._prefix}{found.name}"
        with told():
            self._client.copy_object(
                Bucket=self._bucket,
                Key=f"{self._done}{name}",
                CopySource={"Bucket": self._bucket, "Key": key},
                CopySourceIfMatch=found.stamp,
            )
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def write(self, name: str, content: bytes) -> None:
        with told():
            self._client.put_object(Bucket=self._bucket, Key=f"{self._prefix}{name}", Body=content)


def _as_prefix(folder: str) -> str:
    plain = folder.strip("/")
    return f"{plain}/" if plain else ""
