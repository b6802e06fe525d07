"""A trustee's file of figures against ours: line by line, each with its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.portfolios.compliance import Compliance
from lib.grids import Grid
from lib.verbs import refuse

TOLERANCE = Decimal("0.00005")
AMOUNT_TOLERANCE = Decimal("0.01")
HEADS = ("line", "value")


def our_figures(found: Compliance) -> dict[str, tuple[str, Decimal | None]]:
    """Ours by the code a file names them by: a test's number, `OC B`, `IC B`, and the amounts."""
    figures: dict[str, tuple[str, Decimal | None]] = {
        str(result.rule.number): (result.rule.name, result.value) for result in found.results
    }
    for each in found.coverage.classes:
        for code, ratio in (("OC", each.oc), ("IC", each.ic)):
            if ratio is not None:
                figures[f"{code} {each.terms.name}"] = (f"{code} of class {each.terms.name}", ratio.value)
    figures["CPA"] = ("Collateral principal amount", found.base.collateral_principal_amount)
    figures["ADJUSTED"] = ("Adjusted collateral principal amount", found.coverage.carrying.adjusted_amount)
    figures["CASH"] = ("Principal cash", found.base.principal_cash)
    return figures


def compare(grid: Grid, ours: Mapping[str, tuple[str, Decimal | None]]) -> list[dict[str, Any]]:
    """Each line of theirs with ours; figures of ours that they do not name stand at the end. Two columns: line, value."""
    heads = [head.strip().casefold() for head in grid.headers]
    if not set(HEADS) <= set(heads):
        raise refuse(
            "columns", "file", "The file needs the columns line and value: 1 to 54, OC B, IC B, CPA, ADJUSTED, CASH."
        )
    place = {head: heads.index(head) for head in HEADS}
    lines, seen = [], set()
    for number, row in zip(grid.lines, grid.rows, strict=True):
        code = " ".join(row[place["line"]].split()).upper()
        seen.add(code)
        lines.append({"row": number, "line": code, **_compared(row[place["value"]], code, ours)})
    missing = [code for code in ours if code not in seen]
    return [*lines, *({"row": None, "line": code, "name": ours[code][0], "theirs": "", "ours": _text(ours[code][1]),
                       "difference": "", "verdict": "not in the file"} for code in missing)]  # fmt: skip


def _compared(text: str, code: str, ours: Mapping[str, tuple[str, Decimal | None]]) -> dict[str, Any]:
    if code not in ours:
        return {"name": "", "theirs": text, "ours": "", "difference": "", "verdict": "unknown line"}
    name, value = ours[code]
    try:
        plain = text.replace(",", "").strip()
        theirs = Decimal(plain[:-1]) / 100 if plain.endswith("%") else Decimal(plain)
        if not theirs.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        return {"name": name, "theirs": text, "ours": _text(value), "difference": "", "verdict": "unreadable"}
    if value is None:
        return {"name": name, "theirs": text, "ours": "", "difference": "", "verdict": "not assessed"}
    difference = theirs - value
    near = AMOUNT_TOLERANCE if code in {"CPA", "ADJUSTED", "CASH"} else TOLERANCE * max(Decimal(1), abs(value))
    verdict = "agrees" if abs(difference) <= near else "differs"
    return {"name": name, "theirs": text, "ours": _text(value), "difference": f"{difference:.8f}", "verdict": verdict}


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.8f}"
