"""A tape from outside: taken in, given its meaning, mended cell by cell, applied as a whole or put away."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.grids import grid_json, read_grid
from lib.verbs import refuse, save_checked
from portfolios.access import require_prepare
from portfolios.models import Deal, ImportState, PoolSnapshot, Purpose, SenderMapping, TapeImport
from portfolios.queries import period_around
from portfolios.services.take_pool import take_pool
from portfolios.tape import HEADERS, suggested_mapping
from portfolios.tapes import kept_mapping, read_import

LONGEST_REASON = 300


@transaction.atomic
def open_import(
    *,
    by: User,
    deal: Deal,
    sender: str,
    file_name: str,
    content: bytes,
    determination_date: date,
    positions: tuple[str, bytes] | None = None,
    purpose: str = Purpose.POOL,
) -> TapeImport:
    """The file taken in, its headers understood as this sender's were before; Invalid for what is no tape."""
    require_prepare(by, deal)
    grid = read_grid(content, file_name)
    sender = " ".join(sender.split())
    kept = SenderMapping.objects.filter(deal=deal, sender=sender).first()
    tape = TapeImport(
        deal=deal,
        purpose=purpose,
        sender=sender,
        file_name=file_name[-200:],
        file_hash=hashlib.sha256(content).hexdigest(),
        determination_date=determination_date,
        grid=grid_json(grid),
        positions=grid_json(read_grid(positions[1], positions[0])) if positions else None,
        mapping=suggested_mapping(grid.headers, kept.mapping if kept else None),
        made_by=by,
    )
    save_checked(tape)
    after = {"deal": str(deal.code), "sender": sender, "file": tape.file_name, "hash": tape.file_hash}
    audit.record(by=by, action="tape.opened", target=tape, after=after)
    return tape


@transaction.atomic
def map_import(*, by: User, tape: TapeImport, mapping: Mapping[str, str]) -> TapeImport:
    """What each header means, kept for the sender's next file."""
    tape = _open(by, tape)
    chosen = {header: name for header, name in mapping.items() if name}
    twice = {name for name in chosen.values() if list(chosen.values()).count(name) > 1}
    if twice or not set(chosen) <= set(tape.grid["headers"]) or not set(chosen.values()) <= set(HEADERS):
        names = ", ".join(sorted(HEADERS.get(name, name) for name in twice)) or "a column that is not there"
        raise refuse("mapping", "mapping", f"Columns: {names} is chosen more than once.")
    before, tape.mapping = tape.mapping, chosen
    save_checked(tape)
    SenderMapping.objects.update_or_create(
        deal=tape.deal, sender=tape.sender, defaults={"mapping": kept_mapping(chosen)}
    )
    audit.record(by=by, action="tape.mapped", target=tape, before=before, after=chosen)
    return tape


@transaction.atomic
def mend_import(*, by: User, tape: TapeImport, cells: Mapping[tuple[int, str], str]) -> TapeImport:
    """Cells typed over; what stood there is kept beside who changed it."""
    tape = _open(by, tape)
    grid = tape.grid
    places = {name: grid["headers"].index(header) for header, name in tape.mapping.items()}
    now = timezone.now().isoformat(timespec="seconds")
    mended = []
    for (row, column), text in cells.items():
        if column not in places or not 1 <= row <= len(grid["rows"]):
            raise refuse("no_such_cell", "cells", f"There is no cell {HEADERS.get(column, column)} in row {row}.")
        before = standing(tape, row, column)
        if text.strip() != before.strip():
            mended.append(
                {"row": row, "column": column, "before": before, "after": text.strip(), "by": by.email, "at": now}
            )
    if mended:
        tape.corrections = [*tape.corrections, *mended]
        save_checked(tape)
        audit.record(by=by, action="tape.mended", target=tape, after={"cells": mended})
    return tape


def standing(tape: TapeImport, row: int, column: str) -> str:
    """The text of a cell as it was mended last."""
    for each in reversed(tape.corrections):
        if each["row"] == row and each["column"] == column:
            return str(each["after"])
    header = next(header for header, name in tape.mapping.items() if name == column)
    return str(tape.grid["rows"][row - 1][tape.grid["headers"].index(header)])


@transaction.atomic
def leave_out(*, by: User, tape: TapeImport, row: int, reason: str) -> TapeImport:
    """A row that is not to be taken, with why."""
    tape = _open(by, tape)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason or not 1 <= row <= len(tape.grid["rows"]):
        raise refuse("reason", "reason", f"Row {row}: say why it is left out.")
    tape.left_out = {**tape.left_out, str(row): reason}
    save_checked(tape)
    audit.record(by=by, action="tape.row_left_out", target=tape, after={"row": row, "reason": reason})
    return tape


@transaction.atomic
def discard_import(*, by: User, tape: TapeImport) -> TapeImport:
    """Put away: nothing of it was taken."""
    tape = _open(by, tape)
    tape.state = ImportState.DISCARDED
    save_checked(tape)
    audit.record(by=by, action="tape.discarded", target=tape)
    return tape


@transaction.atomic
def apply_import(
    *,
    by: User,
    tape: TapeImport,
    principal_cash: Decimal,
    interest_cash: Decimal,
    fx: Mapping[str, str],
    index_rates: Mapping[str, str],
) -> PoolSnapshot:
    """The tape as the deal's next pool: every row, or nothing at all while one is refused."""
    tape = _open(by, tape)
    found = read_import(tape)
    refused = sorted(found.refused_rows)
    lacking = sorted({str(row["currency"]) for row in found.rows.values()} - set(fx) - {tape.deal.currency})
    problems = [
        *_rate_problems(tape.deal, fx, index_rates),
        *(Problem("missing", "fx", f"Exchange rates: {name} is missing.") for name in lacking),
    ]
    if found.absent:
        problems.append(
            Problem("absent", "mapping", f"Columns: no header is {', '.join(HEADERS[n] for n in found.absent)}.")
        )
    if refused:
        rows = ", ".join(map(str, refused[:10])) + (" and more" if len(refused) > 10 else "")
        problems.append(
            Problem("refused_rows", "rows", f"Rows {rows} are refused: correct them or leave them out with a reason.")
        )
    if problems:
        raise Invalid(problems)
    start, end = period_around(tape.deal, tape.determination_date)
    content = {
        "determination_date": tape.determination_date.isoformat(),
        "period_start": start.isoformat(),
        "period_end": end.isoformat(),
        "principal_cash": str(principal_cash),
        "interest_cash": str(interest_cash),
        "fx": dict(fx),
        "index_rates": dict(index_rates),
        "assets": found.assets(),
    }
    warnings = [{"row": p.row, "column": p.header, "message": p.message} for p in found.problems]
    origin = f"{tape.file_name} from {tape.sender}, SHA-256 {tape.file_hash[:12]}"
    pool = take_pool(by=by, deal=tape.deal, content=content, origin=origin, purpose=tape.purpose, warnings=warnings)
    tape.state = ImportState.APPLIED
    save_checked(tape)
    audit.record(by=by, action="tape.applied", target=tape, after={"pool": pool.content_hash})
    return pool


def _rate_problems(deal: Deal, fx: Mapping[str, str], index_rates: Mapping[str, str]) -> list[Problem]:
    found = []
    for title, rates, needed in (("Exchange rates", fx, deal.currency), ("Index rates", index_rates, deal.benchmark)):
        if needed not in rates:
            found.append(Problem("missing", title, f"{title}: {needed} is missing."))
        for name, text in rates.items():
            try:
                number = Decimal(text)
                is_sound = number.is_finite() and (0 < number < 10**6 if rates is fx else abs(number) <= 1)
            except InvalidOperation:
                is_sound = False
            if not is_sound:
                found.append(Problem("rate", title, f"{title}: {text!r} is no rate of {name}."))
    return found


def _open(by: User, tape: TapeImport) -> TapeImport:
    """The row, held, for those who may work on it while it is open."""
    require_prepare(by, tape.deal)
    held = TapeImport.objects.select_for_update().select_related("deal").get(pk=tape.pk)
    if held.state != ImportState.OPEN:
        raise refuse("closed", "state", f"The tape was {held.get_state_display().lower()}: open it again as a new one.")
    return held


def pool_defaults(before: PoolSnapshot | None, deal: Deal) -> dict[str, Any]:
    """What the form of applying begins with: rates and cash of the pool before."""
    content = before.content if before else {}
    return {
        "principal_cash": content.get("principal_cash", "0"),
        "interest_cash": content.get("interest_cash", "0"),
        "fx": content.get("fx", {deal.currency: "1"}),
        "index_rates": content.get("index_rates", {}),
    }
