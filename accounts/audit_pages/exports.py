"""Entries as files, batch by batch: as many as there are, in little memory."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from accounts.audit_pages.search import Search, find
from accounts.chain import covered_fields
from accounts.models import AuditEntry
from lib.text import safe_cell

AT_ONCE = 1_000
COLUMNS = (
    "sequence", "at", "actor", "actor_label", "action", "target_type", "target_code", "address", "agent", "request_id",
    "before", "after", "previous_hash", "hash",
)  # fmt: skip


def as_csv(search: Search) -> Iterator[bytes]:
    """The entries asked for, oldest first, with a header; formulas are made text."""
    yield _csv_lines([COLUMNS])
    for batch in _batches(search):
        yield _csv_lines([[_cell(row[name]) for name in COLUMNS] for row in map(_row, batch)])


def as_json_lines(search: Search) -> Iterator[bytes]:
    """The entries asked for, oldest first, each as the text its hash covers, with the hash."""
    for batch in _batches(search):
        yield "".join(json.dumps(_row(entry), sort_keys=True, separators=(",", ":")) + "\n" for entry in batch).encode()


EXPORTS = {"csv": (as_csv, "text/csv; charset=utf-8"), "jsonl": (as_json_lines, "application/x-ndjson")}


def _batches(search: Search) -> Iterator[list[AuditEntry]]:
    # Each batch is a query of its own: nothing stays open between two pieces of a slow download.
    found, last = find(search).order_by("sequence"), 0
    while batch := list(found.filter(sequence__gt=last)[:AT_ONCE]):
        yield batch
        last = batch[-1].sequence


def _row(entry: AuditEntry) -> dict[str, Any]:
    masked = {"masked": True} if entry.is_masked else {}  # its hash is of what the trail keeps, not of this
    return {**covered_fields(entry), "hash": entry.hash, **masked}


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return safe_cell(value)


def _csv_lines(rows: Any) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
