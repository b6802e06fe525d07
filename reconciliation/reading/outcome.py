"""What reading a file gives: records, what is wrong with it, and whether any of it may be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.errors import Problem
from engine.reconciliation.records import Book, Record, fields_out_of_range, missing_fields

MEGABYTE = 1024 * 1024
# A file with more faults than a person would read.
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read: bytes, how often it may unpack to its own size, levels, rows, letters of a cell."""

    bytes: int = 100 * MEGABYTE
    ratio: int = 100
    depth: int = 200
    rows: int = 1_000_000
    cell: int = 10_000


class Refused(Exception):
    """A file of which nothing may be used."""

    def __init__(self, code: str, message: str, place: str = "file") -> None:
        self.problem = Problem(code, place, message)
        super().__init__(message)


class Unreadable(Exception):
    """One field that cannot be read."""

    def __init__(self, code: str, field: str, message: str) -> None:
        self.code, self.field = code, field
        super().__init__(message)


@dataclass(slots=True)
class Reading:
    """Records with what is wrong with the rest; `notes` are said, but stop nothing."""

    book: Book
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    refused_rows: int = 0
    balances: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    extracted: list[Any] = field(default_factory=list)  # fields of a document that a person has to look at

    @property
    def verdict(self) -> str:
        """Whether all, some or nothing of the file may be used, or a person looks first."""
        if self.extracted:
            return "check"
        if not self.problems:
            return "accept"
        return "partial" if self.records else "refuse"

    def add(self, name: str, place: str, make: Callable[[], Mapping[str, Any]]) -> None:
        """One record, or what is wrong with it: the rest of the file is read on."""
        try:
            record = Record(name, make())
            self._check(record)
        except Unreadable as error:
            self.refuse_row(error.code, f"{place}, {error.field}", str(error))
        else:
            self.records.append(record)

    def refuse_row(self, code: str, place: str, message: str) -> None:
        """A row that is not used."""
        self.refused_rows += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code, place, message))

    def _check(self, record: Record) -> None:
        for name in missing_fields(self.book, record):
            raise Unreadable("FIELD_MISSING", name, f"{name} is missing: a missing value is no zero.")
        for name in fields_out_of_range(record):
            raise Unreadable(
                "FIELD_OUT_OF_RANGE", name, f"{name}: expected a number above zero, got {record.text(name)}."
            )


def first_code(problems: Iterable[Problem]) -> str:
    """The code by which a file's outcome is told."""
    return next((each.code for each in problems), "")
