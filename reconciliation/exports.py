"""A run's groups, or breaks, as a file: CSV, Excel, JSON, XML, Parquet; every line says which bytes it comes from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from django.db.models import QuerySet

from lib.text import safe_cell, without_unprintable
from reconciliation.models import Break, MatchGroup, Member, ReconciliationRun

COLUMNS = (
    "number", "verdict", "break_types", "severity", "score", "amount", "currency", "product", "counterparty", "paired_by",
    "cause", "note", "differences", "internal", "external", "files",
)  # fmt: skip
BREAK_COLUMNS = (
    "code", "type", "severity", "score", "state", "amount", "currency", "product", "counterparty", "reference", "cause",
    "team", "owner", "opened_at", "resolve_by", "resolution", "found_cause", "proposed_by", "settled_by", "settled_at",
    "verdict", "differences", "internal", "external", "files",
)  # fmt: skip
Line = dict[str, str]
Columns = Sequence[str]


def lines_of(run: ReconciliationRun) -> list[Line]:
    """One line a group, with its records and the files they were read from."""
    members = _members(Member.objects.filter(run=run))
    return [
        {**_plain(group, COLUMNS[:12]), **_sides(group, members.get(group.pk, []))}
        for group in run.match_groups.order_by("number").iterator()
    ]


def lines_of_breaks(breaks: Sequence[Break]) -> list[Line]:
    """One line a break, with the records of the group that found it last."""
    groups = [row.group_id for row in breaks if row.group_id]
    members = _members(Member.objects.filter(group__in=groups))
    return [
        {
            **_plain(row, BREAK_COLUMNS[:20]),
            **dict.fromkeys(BREAK_COLUMNS[20:], ""),
            **({"verdict": row.group.verdict, **_sides(row.group, members.get(row.group.pk, []))} if row.group else {}),
        }
        for row in breaks
    ]


Members = Sequence[tuple[bool, str, str]]


def _members(found: QuerySet[Member]) -> dict[int, list[tuple[bool, str, str]]]:
    members: dict[int, list[tuple[bool, str, str]]] = {}
    columns = ("group_id", "is_internal", "record__name", "record__file__sha256")
    for group, ours, name, digest in found.values_list(*columns).order_by("pk"):
        members.setdefault(group, []).append((ours, name, digest))
    return members


def _plain(row: MatchGroup | Break, names: Columns) -> Line:
    return {name: "" if (value := getattr(row, name)) is None else str(value) for name in names}


def _sides(group: MatchGroup, members: Members) -> Line:
    differences = (
        f"{each['field']}: {each['internal']} / {each['external']} {each['type']} {each['size']}".strip()
        for each in group.detail.get("differences", [])
    )
    return {
        "differences": "; ".join(differences),
        "internal": "; ".join(name for ours, name, _ in members if ours),
        "external": "; ".join(name for ours, name, _ in members if not ours),
        "files": "; ".join(dict.fromkeys(digest for _, _, digest in members)),
    }


def as_csv(lines: Sequence[Line], columns: Columns = COLUMNS) -> bytes:
    """UTF-8 with a mark, for spreadsheets; texts that they would compute have an apostrophe before them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in line.items()} for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_workbook(lines: Sequence[Line], columns: Columns = COLUMNS) -> bytes:
    """One sheet; no cell is a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Reconciliation")
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for number, line in enumerate(lines, start=1):
            sheet.write_row(number, 0, [safe_cell(without_unprintable(line[name]))[:32_000] for name in columns])
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def as_json(lines: Sequence[Line], columns: Columns = COLUMNS) -> bytes:
    """A list of objects."""
    return json.dumps([{name: line[name] for name in columns} for line in lines], ensure_ascii=False, indent=1).encode()


def as_xml(lines: Sequence[Line], columns: Columns = COLUMNS) -> bytes:
    """An element a line, named for what it is of; its first column is its attribute."""
    element = "group" if columns is COLUMNS else "break"
    out = ['<?xml version="1.0" encoding="UTF-8"?>', "<reconciliation>"]
    for line in lines:
        cells = "".join(f"<{name}>{escape(without_unprintable(line[name]))}</{name}>" for name in columns[1:])
        out.append(f"<{element} {columns[0]}={quoteattr(line[columns[0]])}>{cells}</{element}>")
    return "\n".join([*out, "</reconciliation>"]).encode()


def as_parquet(lines: Sequence[Line], columns: Columns = COLUMNS) -> bytes:
    """Text columns, as the other files have them."""
    out = io.BytesIO()
    table = pa.table({name: pa.array([line[name] for line in lines], pa.string()) for name in columns})
    pq.write_table(table, out)
    return out.getvalue()


WRITERS: dict[str, tuple[Callable[[Sequence[Line], Columns], bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (as_json, "application/json"),
    "xml": (as_xml, "application/xml"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
}


def export(run: ReconciliationRun, kind: str) -> tuple[bytes, str]:
    """The file and its type; KeyError for a kind that is none."""
    write, content_type = WRITERS[kind]
    return write(lines_of(run), COLUMNS), content_type


def export_breaks(breaks: Sequence[Break], kind: str) -> tuple[bytes, str]:
    """The file of breaks and its type; KeyError for a kind that is none."""
    write, content_type = WRITERS[kind]
    return write(lines_of_breaks(breaks), BREAK_COLUMNS), content_type
