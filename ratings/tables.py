"""The tables of a rule set that stand row by row, and what each column holds: text, a yes or no, or a number that may
be open.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.errors import Problem

TEXT, NUMBER, FLAG = "text", "number", "flag"
SAID = {"provenance": TEXT, "source": TEXT}
HAIRCUTS = "haircuts"
ROW_TABLES: dict[str, dict[str, str]] = {
    "repo_haircuts": {"rating": TEXT, "max_tenor_years": NUMBER, "haircut_ratio": NUMBER, **SAID},
    "wrap_premium_bps": {"rating": TEXT, "minimum_bps": NUMBER, "maximum_bps": NUMBER, **SAID},
    "agency_bands": {
        "agency": TEXT,
        "reading": TEXT,
        "row": TEXT,
        "category": TEXT,
        "low": NUMBER,
        "high": NUMBER,
        **SAID,
    },
    "central_bank_rules": {"central_bank": TEXT, "rule": TEXT, "value": TEXT, "unit": TEXT, **SAID},
    "rating_scale": {
        "notch": NUMBER,
        "sp": TEXT,
        "moodys": TEXT,
        "fitch": TEXT,
        "investment_grade": FLAG,
        "moodys_rating_factor": NUMBER,
        "eurosystem_cqs": NUMBER,
        "crr_cqs": NUMBER,
        **SAID,
    },
    "collateral_classes": {
        "code": TEXT,
        "label": TEXT,
        "family": TEXT,
        "nearest": TEXT,
        "nearest_label": TEXT,
        **SAID,
    },
    "collateral_facilities": {
        "code": TEXT,
        "bank": TEXT,
        "name": TEXT,
        "gives": TEXT,
        "region": TEXT,
        "structure_type": TEXT,
        "haircut_basis": TEXT,
        **SAID,
    },
    "collateral_criteria": {
        "facility": TEXT,
        "code": TEXT,
        "label": TEXT,
        "kind": TEXT,
        "limit": NUMBER,
        "rating": TEXT,
        "count": NUMBER,
        "evidence": TEXT,
        "binding": FLAG,
        "accepted": TEXT,
        "open_to": TEXT,
        **SAID,
    },
    "collateral_haircuts": {
        "facility": TEXT,
        "asset_class": TEXT,
        "rating": TEXT,
        "from_years": NUMBER,
        "below_years": NUMBER,
        "haircut_ratio": NUMBER,
        **SAID,
    },
    HAIRCUTS: {
        "central_bank": TEXT,
        "asset": TEXT,
        "category": TEXT,
        "credit_quality": TEXT,
        "coupon": TEXT,
        "bucket": TEXT,
        "haircut_pct": TEXT,
        **SAID,
    },
}
# Tables that rule sets made before them do not have.
LATER_TABLES = (
    "rating_scale",
    "collateral_classes",
    "collateral_facilities",
    "collateral_criteria",
    "collateral_haircuts",
)
# What a spreadsheet's cell may hold, with room to spare.
LONGEST_TEXT = 4_000
CONTROLS = frozenset(map(chr, (*range(10), *range(11, 32), 127)))


def row_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Columns that are unknown, not there or of the wrong kind, in the tables that stand row by row."""
    tables = [(name, name, content.get(name, [])) for name in ROW_TABLES if name != HAIRCUTS]
    for bank in content.get("central_banks", []):
        rows = bank.get(HAIRCUTS, [])
        place = f"central_banks.{bank.get('jurisdiction')}.{HAIRCUTS}"
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            return [Problem("not_rows", place, f"{place}: expected a list of rows with named values.")]
        tables.append((HAIRCUTS, place, rows))
    return [
        problem
        for name, place, rows in tables
        for number, row in enumerate(rows, start=1)
        for problem in _problems(ROW_TABLES[name], f"{place}.row {number}", row)
    ]


@lru_cache(maxsize=4_096)
def text_problem(text: str) -> str:
    """What keeps a text from being kept in a spreadsheet; empty if nothing does."""
    if len(text) > LONGEST_TEXT:
        return f"expected at most {LONGEST_TEXT:,} characters, got {len(text):,}"
    if CONTROLS & set(text):
        return "expected printable text, got control characters"
    return ""


def _problems(columns: Mapping[str, str], place: str, row: Mapping[str, Any]) -> list[Problem]:
    said = place.replace(".", " ")
    # Provenance and source are asked for with their cell.
    missing = [name for name in columns if name not in row and name not in SAID]
    return [
        *(Problem("unknown", f"{place}.{name}", f"{said}: {name} is no column of it.") for name in row if name not in columns),
        *(Problem("missing", f"{place}.{name}", f"{said}: {name} is missing.") for name in missing),
        *(
            Problem("wrong_kind", f"{place}.{name}", f"{said}: {name}: expected {_kind(columns[name])}, got {row[name]!r}.")
            for name in columns
            if name in row and not _fits(columns[name], row[name])
        ),
    ]  # fmt: skip


def _kind(kind: str) -> str:
    return {NUMBER: "a number or nothing", FLAG: "true or false"}.get(kind, "text")


def _fits(kind: str, value: Any) -> bool:
    if kind == NUMBER:
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return isinstance(value, bool if kind == FLAG else str)
