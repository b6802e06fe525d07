"""What the legal drafts take from the facts: one set of fields, so that the drafts cannot disagree."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from documents.facts import PackFacts, Tranche
from documents.facts.checklist import Need
from documents.facts.schedule import ScheduledPayment, payments_of
from documents.kinds.kind import Fields
from documents.kinds.wording import LAWS, due_words, headroom_words, rate_fields, sizing_words
from documents.rendering.templating import day, day_short
from documents.rendering.text import printable, shortened
from engine.project.derive import it_load_mw
from engine.terms import BalloonMode
from lib.figures import money
from lib.figures import months as months_words

HEAD_LENGTH, COVER_LENGTH = 60, 160
COVER = ("dscr_minimum", "dscr_average", "llcr", "plcr", "icr", "total_dscr_minimum", "notional_dscr_minimum")
COUNTRIES = {"UK": "the United Kingdom", "EU": "the European Union", "US": "the United States of America"}
AMORTISATIONS = {
    "annuity": "in level payments of interest and principal",
    "straight_line": "in equal instalments of principal",
    "sculpted": "in instalments of principal sculpted to the cash available for debt service",
    "interest_only": "in one payment at maturity",
    "partial": "in level payments of interest and principal that leave a balloon at maturity",
    "cash_sweep": "in level payments of interest and principal, and earlier from cash left behind all debt",
}
INDEXATIONS = {
    "cpi": "yearly with consumer prices",
    "fixed": "yearly by a fixed step",
    "none": "not at all",
}
LEASES = {"triple_net": "triple net", "gross": "gross"}


def legal_fields(facts: PackFacts) -> Fields:
    """Every field that a legal draft may use, in plain data; `mezzanine` and the swaps are null where there is none."""
    senior, *others = facts.tranches
    return {
        "marks": _marks(facts),
        "project": _project(facts),
        "law": asdict(LAWS[str(facts.deal.inputs.country)]),
        "rate": rate_fields(facts),
        "lease": _lease(facts),
        "dates": _dates(facts),
        "currency": facts.currency,
        "has": _has(facts),
        "senior": _tranche(facts, senior),
        "mezzanine": _tranche(facts, others[0]) if others else None,
        "debt_amount": sum(tranche.amount for tranche in facts.tranches),
        "cover": _cover(facts),
        "ltv": _ltv(facts),
        "rating": _rating(facts),
        "reserve": {"months": int(facts.detail.levers["dsra_months"]), "amount": facts.structure.senior.dsra_amount},
        "lock_up": _lock_up(facts),
        "balloon": _balloon(facts),
        "inflation_swap": _inflation_swap(facts),
        "return_swap": _return_swap(facts),
        "sources": [{"label": line.label, "amount": line.amount} for line in facts.detail.sources if line.amount],
        "uses": [{"label": line.label, "amount": line.amount} for line in facts.detail.uses if line.amount],
        "fees": {"rate": facts.deal.terms.structuring_fee_rate, "amount": facts.structure.stack.fee_amount},
        "about": [{"label": label, "words": words} for label, words in facts.about],
    }  # fmt: skip


def frozen_on(facts: PackFacts) -> str:
    """The day the inputs were frozen. Papers say the same to every reader, so its zone is told: `29 January 2027 (UTC)`."""
    return f"{day(facts.as_of.date())} (UTC)"


def made_at(facts: PackFacts) -> str:
    """The moment the inputs were frozen, in UTC and without its zone, as properties of files keep it."""
    return facts.as_of.replace(tzinfo=None, microsecond=0).isoformat()


def _marks(facts: PackFacts) -> Fields:
    marks = facts.marks
    return {
        "organisation": printable(marks.organisation),
        "confidentiality": printable(marks.confidentiality),
        "version": marks.version_words,
        "lineage": facts.lineage,
        "is_draft": marks.is_draft,
        "date": frozen_on(facts),
        "made_at": made_at(facts),
    }


def _project(facts: PackFacts) -> Fields:
    inputs, title = facts.deal.inputs, printable(facts.title)
    return {
        "title": title,
        "head": shortened(title, HEAD_LENGTH),
        "cover": shortened(title, COVER_LENGTH),
        "sponsor": printable(facts.sponsor),
        "location": printable(facts.location),
        "country": COUNTRIES[str(inputs.country)],
        "gross_mw": inputs.power.gross_facility_mw,
        "it_mw": it_load_mw(inputs),
        "value_amount": facts.structure.cash.value_amount,
        "cost_amount": facts.deal.resolved.project.internal_cost_amount,
    }


def _lease(facts: PackFacts) -> Fields:
    inputs = facts.deal.inputs
    return {
        "term_years": inputs.lease.term_years,
        "kind": LEASES[str(inputs.revenue.lease_type)],
        "indexation": INDEXATIONS[str(facts.detail.levers.get("indexation", inputs.lease.indexation))],
        "tenant_rating": inputs.credit.tenant_rating,
    }


def _dates(facts: PackFacts) -> Fields:
    built = facts.deal.inputs.construction.months_from_close
    return {
        "close": day(facts.close_date),
        "operations": day(facts.operations_date),
        "lease_end": day(facts.lease_end_date),
        "first_interest": day(facts.calendar.payment_date(1 - built)),
        "first_payment": day(facts.calendar.payment_date(1)),
        "construction_months": built,
    }


def _cover(facts: PackFacts) -> Fields:
    """The run's ratios; `as_defined` is DSCR as the drafts define it: of interest-only notes interest alone is due."""
    path = facts.detail.dscr_path
    defined = {"lowest": min(path), "average": sum(path) / len(path)} if path else {"lowest": None, "average": None}
    return {"as_defined": defined, **{name: facts.detail.row[name] for name in COVER}}


def _ltv(facts: PackFacts) -> Fields:
    """Senior over each value and, as `total_...`, all debt over it."""
    row = facts.detail.row
    senior = {name: row[f"{name}_ltv_ratio"] for name in ("agency", "appraisal", "cost")}
    total = {f"total_{name}": row[f"total_{name}_ltv_ratio"] for name in ("agency", "appraisal")}
    return {**senior, **total, "total_cost": row["market_loan_to_cost_ratio"]}


def _has(facts: PackFacts) -> Fields:
    """What decides which clauses appear."""
    balloon = facts.tranches[0].balloon_amount > 0.0
    sweeps = facts.deal.terms.balloon_mode == BalloonMode.SWEEP
    return {
        "mezzanine": Need.MEZZANINE in facts.needs,
        "inflation_swap": Need.INFLATION_SWAP in facts.needs,
        "return_swap": Need.RETURN_SWAP in facts.needs,
        "swaps": Need.ANY_SWAP in facts.needs,
        "wrap": Need.WRAP in facts.needs,
        "reserve": facts.detail.levers["dsra_months"] != 0,
        "repo": Need.REPO in facts.needs,
        "balloon": balloon,
        "sweep": balloon and sweeps,
        "refinance": balloon and not sweeps,
        "bullet": facts.tranches[0].amortisation == "interest_only",
        "early_sweep": facts.tranches[0].amortisation == "cash_sweep",
    }


def _tranche(facts: PackFacts, tranche: Tranche) -> Fields:
    payments = payments_of(facts.structure, tranche.code, facts.calendar.payment_date)
    construction, part = facts.deal.inputs.construction, _side(tranche)
    return {
        "name": tranche.name,
        "amount": tranche.amount,
        "issue_amount": tranche.proceeds_amount,
        "prefunded_amount": tranche.prefunded_amount,
        "is_capitalised": construction.is_capitalised(part) and construction.covered_months(part) > 0,
        "coupon_rate": tranche.coupon_rate,
        "wrap_premium_rate": tranche.wrap_premium_rate,
        "amortisation": AMORTISATIONS[tranche.amortisation],
        "grace_months": tranche.grace_months,
        "sizing": sizing_words(facts, tranche),
        "construction_words": _construction_words(facts, tranche),
        "due": due_words(tranche),
        "legal_final": day(tranche.legal_final_date),
        "maturity_date": day(tranche.maturity_date),
        "maturity_years": tranche.maturity_months / 12.0,
        "balloon_amount": tranche.balloon_amount,
        "has_balloon": tranche.balloon_amount > 0.0,
        "wal_years": tranche.wal_years,
        "ard_wal_years": tranche.ard.wal_years if tranche.ard else None,
        "yield_rate": tranche.yield_rate,
        "payments": _side_by_side([_payment(each) for each in payments]),
    }  # fmt: skip


def _construction_words(facts: PackFacts, tranche: Tranche) -> str:
    """How interest is met until operations begin, and who meets what the tranche itself does not."""
    built, side = facts.deal.inputs.construction, _side(tranche)
    covered, months = built.covered_months(side), built.months_from_close
    if not covered:
        return "paid by the Sponsor"
    set_aside = f"paid from {money(tranche.prefunded_amount, facts.currency)} set aside for it on the Closing Date"
    own = "added to the principal amount" if built.is_capitalised(side) else set_aside
    return own if covered >= months else f"{own} for {months_words(covered)}, and then paid by the Sponsor"


def _side(tranche: Tranche) -> str:
    return "senior" if tranche.code == "senior" else "mezz"


def _payment(each: ScheduledPayment) -> Fields:
    return {"date": day_short(each.payment_date), "amount": each.principal_amount, "balance": each.balance_amount}


def _side_by_side(rows: list[Fields]) -> list[Fields]:
    """Rows of two: the first half of the table left, the second right; the last right one may be null."""
    half = (len(rows) + 1) // 2
    right: list[Any] = [*rows[half:], None]
    return [{"left": row, "right": right[at]} for at, row in enumerate(rows[:half])]


def _rating(facts: PackFacts) -> Fields:
    return {
        "indicative": facts.tranches[0].rating,
        "minimum": facts.deal.terms.minimum_rating,
        "tenant": facts.deal.inputs.credit.tenant_rating,
    }


def _lock_up(facts: PackFacts) -> Fields:
    trap = facts.cash_trap
    return {
        "steps": [{"dscr": level, "share": share} for level, share in trap.steps],
        "window_months": trap.window_months,
    }


def _balloon(facts: PackFacts) -> Fields:
    terms, senior = facts.deal.terms, facts.structure.senior
    return {
        "headroom": headroom_words(facts),
        "refinance_limit_amount": senior.refinance_limit if facts.tranches[0].balloon_amount else 0.0,
        "refinance_spread_bps": terms.refinance_spread_bps,
        "step_up_bps": terms.step_up_bps,
        "sweep_ratio": terms.sweep_ratio,
    }


def _inflation_swap(facts: PackFacts) -> Fields | None:
    swap = facts.inflation_swap
    if swap is None:
        return None
    return {
        "tenor_years": swap.tenor_years,
        "notional_amount": swap.notional_amount,
        "fixed_rate": swap.fixed_rate,
        "hedged_ratio": swap.hedged_ratio,
    }


def _return_swap(facts: PackFacts) -> Fields | None:
    swap = facts.return_swap
    if swap is None:
        return None
    return {
        "share": swap.share,
        "notional_amount": swap.notional_amount,
        "coupon_rate": swap.coupon_rate,
        "financing_rate": swap.financing_rate,
        "spread_bps": swap.spread_bps,
        "haircut_ratio": swap.haircut_ratio,
        "margin_amount": swap.margin_amount,
        "maturity_date": day(swap.maturity_date),
    }
