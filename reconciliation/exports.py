"""A run's groups as a file: CSV, Excel, JSON, XML, Parquet; every line says which bytes it comes from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from lib.text import safe_cell, without_unprintable
from reconciliation.models import MatchGroup, Member, ReconciliationRun

COLUMNS = (
    "number", "verdict", "break_types", "severity", "score", "amount", "currency", "product", "counterparty", "paired_by",
    "cause", "note", "differences", "internal", "external", "files",
)  # fmt: skip
Line = dict[str, str]


def lines_of(run: ReconciliationRun) -> list[Line]:
    """One line a group, with its records and the files they were read from."""
    members: dict[int, list[tuple[bool, str, str]]] = {}
    columns = ("group_id", "is_internal", "record__name", "record__file__sha256")
    for group, ours, name, digest in Member.objects.filter(run=run).values_list(*columns).order_by("pk"):
        members.setdefault(group, []).append((ours, name, digest))
    return [_line(group, members.get(group.pk, [])) for group in run.match_groups.order_by("number").iterator()]


def _line(group: MatchGroup, members: Sequence[tuple[bool, str, str]]) -> Line:
    differences = (
        f"{each['field']}: {each['internal']} / {each['external']} {each['type']} {each['size']}".strip()
        for each in group.detail.get("differences", [])
    )
    plain = {name: getattr(group, name) for name in COLUMNS[:12]}
    return {
        **{name: "" if value is None else str(value) for name, value in plain.items()},
        "differences": "; ".join(differences),
        "internal": "; ".join(name for ours, name, _ in members if ours),
        "external": "; ".join(name for ours, name, _ in members if not ours),
        "files": "; ".join(dict.fromkeys(digest for _, _, digest in members)),
    }


def as_csv(lines: Sequence[Line]) -> bytes:
    """UTF-8 with a mark, for spreadsheets; texts that they would compute have an apostrophe before them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in line.items()} for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_workbook(lines: Sequence[Line]) -> bytes:
    """One sheet; no cell is a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Reconciliation")
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        for number, line in enumerate(lines, start=1):
            sheet.write_row(number, 0, [safe_cell(without_unprintable(line[name]))[:32_000] for name in COLUMNS])
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def as_json(lines: Sequence[Line]) -> bytes:
    """A list of objects."""
    return json.dumps(list(lines), ensure_ascii=False, indent=1).encode()


def as_xml(lines: Sequence[Line]) -> bytes:
    """An element a group."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', "<reconciliation>"]
    for line in lines:
        cells = "".join(f"<{name}>{escape(without_unprintable(line[name]))}</{name}>" for name in COLUMNS[1:])
        out.append(f"<group number={quoteattr(line['number'])}>{cells}</group>")
    return "\n".join([*out, "</reconciliation>"]).encode()


def as_parquet(lines: Sequence[Line]) -> bytes:
    """Text columns, as the other files have them."""
    out = io.BytesIO()
    table = pa.table({name: pa.array([line[name] for line in lines], pa.string()) for name in COLUMNS})
    pq.write_table(table, out)
    return out.getvalue()


WRITERS: dict[str, tuple[Callable[[Sequence[Line]], bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (as_json, "application/json"),
    "xml": (as_xml, "application/xml"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
}


def export(run: ReconciliationRun, kind: str) -> tuple[bytes, str]:
    """The file and its type; KeyError for a kind that is none."""
    write, content_type = WRITERS[kind]
    return write(lines_of(run)), content_type
