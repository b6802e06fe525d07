"""A panel from outside: taken in, given its meaning, mended cell by cell, taken as a whole or put away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.storage import keep_content
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import Dataset, DatasetKind, ImportState, PanelImport, Universe
from strategies.panel_files import read_panel_file
from strategies.panel_imports import Reading, is_field, read_import, suggested_mapping
from strategies.services.take_dataset import take_dataset

LONGEST_REASON, LONGEST_CELL, MOST_CORRECTIONS = 300, 200, 20_000


@transaction.atomic
def open_import(*, by: User, universe: Universe, kind: str, sender: str, file_name: str, content: bytes) -> PanelImport:
    """The file taken in, its headers understood as this sender's were before; Invalid for what is no panel."""
    require_on(by, universe.desk, Action.DATA)
    if kind not in DatasetKind.values:
        raise refuse("kind", "kind", "It holds: choose what the file is about.")
    raw = read_panel_file(content, file_name)
    sender = " ".join(sender.split())
    made = PanelImport(
        universe=universe,
        kind=kind,
        sender=sender,
        file_name=file_name[-200:],
        file_hash=keep_content(content),
        mapping=suggested_mapping(kind, raw.headers, mapping_of_sender(universe, kind, sender)),
        made_by=by,
    )
    save_checked(made)
    after = {"universe": universe.name, "kind": kind, "sender": sender, "file": file_name, "hash": made.file_hash}
    audit.record(by=by, action="panel_import.opened", target=made, after=after)
    return made


def mapping_of_sender(universe: Universe, kind: str, sender: str) -> Mapping[str, str] | None:
    """What the headers of the sender's last file of this kind on the desk meant; None before the first."""
    found = PanelImport.objects.filter(universe__desk=universe.desk, kind=kind, sender__iexact=sender)
    last = found.exclude(mapping={}).order_by("-created_at", "-pk").first()
    return last.mapping if last else None


@transaction.atomic
def map_import(*, by: User, found: PanelImport, mapping: Mapping[str, str]) -> PanelImport:
    """What each header means, kept for the sender's next file."""
    held = _open(by, found)
    chosen = dict(mapping)
    names = [name for name in chosen.values() if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    unknown = [name for name in names if not is_field(held.kind, name)]
    if twice or unknown:
        said = f"{twice[0]} is chosen more than once" if twice else f"{unknown[0]} is no column of such a panel"
        raise refuse("mapping", "mapping", f"Columns: {said}.")
    before, held.mapping = held.mapping, chosen
    save_checked(held)
    audit.record(by=by, action="panel_import.mapped", target=held, before=before, after=chosen)
    return held


@transaction.atomic
def mend_import(*, by: User, found: PanelImport, cells: Mapping[tuple[int, str], str]) -> PanelImport:
    """Cells typed over, by row from 1 and field; what stood there is kept beside who changed it."""
    held = _open(by, found)
    reading = read_import(held)
    headers = {name: header for header, name in held.mapping.items() if name}
    corrections = []
    for (row, column), text in cells.items():
        if column not in headers or not 1 <= row <= len(reading.raw):
            raise refuse("no_such_cell", "cells", f"There is no cell {column} in row {row}.")
        before, after = standing(held, reading, row, column), text.strip()[:LONGEST_CELL]
        if after != before.strip():
            corrections.append(_correction(by, row, column, before, after))
    return _corrected(by, held, corrections, "panel_import.mended")


def standing(found: PanelImport, reading: Reading, row: int, column: str) -> str:
    """The text of a cell as it was mended last."""
    for each in reversed(found.corrections):
        if each["row"] == row and each["column"] == column:
            return str(each["after"])
    header = next((header for header, name in found.mapping.items() if name == column), None)
    return reading.raw.text(row - 1, header) if header in reading.raw.headers and header else ""


@transaction.atomic
def leave_out(*, by: User, found: PanelImport, rows: Sequence[int], reason: str) -> PanelImport:
    """Rows, from 1, that are not to be taken, with why; no rows: all that are refused."""
    held = _open(by, found)
    reading = read_import(held)
    chosen = list(rows) or [int(row) + 1 for row in reading.checked.refused_rows]
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise refuse("reason", "reason", "Say why the rows are left out.")
    if not chosen or not all(1 <= row <= len(reading.raw) for row in chosen):
        raise refuse("rows", "rows", "There is no such row to leave out.")
    fresh = [row for row in chosen if row - 1 not in reading.left_out]
    return _corrected(by, held, [_correction(by, row, "", "", reason) for row in fresh], "panel_import.left_out")


@transaction.atomic
def discard_import(*, by: User, found: PanelImport) -> PanelImport:
    """Put away: nothing of it was taken."""
    held = _open(by, found)
    held.state = ImportState.DISCARDED
    save_checked(held)
    audit.record(by=by, action="panel_import.discarded", target=held)
    return held


@transaction.atomic
def apply_import(*, by: User, found: PanelImport) -> Dataset:
    """The panel as the universe's next dataset: every row, or nothing at all while one is refused."""
    held = _open(by, found)
    reading = read_import(held)
    problems = list(still_wrong(reading))
    if problems:
        raise Invalid(problems)
    further = {"warnings": dict(reading.checked.counts), "left_out": len(reading.left_out)}
    origin = f"{held.file_name[:80]} from {held.sender[:60]}, SHA-256 {held.file_hash[:12]}"
    dataset = take_dataset(
        by=by,
        universe=held.universe,
        kind=held.kind,
        rows=reading.table(held.kind),
        origin=origin,
        further=further,
    )
    held.state, held.dataset = ImportState.TAKEN, dataset
    save_checked(held)
    audit.record(by=by, action="panel_import.taken", target=held, after={"dataset": str(dataset)})
    return dataset


def still_wrong(reading: Reading) -> Iterable[Problem]:
    """What keeps a file from being taken as a whole."""
    if reading.absent:
        yield Problem("absent", "mapping", f"Columns: no header is {', '.join(reading.absent)}.")
    elif not reading.checked.rows.values:
        yield Problem("absent", "mapping", "Columns: none of them holds figures.")
    if reading.refused_count:
        shown = ", ".join(str(row + 1) for row in reading.checked.refused_rows[:10])
        more = " and more" if reading.refused_count > 10 else ""
        told = f"Rows {shown}{more} are refused: correct them or leave them out with a reason."
        yield Problem("refused_rows", "rows", told)
    elif not len(reading.checked.rows):
        yield Problem("empty", "rows", "No row is left to take.")


def _correction(by: User, row: int, column: str, before: str, after: str) -> dict[str, Any]:
    when = timezone.now().isoformat(timespec="seconds")
    return {"row": row, "column": column, "before": before, "after": after, "who": by.email, "when": when}


def _corrected(by: User, held: PanelImport, corrections: list[dict[str, Any]], action: str) -> PanelImport:
    if len(held.corrections) + len(corrections) > MOST_CORRECTIONS:
        raise refuse(
            "too_many", "cells", f"More than {MOST_CORRECTIONS:,} corrections: correct the file and send it again."
        )
    if corrections:
        held.corrections = [*held.corrections, *corrections]
        save_checked(held)
        audit.record(by=by, action=action, target=held, after={"count": len(corrections), "first": corrections[:20]})
    return held


def _open(by: User, found: PanelImport) -> PanelImport:
    """The row, held, for those who may work on it while it is open."""
    require_on(by, found.universe.desk, Action.DATA)
    held = PanelImport.objects.select_for_update().select_related("universe__desk").get(pk=found.pk)
    if held.state != ImportState.OPEN:
        raise refuse(
            "closed", "state", f"The file was {held.get_state_display().lower()}: take it in again as a new one."
        )
    return held
