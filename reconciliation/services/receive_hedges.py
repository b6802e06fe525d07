"""Takes in hedges that this house writes into its packs and notes: trades of ours, as every file of trades is taken in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.reconciliation.records import OTC_FIELDS, Book
from reconciliation.models import USABLE, FileState, Format, ReceivedFile, Role, Source
from reconciliation.queries import standing_hedges
from reconciliation.services.receive_file import HOUSE_CHANNEL, receive_file

SOURCE_NAME = "Hedges of packs and notes"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the trades are the hedges of: the label of its model, its code, its name, the project they belong to."""

    label: str
    code: UUID
    name: str
    about: UUID


@transaction.atomic
def receive_hedges(
    *, by: User | None, origin: Origin, trades: Sequence[Mapping[str, str]], business_date: date
) -> ReceivedFile | None:
    """The file of the trades, None without a trade; those of the project that stood before are superseded.

    The same trades of the same origin are the same file, and one that was superseded stays so.
    """
    row = _booked_file(origin, trades, business_date) if trades else None
    if row is not None and row.state == FileState.SUPERSEDED:
        return row
    before = standing_hedges(origin.about)
    for old in before.exclude(pk=row.pk) if row else before:
        old.state = FileState.SUPERSEDED
        old.save(update_fields=["state"])
        after = {"state": old.state, "by": origin.name}
        audit.record(
            by=by, action="reconciliation.hedges_superseded", target=old, before={"state": USABLE[0]}, after=after
        )
    return row


def _booked_file(origin: Origin, trades: Sequence[Mapping[str, str]], day: date) -> ReceivedFile:
    content, name = _written(trades), f"{origin.name}.csv"
    [row] = receive_file(
        by=None, source=_source(), name=name, content=content, business_date=day, channel=HOUSE_CHANNEL
    )
    if row.origin_code is None:
        row.origin_label, row.origin_code, row.origin_about = origin.label, origin.code, origin.about
        row.origin_name = origin.name
        row.save(update_fields=["origin_label", "origin_code", "origin_about", "origin_name"])
    return row


def _source() -> Source:
    said = {"role": Role.INTERNAL, "book": Book.OTC, "format": Format.HOUSE}
    return Source.objects.get_or_create(name=SOURCE_NAME, defaults=said)[0]


def _written(trades: Sequence[Mapping[str, str]]) -> bytes:
    """The trades as a file of rows; columns that no trade fills are left out."""
    columns = [name for name in OTC_FIELDS if any(each.get(name) for each in trades)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", extrasaction="raise", lineterminator="\n")
    writer.writeheader()
    writer.writerows(trades)
    return text.getvalue().encode()
