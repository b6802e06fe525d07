"""The structure that a pool begins with: classes by the criteria of its financings' rules, house assumptions for the rest.

It is a place to begin from, not an answer: everything of it is edited, and a run says what it comes to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.market import CurrencyMarket, Seniority
from engine.project.calendar import calendar_of, own_close
from engine.ratings import notch_of
from financings.evaluation import Evaluation
from ratings.queries import market_in_force
from securitisation.models import LoanPool
from securitisation.sizing import Sized, sized_classes

# House assumptions where no rule set speaks.
SHARES_OF_A_TAPE = (("A", 0.75), ("BBB", 0.15))
SERVICING_RATE = 0.0005
TRUSTEE_AMOUNT, MOST_TRUSTEE_RATE = 50_000.0, 0.0005
RESERVE_RATIO = 0.01
CLEAN_UP_RATIO = 0.10
COVER_LIMIT = 1.05
LETTERS = "ABCDEFGHJK"
COVER = "ic"
BASE_BEHAVIOUR: Mapping[str, Any] = {
    "prepayment_kind": "none",
    "prepayment": 0.0,
    "default_kind": "cdr",
    "default": 0.005,
    "severity_ratio": 0.35,
    "recovery_lag_months": 12,
    "delinquency_ratio": 0.0,
}


def proposed(pool: LoanPool, *, code: str, name: str, today: date) -> dict[str, Any]:
    """The content of a first version."""
    evaluations = [Evaluation(financing) for financing in pool.financings.all()]
    sized = sized_classes([each.structure for each in evaluations]) if evaluations else []
    classes = _classes(pool, sized or _shares(pool))
    return {
        "code": code,
        "name": name,
        "currency": pool.currency,
        "closing_date": _closing(evaluations, today).isoformat(),
        "payment_frequency_months": 3,
        "clean_up_ratio": CLEAN_UP_RATIO,
        "index_rate": 0.0,
        "classes": classes,
        "fees": [
            {"code": "servicer", "name": "Servicer", "annual_rate": SERVICING_RATE, "annual_amount": 0.0},
            {
                "code": "trustee",
                "name": "Trustee and agents",
                "annual_rate": 0.0,
                "annual_amount": _trustee_amount(pool),
            },
        ],
        "reserve": _reserve(classes),
        "triggers": [_cover(classes)],
        "interest_steps": _interest_steps(classes),
        "principal_steps": [_step("principal"), _step("residual")],
        "principal_rule": {"kind": "sequential", "switch_trigger": "", "switch_kind": None},
    }


def _trustee_amount(pool: LoanPool) -> float:
    """A fixed amount a year, less for a pool too small to bear it."""
    return float(round(min(TRUSTEE_AMOUNT, MOST_TRUSTEE_RATE * _balance(pool)), 2))


def _balance(pool: LoanPool) -> float:
    return float(sum(loan["balance_amount"] for loan in pool.content["loans"]))


def _shares(pool: LoanPool) -> list[Sized]:
    return [Sized(rating, round(share * _balance(pool), 2)) for rating, share in SHARES_OF_A_TAPE]


def _closing(evaluations: Sequence[Evaluation], today: date) -> date:
    """The start of operations of the financing that is ready last; today for a tape."""
    inputs = [each.deal.inputs for each in evaluations]
    return max([calendar_of(each, own_close(each) or today).operations for each in inputs], default=today)


def _classes(pool: LoanPool, sized: Sequence[Sized]) -> list[dict[str, Any]]:
    market = market_in_force(pool.currency)[1]
    return [
        {
            "code": LETTERS[place],
            "name": f"Class {LETTERS[place]}",
            "balance_amount": each.balance_amount,
            "coupon_kind": "fixed",
            "coupon_rate": _coupon(pool, market, each.rating),
            "margin_bps": 0.0,
            "deferrable": place > 0,
            "ard_months": None,
            "step_up_bps": 0.0,
            "target_rating": each.rating,
            "rank": 0,
        }
        for place, each in enumerate(sized)
    ]


def _coupon(pool: LoanPool, market: CurrencyMarket | None, rating: str) -> float:
    """The fair coupon of the rating at half the pool's life, no more than the pool pays after fees."""
    loans, total = pool.content["loans"], _balance(pool)
    paid = sum(loan["balance_amount"] * loan["coupon_rate"] for loan in loans) / total - SERVICING_RATE
    years = sum(loan["balance_amount"] * loan["remaining_months"] for loan in loans) / total / 12.0
    fair = market.fair_coupon_rate(notch_of(rating), years / 2.0, Seniority.SENIOR) if market else None
    return float(round(max(0.0, min(paid, fair if fair is not None else paid)), 5))


def _reserve(classes: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    initial = round(RESERVE_RATIO * sum(each["balance_amount"] for each in classes), 2)
    return {"target_ratio": RESERVE_RATIO, "floor_amount": 0.0, "initial_amount": initial}


def _cover(classes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    last = classes[-1]["code"]
    return {"code": COVER, "kind": "ic", "limit": COVER_LIMIT, "class_code": last, "cures": True, "of": []}


def _interest_steps(classes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fees, each class's interest and deficiency in turn, the reserve, the senior class while cover fails, equity."""
    steps = [_step("fee", "servicer"), _step("fee", "trustee")]
    for each in classes:
        steps.append(_step("interest", each["code"]))
        if each["deferrable"]:
            steps.append(_step("deferred_interest", each["code"]))
        steps.append(_step("ledger", each["code"]))
    trapped = _step("principal", classes[0]["code"], f"breached:{COVER}")
    return [*steps, _step("reserve"), trapped, _step("residual")]


def _step(kind: str, target: str = "", when: str = "always") -> dict[str, Any]:
    return {"kind": kind, "target": target, "when": when, "cap_amount": None, "cap_ratio": None, "to_cure": False}
