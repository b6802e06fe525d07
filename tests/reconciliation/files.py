"""The reference files, read as a source set to them would."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from engine.reconciliation.records import Book, Record
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import Group
from reconciliation.demo import FOLDER
from reconciliation.reading.outcome import Reading, Refused
from reconciliation.reading.reading import Setting, read_file
from reconciliation.translate import layout_of, parties_of, terms_of

REFERENCE = Path(__file__).parent / "reference"
DATA = Path(__file__).resolve().parents[2] / "reconciliation" / "data"


@cache
def mappings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "mappings.json").read_text())
    return found


@cache
def content_of_terms() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "terms.json").read_text())
    return found


@cache
def terms() -> Terms:
    return terms_of(content_of_terms())


def setting(name: str) -> Setting:
    """Of a message format, or of a layout by its name."""
    parties = parties_of(content_of_terms())
    if name in {"fpml", "fixml", "fix"}:
        return Setting(name, parties=parties)
    return Setting("mapped", parties=parties, layout=layout_of(mappings()[name]["content"]))


def content(path: str) -> bytes:
    """Of the demo's day, or of what only tests need."""
    found = FOLDER / path
    return (found if found.exists() else REFERENCE / path).read_bytes()


def read(path: str, layout: str) -> Reading:
    found = read_file(Path(path).name, content(path), setting(layout))
    assert not isinstance(found, Refused), found
    return found


def records(path: str, layout: str) -> list[Record]:
    found = read(path, layout)
    assert found.verdict == "accept", found.problems
    return found.records


def messages(folder: str) -> list[Record]:
    return [
        record
        for path in sorted((FOLDER / folder).glob("*.xml"))
        for record in records(f"{folder}/{path.name}", folder)
    ]


def confirmations() -> list[Record]:
    """The FpML messages in the order in which they came."""
    return [each for row in expected("otc_expected_canonical.csv") for each in records(f"fpml/{row['file']}", "fpml")]


def expected(path: str) -> list[dict[str, str]]:
    with (REFERENCE / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def named(group: Group, names: dict[str, str]) -> tuple[str, str]:
    """A group's records as the expected files write them."""
    return " | ".join(names.get(each, each) for each in group.internal), " | ".join(
        names.get(e, e) for e in group.external
    )


def names_by(field: str, *books: list[Record]) -> dict[str, str]:
    return {each.id: each.text(field) for book in books for each in book}


__all__ = ["Book", "content", "expected", "messages", "named", "names_by", "read", "records", "setting", "terms"]
