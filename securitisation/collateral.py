"""Financings as loans of a pool: the senior debt of each, as it is scheduled from the start of operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.deal import Structure, result_row
from engine.errors import Problem
from engine.ratings import rating_label
from financings.evaluation import Evaluation
from financings.models import Financing
from lib.errors import Invalid

SECTOR = "Data centre"
CODE_LENGTH = 8


def pool_content(financings: Sequence[Financing]) -> dict[str, Any]:
    """The senior loans of the financings; Invalid for one without debt, and for currencies that differ."""
    currencies = sorted({financing.currency for financing in financings})
    if not financings:
        raise Invalid([Problem("no_collateral", "financings", "Collateral: choose at least one financing or a pool.")])
    if len(currencies) > 1:
        sentence = f"Collateral: one pool has one currency, these are in {' and '.join(currencies)}."
        raise Invalid([Problem("mixed_currencies", "financings", sentence)])
    return {"loans": [loan_of(Evaluation(financing)) for financing in financings]}


def loan_of(evaluation: Evaluation) -> dict[str, Any]:
    """The senior debt of a financing as a loan; what stands at maturity is repaid with the last instalment."""
    financing, structure = evaluation.financing, evaluation.structure
    if not structure.runs:
        sentence = f"{financing} carries no senior debt: there is nothing to securitise."
        raise Invalid([Problem("no_debt", "financings", sentence)])
    return {
        "code": financing.content_hash[:CODE_LENGTH],
        "currency": financing.currency,
        "balance_amount": structure.senior.amount,
        "coupon_rate": structure.senior.coupon_rate,
        "remaining_months": structure.senior.maturity,
        "amortisation": "schedule",
        "schedule": balances_by_month(structure),
        "obligor": financing.project.title,
        "sector": SECTOR,
        "rating": rating_label(int(result_row(structure)["rating_notch"] or 0)),
    }


def balances_by_month(structure: Structure) -> list[float]:
    """The scheduled balance at the end of each month; at maturity, with what a balloon leaves, nothing stands."""
    months = structure.senior.maturity
    return [*(float(balance) for balance in structure.work.schedule[1:months]), 0.0]
