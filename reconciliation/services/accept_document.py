"""Accepts a scanned document as a person read it: one record, and the source's template learns from corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from engine.reconciliation.records import Book
from lib.errors import Invalid
from lib.text import has_unprintable
from lib.verbs import refuse
from reconciliation.access import LOAD, require_may
from reconciliation.models import ExtractedField, FileState, ReceivedFile
from reconciliation.queries import mapping_of, taught_of
from reconciliation.reading.documents import LABELS, canonical, needs_eyes
from reconciliation.reading.outcome import Reading
from reconciliation.services.receive_file import record_row, setting_of

TITLES = {name: label.capitalize() if name != "uti" else "UTI" for label, name in LABELS.items()}
# Words that a source writes alike in every document; amounts and days are read anew in each.
TAUGHT = ("fixed_payer", "floating_payer", "index")
LONGEST_TEXT, MOST_TAUGHT = 500, 500


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a document: by line the field it is and its text, the lines looked at, fields typed anew."""

    names: Mapping[int, str]
    texts: Mapping[int, str]
    seen: frozenset[int]
    typed: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def accept_document(*, by: User, file: ReceivedFile, said: Said) -> ReceivedFile:
    """The file read, with its record; Invalid with what is left to look at or cannot be read."""
    require_may(by, LOAD)
    file = ReceivedFile.objects.select_for_update().select_related("source").get(pk=file.pk)
    if file.state != FileState.CHECK:
        raise refuse("not_waiting", "file", "This document waits for nobody any more.")
    lines = list(file.extracted_fields.all())
    fields = {line.pk: said.names.get(line.position, line.name) for line in lines}
    texts = {line.pk: " ".join(said.texts.get(line.position, line.text).split()) for line in lines}
    problems = [*_unknown(lines, fields, texts, said), *_unseen(lines, fields, texts, said)]
    if problems:
        raise Invalid(problems)
    values = {**said.typed, **{fields[line.pk]: texts[line.pk] for line in lines if fields[line.pk]}}
    before = {line.label or line.text: line.text for line in lines if fields[line.pk]}
    _read(file, values)
    _teach(file, lines, fields, texts)
    for line in lines:
        line.name, line.accepted = fields[line.pk], texts[line.pk] if fields[line.pk] else ""
    ExtractedField.objects.bulk_update(lines, ["name", "accepted"])
    audit.record(
        by=by,
        action="reconciliation.document_accepted",
        target=file,
        before={"read": before},
        after={"accepted": values},
    )
    return file


def _unknown(
    lines: list[ExtractedField], fields: Mapping[int, str], texts: Mapping[int, str], said: Said
) -> list[Problem]:
    """Fields that there are not, two lines of one field, texts that are none."""
    given = [name for name in (*fields.values(), *said.typed) if name]
    found = [
        Problem("unknown_field", name, f"{name[:40]} is no field of a confirmation.")
        for name in dict.fromkeys(given)
        if name not in TITLES
    ]
    found += [
        Problem("twice", name, f"{TITLES[name]}: several lines are said to be it, expected one.")
        for name in TITLES
        if given.count(name) > 1
    ]
    used = [(fields[line.pk], texts[line.pk]) for line in lines if fields[line.pk]]
    return found + [
        Problem("text", name, f"{TITLES.get(name, name)}: expected 1 to {LONGEST_TEXT} printable letters.")
        for name, text in (*used, *said.typed.items())
        if not text or len(text) > LONGEST_TEXT or has_unprintable(text)
    ]


def _unseen(
    lines: list[ExtractedField], fields: Mapping[int, str], texts: Mapping[int, str], said: Said
) -> list[Problem]:
    """Fields that ask for a person and have none: neither ticked nor corrected."""
    found = []
    for line in lines:
        name, proposed = fields[line.pk], line.accepted or line.text
        asks = bool(name) and needs_eyes(name, line.confidence)
        if asks and line.position not in said.seen and texts[line.pk] == proposed:
            sentence = f"{TITLES[name]}: compare {proposed} with the picture, then tick or correct it."
            found.append(Problem("unseen", name, sentence))
    return found


def _read(file: ReceivedFile, values: Mapping[str, str]) -> None:
    setting = setting_of(file.source, mapping_of(file.source, file.business_date), file.business_date)
    reading = Reading(Book.OTC)
    reading.add(file.name, "document", lambda: canonical(values, setting))
    if reading.problems:
        raise Invalid(reading.problems)
    [record] = reading.records
    record_row(file, Book.OTC, record).save()
    file.state, file.record_count = FileState.READ, 1
    file.save(update_fields=["state", "record_count"])


def _teach(
    file: ReceivedFile, lines: list[ExtractedField], fields: Mapping[int, str], texts: Mapping[int, str]
) -> None:
    """Labels that nobody knew, and names that were read wrong, are known in the source's next scan."""
    template = taught_of(file.source)
    for line in lines:
        name, text = fields[line.pk], texts[line.pk]
        label = _label_of(line.text, name) if name and not line.label else ""
        if label and len(template.labels) < MOST_TAUGHT:
            template.labels[label.lower()] = name
        elif name in TAUGHT and line.label and text != line.text:
            template.words.setdefault(name, {})[line.text] = text
    if template.labels or template.words:
        template.save()


def _label_of(line: str, name: str) -> str:
    """What stands where the field's label should: as many words as it has, where more follow."""
    words, length = line.split(), len(TITLES[name].split())
    return " ".join(words[:length]).rstrip(":") if len(words) > length else ""
