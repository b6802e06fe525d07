"""The reference pools as the engine takes them, and what is expected of them."""

import csv
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from engine.portfolios.assets import Pool
from engine.portfolios.compliance import Compliance, check
from engine.portfolios.terms import DealTerms
from portfolios import demo_documents as demo
from portfolios.translate import engine_pool, engine_terms

REFERENCE = Path(__file__).resolve().parent / "reference"
POOLS = ("pool_a", "pool_b")
LOOSE = Decimal("1e-9")


def expected(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text(), parse_float=Decimal)


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@cache
def case(pool: str) -> tuple[Pool, DealTerms]:
    deal = demo.deal_json()
    tape = demo.read_pool(deal, demo.HERE if pool == "pool_a" else REFERENCE, pool)
    assert not tape.refused_rows
    content = demo.pool_content(deal, tape, pool)
    terms = engine_terms(demo.papers(deal, pool), demo.limits(deal), content, deal["previous_results"][pool])
    return engine_pool(content), terms


@cache
def checked(pool: str) -> Compliance:
    return check(*case(pool))


def near(ours: Decimal | None, theirs: Any) -> bool:
    """Equal at the reference's relative 1e-9."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    other = Decimal(theirs)
    return abs(ours - other) <= LOOSE * max(abs(other), LOOSE)
