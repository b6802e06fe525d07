"""Takes in what somebody sent: read or refused, kept in either case; the same content is the same file."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from engine.reconciliation.records import Book, Record
from lib.errors import Forbidden
from lib.storage import keep_content
from lib.verbs import refuse, save_checked
from reconciliation.access import LOAD, require_may
from reconciliation.books import reference_of
from reconciliation.models import BookRecord, FileState, Format, MappingTemplate, ReceivedFile, Source
from reconciliation.queries import mapping_of, taught_of, terms_in_force
from reconciliation.reading.documents import read_document
from reconciliation.reading.mapping import HOUSE_LAYOUT
from reconciliation.reading.outcome import MEGABYTE, Limits, Reading, Refused
from reconciliation.reading.reading import Setting, read_files, with_balances
from reconciliation.services.keep_fields import keep_fields
from reconciliation.translate import columns_of, layout_of, names_of, parties_of

STATES = {"accept": FileState.READ, "partial": FileState.PARTLY, "refuse": FileState.REFUSED, "check": FileState.CHECK}
BATCH = 2_000
NAME_LENGTH = 255
HOUSE_CHANNEL = "house"


def receive_file(
    *,
    by: User | None,
    source: Source,
    name: str,
    content: bytes,
    business_date: date,
    channel: str = "upload",
    balances: bytes | None = None,
) -> list[ReceivedFile]:
    """Every file in what was sent, one row each; rows that were there already are the same rows.

    `by` is None for channels that nobody stands at. Raises Forbidden for those who do not load files.
    """
    if by is not None:
        require_may(by, LOAD)
    elif channel == "upload":
        raise Forbidden("An upload has a person.")
    if not source.is_active:
        raise refuse("inactive", "source", f"{source} takes no more files.")
    if (source.format == Format.HOUSE) != (channel == HOUSE_CHANNEL):
        raise refuse("house", "source", f"{source} takes the hedges of packs and notes, and nothing else.")
    mapping = mapping_of(source, business_date)
    setting = setting_of(source, mapping, business_date)
    found = (
        read_files(name, content, setting)
        if source.format != Format.DOCUMENT
        else read_document(name, content, setting)
    )
    return [
        _received(by, source, inner, held, _balanced(outcome, balances, setting), business_date, channel, mapping)
        for inner, held, outcome in found
    ]


def setting_of(source: Source, mapping: MappingTemplate | None, day: date) -> Setting:
    """How files of the source are read on a day; Invalid where its mapping or the terms are missing."""
    if source.format == Format.HOUSE:
        return Setting(Format.MAPPED, layout=HOUSE_LAYOUT)
    terms = terms_in_force(day)
    if terms is None:
        raise refuse("terms", "source", "No reconciliation terms are in force: an analyst adds them first.")
    if source.format == Format.MAPPED and mapping is None:
        raise refuse("mapping", "source", f"No mapping {source.mapping_family} is in force: approve one first.")
    limits = Limits(bytes=source.most_megabytes * MEGABYTE, ratio=source.most_ratio)
    layout = layout_of(mapping.content) if mapping else None
    labels = taught_of(source).labels if source.format == Format.DOCUMENT else {}
    return Setting(source.format, limits, parties_of(terms.content), layout, names_of(terms.content), labels)


def _balanced(outcome: Reading | Refused, balances: bytes | None, setting: Setting) -> Reading | Refused:
    if balances is None or isinstance(outcome, Refused) or setting.layout is None:
        return outcome
    try:
        return with_balances(outcome, balances, setting.layout)
    except Refused as refusal:
        return refusal


@transaction.atomic
def _received(
    by: User | None,
    source: Source,
    name: str,
    content: bytes,
    outcome: Reading | Refused,
    day: date,
    channel: str,
    mapping: MappingTemplate | None,
) -> ReceivedFile:
    digest = sha256(content).hexdigest()
    known = ReceivedFile.objects.filter(source=source, sha256=digest).first()
    if known is not None and not _may_try_again(known, outcome):
        return known
    row = known or ReceivedFile(
        source=source, sha256=digest, name=name[:NAME_LENGTH], size_bytes=len(content), channel=channel, received_by=by
    )
    row.business_date, row.mapping = day, mapping if source.format == Format.MAPPED else None
    _tell(row, _not_twice(source, outcome))
    keep_content(content)
    save_checked(row)
    if isinstance(outcome, Reading) and outcome.extracted:
        keep_fields(row, outcome.extracted)
    elif row.state != FileState.REFUSED and isinstance(outcome, Reading):
        BookRecord.objects.bulk_create(
            [record_row(row, outcome.book, each) for each in outcome.records], batch_size=BATCH
        )
    after = {"source": source.name, "name": row.name, "sha256": digest, "state": row.state, "records": row.record_count}
    audit.record(by=by, action="reconciliation.file_received", target=row, after=after)
    return row


def _may_try_again(known: ReceivedFile, outcome: Reading | Refused) -> bool:
    """True of a file that was refused and would be read now: under another mapping, with right balances."""
    return (
        known.state == FileState.REFUSED and isinstance(outcome, Reading) and bool(outcome.records or outcome.extracted)
    )


def _not_twice(source: Source, outcome: Reading | Refused) -> Reading | Refused:
    """Refused where a statement with the same currencies, days and balances came before."""
    if isinstance(outcome, Refused) or not outcome.balances:
        return outcome
    if first := ReceivedFile.objects.filter(source=source, identity=_identity(outcome)).first():
        said = f"A statement with the same currencies, days and balances was received as {first.name}."
        return Refused("STATEMENT_DUPLICATE", said)
    return outcome


def _tell(row: ReceivedFile, outcome: Reading | Refused) -> None:
    if isinstance(outcome, Refused):
        row.state, row.problems, row.notes = FileState.REFUSED, [_told(outcome.problem)], []
        row.record_count = row.refused_count = 0
        return
    row.state = STATES[outcome.verdict]
    row.problems, row.notes = [_told(each) for each in outcome.problems], [_told(each) for each in outcome.notes]
    row.record_count, row.refused_count = len(outcome.records), outcome.refused_rows
    row.balances = {name: [str(value) for value in pair] for name, pair in outcome.balances.items()}
    row.identity = _identity(outcome) if outcome.balances else ""


def _told(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "place": problem.place, "message": problem.message}


def _identity(reading: Reading) -> str:
    days = sorted(each.text("value_date") for each in reading.records)
    balances = sorted(f"{name} {pair[0]} {pair[1]}" for name, pair in reading.balances.items())
    return sha256("\n".join((*balances, *(days[:1] + days[-1:]))).encode()).hexdigest()


def record_row(row: ReceivedFile, book: Book, record: Record) -> BookRecord:
    """The row of one record, to be saved."""
    values = columns_of(record.values)
    return BookRecord(file=row, name=record.id[:300], reference=reference_of(book, values, record.id), values=values)
