"""Keeps what was recognised on a scan, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence

from reconciliation.models import ExtractedField, ReceivedFile
from reconciliation.queries import taught_of
from reconciliation.reading.documents import Field

LONGEST_TEXT, LONGEST_LABEL = 500, 120


def keep_fields(row: ReceivedFile, fields: Sequence[Field]) -> None:
    """A row a line, names as people corrected them before; the first of several lines of one field is it."""
    words, named = taught_of(row.source).words, set[str]()
    rows = []
    for position, field in enumerate(fields):
        name = "" if field.name in named else field.name
        named.add(name)
        text = field.text[:LONGEST_TEXT]
        rows.append(
            ExtractedField(
                file=row,
                position=position,
                name=name,
                label=field.label[:LONGEST_LABEL],
                text=text,
                confidence=round(field.confidence, 1),
                page=field.page,
                place=[round(each, 1) for each in field.place],
                accepted=words.get(name, {}).get(text, ""),
            )
        )
    ExtractedField.objects.bulk_create(rows)
