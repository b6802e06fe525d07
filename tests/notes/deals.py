"""Notes deals that tests share, as content."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

THREE: dict[str, Any] = {
    "code": "THREE", "name": "Three classes", "currency": "EUR", "closing_date": "2026-01-15",
    "payment_frequency_months": 1,
    "classes": [
        {"code": "A", "name": "Class A", "balance_amount": 600.0, "coupon_rate": 0.036},
        {"code": "B", "name": "Class B", "balance_amount": 300.0, "coupon_rate": 0.06},
        {"code": "C", "name": "Class C", "balance_amount": 100.0, "coupon_rate": 0.096, "deferrable": True},
    ],
    "fees": [{"code": "servicing", "name": "Servicing fee", "annual_rate": 0.006}],
    "interest_steps": [
        {"kind": "fee", "target": "servicing"},
        {"kind": "interest", "target": "A"},
        {"kind": "interest", "target": "B"},
        {"kind": "deferred_interest", "target": "C"},
        {"kind": "interest", "target": "C"},
        {"kind": "residual"},
    ],
    "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
}  # fmt: skip
POOL: dict[str, Any] = {
    "loans": [
        {"code": "L1", "currency": "EUR", "balance_amount": 700.0, "coupon_rate": 0.072, "remaining_months": 4, "amortisation": "straight_line"},
        {"code": "L2", "currency": "EUR", "balance_amount": 300.0, "coupon_rate": 0.06, "remaining_months": 3, "amortisation": "interest_only"},
    ]
}  # fmt: skip


def three(**changes):
    """The content of the three-class deal with some parts replaced."""
    return deepcopy(THREE) | changes


def steps_with(table, number, **changes):
    """The steps of the three-class deal, one changed."""
    steps = deepcopy(THREE[table])
    steps[number] |= changes
    return {table: steps}


def _five():
    rows = [("A", 600.0, 0.03), ("B", 200.0, 0.04), ("C", 100.0, 0.05), ("D", 60.0, 0.06), ("E", 20.0, 0.08)]
    steps = [{"kind": "fee", "target": "trustee"}, {"kind": "fee", "target": "servicing"}]
    for code, _, _ in rows:
        steps.append({"kind": "interest", "target": code})
        if code > "B":
            steps.append({"kind": "deferred_interest", "target": code})
        steps.append({"kind": "ledger", "target": code})
    return {
        "code": "FIVE", "name": "Five classes", "currency": "EUR", "closing_date": "2026-01-31",
        "payment_frequency_months": 3,
        "classes": [
            {"code": code, "name": f"Class {code}", "balance_amount": amount, "coupon_rate": rate, "deferrable": code > "B"}
            for code, amount, rate in rows
        ],
        "fees": [
            {"code": "servicing", "name": "Servicing fee", "annual_rate": 0.004},
            {"code": "trustee", "name": "Trustee fee", "annual_amount": 0.1},
        ],
        "reserve": {"target_ratio": 0.02, "floor_amount": 5.0, "initial_amount": 19.6},
        "triggers": [
            {"code": "either", "kind": "any", "of": ["oc", "loss"]},
            {"code": "oc", "kind": "oc", "class_code": "C", "limit": 1.08},
            {"code": "loss", "kind": "cumulative_loss", "limit": 0.05, "cures": False},
        ],
        "principal_rule": {"kind": "pro_rata", "switch_trigger": "either", "switch_kind": "sequential"},
        "clean_up_ratio": 0.1,
        "interest_steps": [*steps, {"kind": "reserve"}, {"kind": "residual"}],
        "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
    }  # fmt: skip


FIVE = _five()
FIVE_POOL = {
    "loans": [
        {"code": "M1", "currency": "EUR", "balance_amount": 700.0, "coupon_rate": 0.06, "remaining_months": 120},
        {"code": "M2", "currency": "EUR", "balance_amount": 300.0, "coupon_rate": 0.055, "remaining_months": 84, "amortisation": "interest_only"},
    ]
}  # fmt: skip
