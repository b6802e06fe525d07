"""Where a break comes from: bytes, mapping and record of each side; rules, match, verdict; what was decided of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet

from accounts.models import AuditEntry
from lib.canonical import canonical_hash
from lib.errors import AtlasError
from lib.storage import content_of
from reconciliation.models import BookRecord, Break, Comment, Member, ReceivedFile
from reconciliation.reading.places import NOT_FOUND, Place, places_of
from reconciliation.services.receive_file import setting_of

Chain = dict[str, Any]
RELATED = ("definition", "group__run__terms", "group__run__definition", "owner", "proposed_by", "settled_by")


def chains_of(breaks: Sequence[Break]) -> list[Chain]:
    """The chain of each break; every file is opened once."""
    groups = [row.group_id for row in breaks if row.group_id]
    related = ("record__file__source", "record__file__mapping", "record__file__received_by")
    members = list(Member.objects.filter(group__in=groups).select_related(*related).order_by("-is_internal", "pk"))
    places = _places([each.record for each in members])
    by_group: dict[int, list[Chain]] = {}
    for each in members:
        by_group.setdefault(each.group_id, []).append(_record(each, places))
    comments, entries = _comments(breaks), _entries(breaks)
    return [_chain(row, by_group.get(row.group_id or 0, []), comments, entries) for row in breaks]


def files_behind(breaks: Sequence[Break]) -> QuerySet[ReceivedFile]:
    """The files that records of these breaks were read from."""
    groups = [row.group_id for row in breaks if row.group_id]
    return (
        ReceivedFile.objects.filter(records__group_members__group__in=groups).distinct().order_by("received_at", "pk")
    )


def number_of(record: BookRecord) -> int:
    """Which record of its file it is: the line, row or message that its name ends in; the only one where it ends in none."""
    said = record.name.rpartition("#")[2] if "#" in record.name[len(record.file.name) :] else ""
    return int(said) if said.isdecimal() else 1


def _places(records: Iterable[BookRecord]) -> dict[int, tuple[bool, Place | None]]:
    """By record: whether the bytes that are kept are those that came, and where in them it stands."""
    by_file: dict[int, list[BookRecord]] = {}
    for record in records:
        by_file.setdefault(record.file_id, []).append(record)
    found: dict[int, tuple[bool, Place | None]] = {}
    for held in by_file.values():
        is_intact, places = _read_again(held[0].file, {number_of(each) for each in held})
        found.update({each.pk: (is_intact, places.get(number_of(each))) for each in held})
    return found


def _read_again(file: ReceivedFile, numbers: set[int]) -> tuple[bool, dict[int, Place]]:
    content = content_of(file.sha256)
    is_intact = sha256(content).hexdigest() == file.sha256
    try:
        setting = setting_of(file.source, file.mapping, file.business_date)
        return is_intact, dict(places_of(content, setting, numbers))
    except (*NOT_FOUND, AtlasError):
        return is_intact, {}


def _record(member: Member, places: dict[int, tuple[bool, Place | None]]) -> Chain:
    record = member.record
    file, (is_intact, place) = record.file, places[record.pk]
    return {
        "side": "internal" if member.is_internal else "external",
        "is_live": member.is_live,
        "file": {
            "name": file.name,
            "sha256": file.sha256,
            "size_bytes": file.size_bytes,
            "is_intact": is_intact,
            "source": file.source.name,
            "channel": file.channel,
            "received_at": file.received_at.isoformat(),
            "received_by": file.received_by.email if file.received_by else None,
        },
        "place": place and {
            "path": place.path,
            "line": place.line,
            "offset_bytes": place.offset,
            "length_bytes": place.length,
            "raw": place.raw,
        },
        "mapping": _mapping(file),
        "record": {
            "name": record.name,
            "reference": record.reference,
            "sha256": canonical_hash(record.values),
            "values": record.values,
        },
    }  # fmt: skip


def _mapping(file: ReceivedFile) -> Chain:
    """The version by which the file was read; of a message format its name, for the reader is part of the platform."""
    version = file.mapping
    if version is None:
        return {"format": file.source.get_format_display(), "version": None, "sha256": None, "fields": []}
    fields = [{"field": each["field"], "path": each.get("path") or ""} for each in version.content["fields"]]
    told = {"format": file.source.get_format_display(), "version": version.label, "sha256": version.content_hash}
    return {**told, "fields": fields}


def _chain(
    row: Break, records: list[Chain], comments: dict[int, list[Chain]], entries: dict[Any, list[Chain]]
) -> Chain:
    group = row.group
    run = group.run if group else None
    return {
        "break": str(row.code),
        "type": row.type,
        "reference": row.reference,
        "severity": f"{row.severity} {row.score}",
        "amount": str(row.amount),
        "currency": row.currency,
        "counterparty": row.counterparty,
        "opened_at": row.opened_at.isoformat(),
        "records": records,
        "rules": run and {
            "terms": run.terms.label,
            "sha256": run.terms.content_hash,
            "engine_version": run.engine_version,
        },
        "match": group and run and {
            "definition": run.definition.name,
            "run": str(run.code),
            "business_date": str(run.business_date),
            "group": group.number,
            "identity": group.identity,
            "paired_by": group.paired_by,
            "note": group.note,
        },
        "comparison": group.detail.get("values") or group.detail.get("differences", []) if group else [],
        "verdict": group.verdict if group else None,
        "cause": row.cause,
        "resolution": {
            "state": row.state,
            "reason": row.resolution,
            "found_cause": row.found_cause,
            "owner": row.owner.email if row.owner else None,
            "proposed_by": row.proposed_by.email if row.proposed_by else None,
            "settled_by": row.settled_by.email if row.settled_by else None,
            "settled_at": row.settled_at.isoformat() if row.settled_at else None,
            "comments": comments.get(row.pk, []),
        },
        "audit": _audit(row, records, entries),
    }  # fmt: skip


def _audit(row: Break, records: list[Chain], entries: dict[Any, list[Chain]]) -> list[Chain]:
    """The entries of the break, of the run that found it last and of the files behind it, in their order."""
    group = row.group
    told = [*entries.get(row.code, []), *(entries.get(group.run.code, []) if group else [])]
    digests = {each["file"]["sha256"] for each in records}
    told += [entry for digest in digests for entry in entries.get(digest, [])]
    return sorted(told, key=lambda entry: entry["sequence"])


def _comments(breaks: Sequence[Break]) -> dict[int, list[Chain]]:
    found: dict[int, list[Chain]] = {}
    for each in Comment.objects.filter(of__in=breaks).select_related("by"):
        found.setdefault(each.of_id, []).append({"by": each.by.email, "at": each.at.isoformat(), "text": each.text})
    return found


def _entries(breaks: Sequence[Break]) -> dict[Any, list[Chain]]:
    """The trail's entries by the code of what they are about; of files by their SHA-256."""
    files = dict(files_behind(breaks).values_list("code", "sha256"))
    codes = {*(row.code for row in breaks), *(row.group.run.code for row in breaks if row.group), *files}
    found: dict[Any, list[Chain]] = {}
    for each in AuditEntry.shown.filter(target_code__in=codes).order_by("sequence"):
        told = {
            "sequence": each.sequence,
            "at": each.at.isoformat(),
            "by": each.actor_label,
            "action": each.action,
            "before": each.before,
            "after": each.after,
            "hash": each.hash,
        }
        about: Any = each.target_code
        found.setdefault(files.get(about, about), []).append(told)
    return found
