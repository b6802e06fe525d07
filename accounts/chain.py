"""The chain that audit entries form: each holds the hash of the one before it, so none can change unnoticed.

hash = SHA-256 of the canonical text of all fields of the entry, its number and the previous hash included.
"""

import hashlib
import json
from datetime import UTC, datetime
from ipaddress import ip_address
from math import isfinite
from typing import Any, Protocol
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

# What the first entry has in place of a previous hash.
GENESIS = "0" * 64
# Any number that nothing else in the database locks by.
LOCK_KEY = 4_702_394_921


class Link(Protocol):
    """The fields of an entry that its hash covers."""

    sequence: int
    at: datetime
    actor_id: int | None
    actor_label: str
    action: str
    target_type: str
    target_code: UUID | None
    before: Any
    after: Any
    address: str | None
    agent: str
    request_id: str
    previous_hash: str


def digest(entry: Link, sequence: int | None = None) -> str:
    """The hash that an entry should have; `sequence` asks what it would be under another number."""
    return hashlib.sha256(canonical_text(entry, sequence).encode()).hexdigest()


def canonical_text(entry: Link, sequence: int | None = None) -> str:
    """All that the hash covers as one line of JSON, the same whichever database has kept it."""
    fields = covered_fields(entry)
    if sequence is not None:
        fields["sequence"] = sequence
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def covered_fields(entry: Link) -> dict[str, Any]:
    """All fields that the hash covers, as JSON knows them."""
    return {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "actor_label": entry.actor_label,
        "action": entry.action,
        "target_type": entry.target_type,
        "target_code": str(entry.target_code) if entry.target_code else None,
        "before": entry.before,
        "after": entry.after,
        "address": str(ip_address(entry.address)) if entry.address else None,
        "agent": entry.agent,
        "request_id": entry.request_id,
        "previous_hash": entry.previous_hash,
    }


def plain(values: Any) -> Any:
    """The values as every database keeps them: JSON without NaN, null characters and halves of characters."""
    return _storable(json.loads(json.dumps(values, cls=DjangoJSONEncoder)))


def hold_the_end() -> None:
    """From here to the end of the transaction nobody else adds an entry."""
    # SQLite: a transaction that may write has the only write lock already (transaction_mode IMMEDIATE).
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def _storable(value: Any) -> Any:
    match value:
        case dict():
            return {_storable(key): _storable(inner) for key, inner in value.items()}
        case list():
            return [_storable(inner) for inner in value]
        case str():
            return value.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
        case float() if not isfinite(value):
            return str(value)
        case float() if value.is_integer():
            return int(value)  # PostgreSQL would give 1e20 back as a whole number
    return value
