"""Run by `test_migration` after it: every job as the rooms read it now, as JSON."""

import json
import sys
from typing import Any

from django.db import DatabaseError, connection

from documents.models import Pack
from financings.models import Evidence, Financing, Simulation
from permutations.models import RuleSetTrial, Run


def main() -> None:
    rows: list[Any] = [row for model in (Run, Simulation, RuleSetTrial, Pack) for row in model.objects.order_by("id")]
    found = {
        "jobs": [_told(row) for row in rows],
        "financings": [_financing(row) for row in Financing.objects.order_by("pk")],
        "evidence": [str(row.financing_id or "") for row in Evidence.objects.order_by("pk")],
        "issued": _issued(),
        "broken": _broken(),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _financing(row: Financing) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "choice", "engine_version")},
        "by": row.made_by.email,
        "simulations": row.simulations.count(),
        "evidence": row.evidence.count(),
        "origins": [pack.origin["run"]["permutation"] for pack in row.packs.order_by("id")],
    }


def _told(row: Any) -> dict[str, Any]:
    parts = [[part.number, part.is_closing, part.state, part.claimed_by, part.attempts, part.counts] for part in row.parts.order_by("number")]  # fmt: skip
    return {
        **{name: getattr(row, name) for name in ("id", "kind", "title", "state", "done_count", "total_count")},
        **{name: getattr(row, name) for name in ("summary", "error")},
        "by": row.requested_by.email,
        "parts": parts,
    }


def _issued() -> str:
    """What the database says to a change of an issued pack."""
    pack = Pack.objects.get(status="issued")
    try:
        Pack.objects.filter(id=pack.id).update(number="B-1")
    except DatabaseError as error:
        return f"{pack.superseded_by.error}, {pack.documents.count()} document, {error}"
    return "changed"


def _broken() -> list[Any]:
    with connection.cursor() as cursor:
        return list(cursor.execute("PRAGMA foreign_key_check").fetchall())
