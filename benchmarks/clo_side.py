"""A CLO of 200 assets: its tests, trades, payments and defaults, warm, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import numpy as np

from engine.portfolios.assets import Pool
from engine.portfolios.batch import run_batch
from engine.portfolios.compliance import check
from engine.portfolios.defaults import draw
from engine.portfolios.papers import Papers
from engine.portfolios.payments import Opening, Period
from engine.portfolios.scenarios import ScenarioTerms, calendar_of, opening_of, periods_of
from engine.portfolios.search import search
from engine.portfolios.terms import DealTerms
from engine.portfolios.trades import Side, Trade, try_trades
from lib.grids import Grid, read_grid
from portfolios import demo_documents as documents
from portfolios.demo import PAYMENTS
from portfolios.tape import read_tape
from portfolios.translate import engine_papers, engine_pool, engine_terms

PATHS, ISSUERS, CANDIDATES, BIG = 100_000, 200, 1_000, 1_003


def clo_seconds() -> list[tuple[str, float, str]]:
    """What was done, its seconds (best of three), and the aim."""
    deal = documents.deal_json()
    tape = documents.read_pool(deal)
    content = documents.pool_content(deal, tape)
    pool, terms = engine_pool(content), engine_terms(documents.papers(deal), documents.limits(deal), content)
    big = Pool(tuple(replace(pool.assets[k % 200], blkrockid=f"B{k}") for k in range(BIG)), pool.principal_cash)
    buys = [
        Trade(Side.BUY, replace(pool.assets[k % 200], blkrockid=f"C{k}"), Decimal(100_000), Decimal(99))
        for k in range(CANDIDATES)
    ]
    plain = read_grid((documents.HERE / "pool_a.csv").read_bytes(), "pool_a.csv")
    rows = tuple((f"R{k}", *plain.rows[k % 200][1:]) for k in range(BIG))
    grid, known = Grid(plain.headers, rows, tuple(range(2, BIG + 2))), documents.known(deal)
    payments, opening, runs = _scenarios(deal, pool, terms)
    pds, losses = np.full(ISSUERS, 0.0443), np.ones(ISSUERS)
    return [
        ("54 tests, coverage of 200 assets", _best(lambda: check(pool, terms)), "0.1 s"),
        (f"the same of {BIG:,} assets, ten deals", _best(lambda: [check(big, terms) for _ in range(10)], 1), "2 s"),
        ("a trade, every test before and after", _best(lambda: try_trades(pool, buys[:1], terms)), "0.3 s"),
        (
            f"search over {CANDIDATES:,} candidates",
            _best(lambda: search(pool, terms, buys, {32: Decimal(1)}), 1),
            "10 s",
        ),
        (f"import of {BIG:,} x 71 with all problems", _best(lambda: read_tape(grid, known), 1), "3 s"),
        (
            f"{len(runs):,} scenarios of {max(map(len, runs))} dates",
            _best(lambda: run_batch(payments, opening, runs), 1),
            "5 s",
        ),
        (f"{PATHS:,} paths of {ISSUERS} issuers", _best(lambda: draw(pds, losses, PATHS, 1, 0.15)), "3 s"),
    ]


def _scenarios(deal: documents.Row, pool: Pool, terms: DealTerms) -> tuple[Papers, Opening, list[list[Period]]]:
    """A thousand scenarios of the deal over forty dates: a grid of defaults, prepayments and severities."""
    rows = documents.papers(deal)
    document = {**rows, **{name: deal[name] for name in ("closing_date", "reinvestment_end")}, "payments": PAYMENTS}
    document["classes"] = [{**row, "group": row["name"]} for row in rows["classes"]]
    calendar = calendar_of(date(2026, 7, 15), date(2036, 4, 15), 3, [], terms.determination_date)
    last = terms.period_start
    standing = {"payments_made": calendar.made, "last_pay_date": last, "last_unadjusted": last}
    grid = product(range(10), range(10), range(10))
    runs = [ScenarioTerms.from_dict({"cdr": 0.01 * a, "cpr": 0.03 * b, "severity": 0.3 + 0.05 * c}) for a, b, c in grid]
    opening = opening_of(pool, terms, **standing)
    papers = engine_papers(document, "MAG15 and 17")
    return papers, opening, [periods_of(each, calendar, last, pool, terms) for each in runs]


def _best(work: Callable[[], object], times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
