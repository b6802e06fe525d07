"""What a term sheet takes from the facts: one tranche, what it stands on, and what surrounds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from documents.facts import PackFacts, Tranche
from documents.facts.checklist import Need
from documents.kinds.kind import Fields, Part
from documents.kinds.paper import after_tax_fields
from documents.kinds.wording import LAWS, due_words, headroom_words, rate_fields, sizing_words
from engine.ratings.scale import rating_label
from engine.terms import BalloonMode
from financings.assumptions import assumptions_of


def fields(facts: PackFacts, part: Part) -> Fields:
    """The fields of one tranche's term sheet."""
    tranche = next(tranche for tranche in facts.tranches if tranche.code == part.code)
    return {
        "tranche": _tranche(facts, tranche),
        "rate": rate_fields(facts),
        "law": asdict(LAWS[str(facts.deal.inputs.country)]),
        "has": {"mezzanine": Need.MEZZANINE in facts.needs, "wrap": Need.WRAP in facts.needs},
        "other": next((_other(other) for other in facts.tranches if other.code != part.code), None),
        "project": _project(facts),
        "dates": _dates(facts, tranche),
        "schedule": _schedule(facts, tranche),
        "cover": _cover(facts),
        "after_tax": after_tax_fields(facts),
        "pricing": pricing_of(facts, tranche),
        "reserve": {"months": _lever(facts, "dsra_months"), "amount": facts.detail.row["dsra_initial_amount"]},
        "balloon": _balloon(facts),
        "hedging": {"inflation": _inflation(facts), "total_return": _total_return(facts)},
        "fees": _fees(facts),
        "assumptions": [
            {"label": each.label, "words": each.words} for each in assumptions_of(facts.deal, close=facts.close_date)
        ],
    }


def _tranche(facts: PackFacts, tranche: Tranche) -> Fields:
    built = facts.deal.inputs.construction
    side = "senior" if tranche.code == "senior" else "mezz"
    cover = built.senior_cover if side == "senior" else built.mezz_cover
    return {
        "code": tranche.code,
        "name": tranche.name,
        "amount": tranche.amount,
        "proceeds_amount": tranche.proceeds_amount,
        "prefunded_amount": tranche.prefunded_amount,
        "coupon_rate": tranche.coupon_rate,
        "amortisation": tranche.amortisation,
        "grace_months": tranche.grace_months,
        "sizing": sizing_words(facts, tranche),
        "due": due_words(tranche),
        "tenor_years": tranche.maturity_months / 12.0,
        "wal_years": tranche.wal_years,
        "ard": tranche.ard,
        "yield_rate": tranche.yield_rate,
        "rating": tranche.rating,
        "wrap_premium_rate": tranche.wrap_premium_rate if tranche.is_wrapped else None,
        "construction_cover": cover,
        "covered_months": built.covered_months(side),
    }


def _other(tranche: Tranche) -> Fields:
    return {"name": tranche.name, "amount": tranche.amount, "coupon_rate": tranche.coupon_rate}


def _project(facts: PackFacts) -> Fields:
    inputs = facts.deal.inputs
    told = inputs.to_dict().get("meta", {})
    return {
        "sponsor": told.get("sponsor_name") or "",
        "location": told.get("location") or "",
        "country": inputs.country,
        "gross_facility_mw": inputs.power.gross_facility_mw,
        "lease_years": inputs.lease.term_years,
        "lease_type": inputs.revenue.lease_type,
        "tenant_rating": inputs.credit.tenant_rating,
        "construction_months": inputs.construction.months_from_close,
    }


def _dates(facts: PackFacts, tranche: Tranche) -> Fields:
    return {
        "operations": facts.operations_date,
        "first_interest": facts.calendar.payment_date(1 - facts.deal.inputs.construction.months_from_close),
        "first_payment": facts.calendar.payment_date(1),
        "maturity": tranche.maturity_date,
        "lease_end": facts.lease_end_date,
    }


def _schedule(facts: PackFacts, tranche: Tranche) -> Fields:
    """Years to maturity and what is refinanced then; where a balloon is swept, all years until it is repaid."""
    swept = facts.deal.terms.balloon_mode == BalloonMode.SWEEP
    term = tranche.maturity_months // 12
    years = tranche.years if swept else tranche.years[:term]
    left = years[-1].closing_balance_amount
    refinanced = left if left > 1e-9 * tranche.amount else 0.0
    return {
        "years": [
            {
                "year": year.year,
                "end_date": year.end_date,
                "opening_amount": opening,
                "interest_amount": year.interest_amount,
                "principal_amount": year.principal_amount,
                "closing_amount": year.closing_balance_amount,
            }
            for year, opening in zip(years, (tranche.amount, *(y.closing_balance_amount for y in years)), strict=False)
        ],
        "balloon_amount": refinanced,
        "interest_amount": sum(year.interest_amount for year in years),
        "principal_amount": sum(year.principal_amount for year in years) + refinanced,
    }


def _cover(facts: PackFacts) -> Fields:
    row = facts.detail.row
    names = (
        "dscr_minimum", "dscr_average", "llcr", "plcr", "icr", "worst_stressed_dscr", "agency_ltv_ratio",
        "appraisal_ltv_ratio", "total_dscr_minimum", "total_dscr_average", "notional_dscr_minimum", "debt_yield_ratio",
        "total_agency_ltv_ratio", "total_appraisal_ltv_ratio", "loan_to_cost_ratio", "market_loan_to_cost_ratio",
        "equity_ratio", "cash_released_amount",
    )  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "lock_up_steps": list(facts.cash_trap.steps),
        "lock_up_months": facts.cash_trap.window_months,
    }


def pricing_of(facts: PackFacts, tranche: Tranche) -> Fields:
    """Benchmark, spread and fair coupon of the tranche; none without a market set, or where nothing is quoted."""
    is_senior = tranche.code == "senior"
    row, market_set = facts.detail.row, facts.deal.market
    layer = facts.structure.senior if is_senior else facts.structure.mezz
    fair = row["senior_fair_coupon_rate" if is_senior else "mezz_fair_coupon_rate"]
    notch = row["rating_notch" if is_senior else "mezz_rating_notch"]
    if market_set is None or fair is None or notch is None:
        return {"fair_coupon_rate": None}
    benchmark = market_set.market_for(facts.deal.inputs.currency).zero_rate(layer.priced_wal_years)
    return {
        "fair_coupon_rate": fair,
        "benchmark_rate": benchmark,
        "spread_bps": (tranche.coupon_rate - benchmark) * 1e4,
        "life_years": layer.priced_wal_years,
        "rating": rating_label(int(notch)),
        "market_set": market_set.version,
    }


def _balloon(facts: PackFacts) -> Fields:
    terms = facts.deal.terms
    return {
        "swept": terms.balloon_mode == BalloonMode.SWEEP,
        "headroom": headroom_words(facts),
        "refinance_spread_bps": terms.refinance_spread_bps,
        "step_up_bps": terms.step_up_bps,
        "sweep_ratio": terms.sweep_ratio,
    }


def _inflation(facts: PackFacts) -> Mapping[str, Any] | None:
    swap = facts.inflation_swap
    if swap is None:
        return None
    names = ("tenor_years", "notional_amount", "fixed_rate", "hedged_ratio")
    return {name: getattr(swap, name) for name in names}


def _total_return(facts: PackFacts) -> Mapping[str, Any] | None:
    swap = facts.return_swap
    if swap is None:
        return None
    names = ("share", "notional_amount", "financing_rate", "spread_bps", "haircut_ratio", "margin_amount")
    return {name: getattr(swap, name) for name in names}


def _fees(facts: PackFacts) -> Fields:
    terms = facts.deal.terms
    return {
        "rate": terms.structuring_fee_rate,
        "fixed_amount": terms.structuring_fee_fixed_amount,
        "amount": facts.detail.row["structuring_fee_amount"],
    }


def _lever(facts: PackFacts, code: str) -> int:
    return int(float(facts.detail.levers.get(code) or 0))
