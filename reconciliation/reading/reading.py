"""One file, read as its source says: the door, the parser, the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.reconciliation.cash import statement_problems
from engine.reconciliation.records import Book
from reconciliation.reading.door import require_size, unpacked
from reconciliation.reading.fix import FIXML, read_fixml, read_tag_value
from reconciliation.reading.fpml import NAMESPACE, Parties, read_fpml
from reconciliation.reading.mapping import Layout
from reconciliation.reading.outcome import Limits, Reading, Refused
from reconciliation.reading.rows import read_balances, read_csv, read_workbook
from reconciliation.reading.trees import read_json, read_tree
from reconciliation.reading.xml import local, namespace, parsed, place

MESSAGES = ("fpml", "fixml", "fix")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a source sends: a message format, or a layout by mapping."""

    format: str
    limits: Limits = field(default_factory=Limits)
    parties: Parties = field(default_factory=lambda: Parties(frozenset()))
    layout: Layout | None = None
    names: Mapping[str, str] = field(
        default_factory=dict
    )  # of parties, with the code of a counterparty; ours have none
    labels: Mapping[str, str] = field(
        default_factory=dict
    )  # of documents, as people taught them: as read, and the field


def read_files(name: str, content: bytes, setting: Setting) -> list[tuple[str, bytes, Reading | Refused]]:
    """Every file in what was sent, with its reading or its refusal; an archive that is unsafe is refused whole."""
    try:
        files = unpacked(name, content, setting.limits)
    except Refused as refusal:
        return [(name, content, refusal)]
    return [(inner, held, read_file(inner, held, setting)) for inner, held in files]


def read_file(name: str, content: bytes, setting: Setting) -> Reading | Refused:
    """The reading of one file, or its refusal; never anything else, whatever it holds."""
    try:
        require_size(content, setting.limits)
        return _read(name, content, setting)
    except Refused as refusal:
        return refusal


def _read(name: str, content: bytes, setting: Setting) -> Reading:
    layout = setting.layout
    if setting.format == "fix":
        return read_tag_value(content, name, setting.limits)
    if layout is None or setting.format in MESSAGES:
        return _read_xml(name, content, setting)
    if layout.layout == "xml":
        return read_tree(parsed(content, setting.limits), name, layout, setting.limits)
    readers = {"csv": read_csv, "xlsx": read_workbook, "json": read_json}
    return readers[layout.layout](content, name, layout, setting.limits)


def _read_xml(name: str, content: bytes, setting: Setting) -> Reading:
    """A message by its root: what the source is set to and what is sent must agree."""
    root = parsed(content, setting.limits)
    if setting.format == "fixml" and namespace(root).startswith(FIXML):
        return read_fixml(root, name, setting.limits)
    if setting.format == "fpml" and namespace(root).startswith(NAMESPACE):
        return read_fpml(root, name, setting.parties, setting.limits)
    raise Refused("FORMAT_UNKNOWN", f"No reader of this source knows {local(root)}: map it.", place(root))


def with_balances(reading: Reading, content: bytes, layout: Layout) -> Reading:
    """The statement with its balances; Refused where opening and lines do not make the closing balance."""
    reading.balances = read_balances(content, layout)
    _check(reading, reading.balances)
    return reading


def _check(reading: Reading, balances: dict[str, tuple[Decimal, Decimal]]) -> None:
    if reading.book is not Book.CASH:
        raise Refused("BALANCE", "Only statements of cash have balances.")
    if reading.problems:
        raise Refused("BALANCE", "With rows that cannot be read no balance can be checked.")
    for currency, sentence in statement_problems(reading.records, balances):
        raise Refused("BALANCE", sentence, currency)
