"""Classes of public data-centre securitisations, as their agencies and the trade press published them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

FILE = Path(__file__).resolve().parents[1] / "data" / "datacentre_abs_terms.csv"
NOT_PUBLISHED = "\N{EN DASH}"


class Comparable(NamedTuple):
    """A class as published, in words; a dash for what was not."""

    deal: str
    date: str
    code: str
    amount: str
    rating: str
    coupon: str
    ltv: str
    ard: str
    legal_final: str
    source: str


@cache
def comparables() -> tuple[Comparable, ...]:
    """Every class on file, in the file's order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_read(row) for row in csv.DictReader(file))


def _read(row: dict[str, str]) -> Comparable:
    def said(name: str, suffix: str = "") -> str:
        text = (row[name] or "").strip()
        return f"{text}{suffix}" if text else NOT_PUBLISHED

    agency = f", {row['agency']}" if row["agency"] else ""
    ltv = said("ltv_pct")
    return Comparable(
        row["deal"], row["date"], row["class"], f"{row['ccy']} {row['amount_m']}m", f"{said('rating')}{agency}",
        said("coupon_pct", "%"), ltv if not ltv[-1].isdigit() else f"{ltv}%", said("ard"), said("legal_final"),
        (urlsplit(row["source_url"]).hostname or NOT_PUBLISHED).removeprefix("www."),
    )  # fmt: skip
