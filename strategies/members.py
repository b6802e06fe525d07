"""The members of a universe as rows of its JSON: declared once for form, file and engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import Problem
from engine.strategies.panels import Days
from engine.strategies.universes import Member, membership, problems_of_members
from strategies.models import Universe

Row = Mapping[str, Any]
MOST_MEMBERS = 20_000
MEMBER_FIELDS = (
    FieldSpec("ident", "Id", FieldKind.TEXT, required=True, maximum=40, help="As the panels name it."),
    FieldSpec("name", "Name", FieldKind.TEXT, required=True, maximum=120),
    FieldSpec("sector", "Sector", FieldKind.TEXT, required=True, maximum=60),
    FieldSpec("currency", "Currency", FieldKind.TEXT, required=True, maximum=3),
    FieldSpec("esg_score", "ESG score", FieldKind.NUMBER, minimum=0, maximum=100),
    FieldSpec("from_date", "From", FieldKind.DATE, required=True),
    FieldSpec("until_date", "Until", FieldKind.DATE, help="The last day; empty while it is in."),
)  # fmt: skip


def read_members(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The rows as the universe keeps them, and what is wrong with them; a place is row and field."""
    found: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=1):
        reader = Reader(MEMBER_FIELDS, row)
        values = reader.read()
        values["currency"] = str(values["currency"] or "").upper()
        values["ident"] = str(values["ident"] or "").strip()
        if not reader.problems:
            found.append(values)
        problems += [Problem(p.code, f"{number}.{p.place}", f"Row {number}: {p.message}") for p in reader.problems]
    return found, problems


def joined(before: Iterable[Row], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Members with further rows: one of the same id and first day takes the place of the one that was there."""
    held = {(row["ident"], row["from_date"]): dict(row) for row in (*before, *rows)}
    return [held[key] for key in sorted(held)]


def stays_of(rows: Iterable[Row]) -> list[Member]:
    """The members as the engine reads them."""
    return [Member(row["ident"], _day(row["from_date"]), _last_day(row)) for row in rows]


def overlaps(rows: Sequence[Row]) -> list[Problem]:
    """Stays that end before they begin or overlap."""
    return problems_of_members(stays_of(rows))


def sectors_of(universe: Universe) -> dict[str, str]:
    """The sector of each name, of its last stay."""
    return {row["ident"]: row.get("sector") or "" for row in universe.members}


def currencies_of(universe: Universe) -> dict[str, str]:
    """The currency of each name, of its last stay."""
    return {row["ident"]: row["currency"] for row in universe.members if row.get("currency")}


def members_by_day(universe: Universe, days: Days, names: Sequence[str]) -> NDArray[np.bool_] | None:
    """Who was a member on which day; None for a universe without members, where all names count."""
    return membership(stays_of(universe.members), days, names) if universe.members else None


def is_member_on(row: Row, day: date) -> bool:
    """Whether the stay holds the day."""
    text = day.isoformat()
    return bool(row["from_date"] <= text and (not row.get("until_date") or text <= row["until_date"]))


def _day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def _last_day(row: Row) -> np.datetime64 | None:
    return _day(row["until_date"]) if row.get("until_date") else None
