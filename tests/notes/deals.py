"""Notes deals that tests share, as content."""

from __future__ import annotations

from copy import deepcopy

THREE = {
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
POOL = {
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
