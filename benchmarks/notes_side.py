"""Scenarios of a notes deal: five classes, 360 months, a pool of one line and one of a thousand loans."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.notes.batch import run_batch
from engine.notes.collateral import pool_flows
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.run import run_notes
from engine.notes.terms import Behaviour, NoteStructure, Pool

SCENARIOS, THREADS, LOANS = 10_000, 2, 1_000
ROWS = (("A", 600e6, 0.03), ("B", 200e6, 0.04), ("C", 100e6, 0.05), ("D", 60e6, 0.06), ("E", 20e6, 0.08))


def five_classes() -> NoteStructure:
    """Pro rata until a coverage or loss trigger; ledgers, reserve, deferral, call: 34 steps."""
    steps: list[dict[str, object]] = [{"kind": "fee", "target": "trustee"}, {"kind": "fee", "target": "servicing"}]
    for code, _, _ in ROWS:
        steps.append({"kind": "interest", "target": code})
        if code > "B":
            steps.append({"kind": "deferred_interest", "target": code})
        steps.append({"kind": "ledger", "target": code})
    return read_structure(
        {
            "code": "BENCH", "name": "Five classes", "currency": "EUR", "closing_date": "2026-01-15", "payment_frequency_months": 1,
            "classes": [
                {"code": code, "name": code, "balance_amount": amount, "coupon_rate": rate, "deferrable": code > "B"}
                for code, amount, rate in ROWS
            ],
            "fees": [
                {"code": "servicing", "name": "Servicing", "annual_rate": 0.004},
                {"code": "trustee", "name": "Trustee", "annual_amount": 100_000},
            ],
            "reserve": {"target_ratio": 0.02, "floor_amount": 5e6, "initial_amount": 19.6e6},
            "triggers": [
                {"code": "oc", "kind": "oc", "class_code": "C", "limit": 1.08},
                {"code": "loss", "kind": "cumulative_loss", "limit": 0.05, "cures": False},
                {"code": "either", "kind": "any", "of": ["oc", "loss"]},
            ],
            "principal_rule": {"kind": "pro_rata", "switch_trigger": "either", "switch_kind": "sequential"},
            "clean_up_ratio": 0.1,
            "interest_steps": [*steps, {"kind": "reserve"}, {"kind": "residual"}],
            "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
        }
    )  # fmt: skip


def pool_of(loans: int) -> Pool:
    """A billion at 6% over 360 months, in so many loans of unlike coupons."""
    rates = np.linspace(0.05, 0.07, loans) if loans > 1 else [0.06]
    rows = [
        {"code": f"L{k}", "currency": "EUR", "balance_amount": 1e9 / loans, "coupon_rate": float(rate), "remaining_months": 360}
        for k, rate in enumerate(rates)
    ]  # fmt: skip
    return read_pool({"loans": rows})


def scenarios(count: int) -> list[Behaviour]:
    """Prepayment and default rates of up to 10% a year each, by a seed."""
    drawn = np.random.default_rng(1).uniform(0.0, 0.1, (count, 2)).tolist()
    return [
        read_behaviour(
            {
                "prepayment_kind": "cpr", "prepayment": cpr, "default_kind": "cdr", "default": cdr, "severity_ratio": 0.4,
                "recovery_lag_months": 12,
            }
        )
        for cpr, cdr in drawn
    ]  # fmt: skip


def notes_seconds() -> list[tuple[str, float, str]]:
    """What was done, its seconds, and the aim."""
    structure, pool, many = five_classes(), pool_of(1), scenarios(SCENARIOS)
    run_batch(structure, pool, many[:2])
    with ThreadPoolExecutor(THREADS) as threads:
        batch = _seconds(lambda: run_batch(structure, pool, many, spread=threads.map))
    thousand = pool_of(LOANS)
    return [
        (f"{SCENARIOS:,} scenarios, five classes, {THREADS} threads", batch, "3 s"),
        (f"{LOANS:,} loans, one scenario", _seconds(lambda: pool_flows(thousand, many[0])), "0.1 s"),
        ("one scenario with its trace", _seconds(lambda: run_notes(structure, pool, many[0])), "1 s"),
    ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
