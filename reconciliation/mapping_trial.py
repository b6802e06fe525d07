"""A mapping tried before it is in force: on a sample that is typed, and on files that came, beside how they were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from engine.errors import Problem
from engine.reconciliation.records import Record
from lib.errors import Invalid
from lib.storage import content_of
from reconciliation.kinds import sample_bytes
from reconciliation.models import MappingTemplate, ReceivedFile
from reconciliation.queries import mapping_of
from reconciliation.reading.outcome import MEGABYTE, Reading, Refused
from reconciliation.reading.reading import Setting, read_file
from reconciliation.services.receive_file import setting_of

SAMPLE_LINES, SAMPLE_BYTES = 5, 20_000
RECORDS_SHOWN, CHANGES_SHOWN = 10, 200
FILES_TRIED, MOST_BYTES = 5, 2 * MEGABYTE
TEXT_LAYOUTS = ("csv", "xml", "json")
ROW, FIELDS_LOST = "the whole row", "not read"


@dataclass(frozen=True, slots=True)
class SampleRead:
    """What a mapping reads of a sample: columns, the first records, and what it cannot read."""

    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    count: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record, or a whole record, before and with the mapping tried; nothing where it was not read."""

    record: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FileTried:
    """One file under the mapping that read it, or is in force for it, and under the one tried."""

    file: ReceivedFile
    records_before: int
    records_after: int
    refused_before: int
    refused_after: int
    changes: tuple[Change, ...]
    change_count: int
    problems: tuple[Problem, ...]

    @property
    def is_same(self) -> bool:
        """True where both read the same."""
        return not self.change_count and self.refused_before == self.refused_after


def first_sample(version: MappingTemplate) -> str:
    """The first lines of the last file that came for the mapping, else the sample of its first test row; nothing where
    its files are no text."""
    if version.content["layout"].get("layout") not in TEXT_LAYOUTS:
        return ""
    layout = version.terms()
    last = _files_of(version).first()
    if last is not None:
        text = content_of(last.sha256, most_bytes=SAMPLE_BYTES).decode(layout.encoding, errors="replace")
        return text if layout.layout != "csv" else "\n".join(text.splitlines()[:SAMPLE_LINES])
    tests = version.content.get("tests", [])
    return str(tests[0]["sample"]).replace("\\n", "\n") if tests else ""


def read_sample(version: MappingTemplate, sample: str) -> SampleRead:
    """The sample as the version reads it; a trailer that a few lines cannot have is not asked for."""
    layout = replace(version.terms(), trailer="", trailer_count=0, trailer_net=0)
    outcome = read_file("sample", sample_bytes(sample, layout), Setting("mapped", layout=layout))
    if isinstance(outcome, Refused):
        return SampleRead((), (), 0, (outcome.problem,))
    shown = outcome.records[:RECORDS_SHOWN]
    columns = tuple(dict.fromkeys(name for record in shown for name in record.values))
    rows = tuple(tuple(record.text(name) for name in columns) for record in shown)
    return SampleRead(columns, rows, len(outcome.records), (*outcome.problems, *outcome.notes))


def sample_beside(page: Mapping[str, Any]) -> dict[str, Any] | None:
    """For the pages of versions: a sample as the mapping reads it; nothing on those of other kinds."""
    version = page["version"]
    if not isinstance(version, MappingTemplate):
        return None
    sample = first_sample(version)
    return {"sample": sample, "read": read_sample(version, sample)}


def files_tried(version: MappingTemplate) -> Iterator[FileTried]:
    """The last files that came for the mapping, each read both ways; those above the size are left out."""
    for file in _files_of(version).filter(size_bytes__lte=MOST_BYTES)[:FILES_TRIED]:
        yield _tried(version, file)


def left_out(version: MappingTemplate) -> int:
    """How many of the last files are too large to be tried on a page."""
    return sum(file.size_bytes > MOST_BYTES for file in _files_of(version)[:FILES_TRIED])


def _files_of(version: MappingTemplate) -> QuerySet[ReceivedFile]:
    found = ReceivedFile.objects.filter(source__mapping_family=version.family).select_related("source", "mapping")
    return found.order_by("-business_date", "-received_at", "-pk")


def _tried(version: MappingTemplate, file: ReceivedFile) -> FileTried:
    content = content_of(file.sha256)
    known = file.mapping or mapping_of(file.source, file.business_date)
    before = _outcome(file, known, content) if known else None
    after = _outcome(file, version, content)
    old, new = (_by_name(each) for each in (before, after))
    changes = [each for name in dict.fromkeys((*old, *new)) for each in _changes(name, old.get(name), new.get(name))]
    return FileTried(
        file, len(old), len(new), _refused(before), _refused(after), tuple(changes[:CHANGES_SHOWN]), len(changes),
        tuple(_problems(after)[:CHANGES_SHOWN]),
    )  # fmt: skip


def _outcome(file: ReceivedFile, mapping: MappingTemplate, content: bytes) -> Reading | Refused:
    try:
        setting = setting_of(file.source, mapping, file.business_date)
    except Invalid as error:
        return Refused("SETTING", str(error))
    return read_file(file.name, content, setting)


def _by_name(outcome: Reading | Refused | None) -> Mapping[str, Record]:
    return {each.id: each for each in outcome.records} if isinstance(outcome, Reading) else {}


def _refused(outcome: Reading | Refused | None) -> int:
    return outcome.refused_rows if isinstance(outcome, Reading) else 0


def _problems(outcome: Reading | Refused) -> list[Problem]:
    return [outcome.problem] if isinstance(outcome, Refused) else outcome.problems


def _changes(name: str, old: Record | None, new: Record | None) -> Iterator[Change]:
    if old is None or new is None:
        yield Change(name, ROW, FIELDS_LOST if old is None else "read", FIELDS_LOST if new is None else "read")
        return
    for field in dict.fromkeys((*old.values, *new.values)):
        if old.text(field) != new.text(field):
            yield Change(name, field, old.text(field), new.text(field))
