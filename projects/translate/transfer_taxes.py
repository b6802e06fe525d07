"""Taxes on the purchase of land or of the company that owns it, as data on file (projects/data/transfer_taxes.json)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.basics.fields import lookup
from engine.errors import Problem
from engine.project import TRANSFER_TAX_PLACES

DOCUMENT = Path(__file__).resolve().parent.parent / "data" / "transfer_taxes.json"
BASIS, PLACE, ACQUISITION, BANDS = (
    f"land.{name}" for name in ("stamp_duty_basis", "stamp_duty_jurisdiction", "acquisition", "stamp_duty_bands")
)
ASSET = "asset"


@dataclass(frozen=True, slots=True)
class TransferTax:
    """One tax: its bands as (from, rate), since when they hold, and where they were read."""

    place: str
    acquisition: str
    tax: str
    currency: str
    effective: str | None
    bands: tuple[tuple[float, float], ...]
    provenance: str
    source: str


@cache
def taxes_on_file() -> dict[tuple[str, str], TransferTax]:
    """Every tax by place and by what is bought."""
    rows = json.loads(DOCUMENT.read_text())["taxes"]
    taxes = (TransferTax(**{**row, "bands": tuple((start, rate) for start, rate in row["bands"])}) for row in rows)
    return {(tax.place, tax.acquisition): tax for tax in taxes}


def tax_of(inputs: Mapping[str, Any]) -> TransferTax | None:
    """The tax that these inputs choose by place and purchase; None where they choose none, or none is on file."""
    place, acquisition = lookup(inputs, PLACE), lookup(inputs, ACQUISITION) or ASSET
    if lookup(inputs, BASIS) != "bands" or not isinstance(place, str) or not isinstance(acquisition, str):
        return None
    return taxes_on_file().get((place, acquisition))


def with_bands(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with the bands on file for its place, and with no others."""
    land = payload.get("land")
    if not isinstance(land, Mapping):
        return payload
    tax, kept = tax_of(payload), {key: value for key, value in land.items() if key != "stamp_duty_bands"}
    bands = {"stamp_duty_bands": [list(band) for band in tax.bands]} if tax else {}
    return {**payload, "land": {**kept, **bands}}


def about_taxes(problem: Problem, payload: Mapping[str, Any]) -> Problem:
    """The problem; where bands are missing since no such tax is on file, one that says so at the place chosen."""
    if problem.place != BANDS:
        return problem
    place = TRANSFER_TAX_PLACES.get(str(lookup(payload, PLACE)), "this place")
    bought = "the shares of a company" if lookup(payload, ACQUISITION) == "company" else "the purchase of land"
    message = f"Stamp duty jurisdiction: no tax on {bought} is on file for {place}; enter a percentage or an amount."
    return Problem("no_tax_on_file", PLACE, message)
