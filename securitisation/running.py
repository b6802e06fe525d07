"""A version of a structure run under its base case, a grid of prepayment and default, and scenarios: the work of a job."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.market import CurrencyMarket
from engine.notes.batch import price_grid
from engine.notes.content import read_behaviour
from engine.notes.measures import break_even_of, enhancement_of, flows_of, measures_of, price_ratio
from engine.notes.papers import dates_of, final_date
from engine.notes.run import NotesResult, run_notes
from engine.notes.solving import equity_amount, equity_yield_rate
from engine.notes.terms import Behaviour, CouponKind, NoteClass, NoteStructure
from jobs.registry import Answer
from jobs.work import Held
from lib.numbers import finite_or_none
from ratings.queries import market_in_force
from securitisation.class_risk import capital_of, risk_of
from securitisation.hedging import hedge_answer
from securitisation.models import NotesRun
from securitisation.run_terms import RunTerms
from securitisation.translate import NIL, Deal, engine_deal

BPS = 1e-4
WHOLE = 1.0


def run_version(run: NotesRun, held: Held) -> Answer:
    """What the deal comes to by class and date, the price of each class over the grid, each scenario's classes."""
    deal = engine_deal(run.version)
    found, market = market_in_force(deal.structure.currency)
    return answer_of(deal, RunTerms.from_dict(run.terms), held.report, (str(found or ""), market))


def answer_of(
    deal: Deal,
    terms: RunTerms,
    report: Any = lambda done: None,
    market: tuple[str, CurrencyMarket | None] = ("", None),
) -> Answer:
    """The same without a job; the market set, by its name, is what the issuer's hedges are valued under."""
    base = run_of(deal, deal.behaviour)
    report(1)
    grid = _grid(deal, terms)
    report(terms.count - len(terms.scenarios))
    scenarios = []
    for number, each in enumerate(terms.scenarios, start=1):
        result = run_of(deal, read_behaviour(each["behaviour"]))
        scenarios.append({"name": each["name"], "classes": class_answers(deal, result, terms)})
        report(terms.count - len(terms.scenarios) + number)
    return {
        "classes": class_answers(deal, base, terms),
        "risk": risk_of(deal, terms.correlation_ratio),
        "risk_weights": capital_of(deal),
        "pool": pool_answer(base),
        "equity": equity_answer(deal, base),
        "break_even": break_even_answers(deal),
        "triggers": trigger_answers(base),
        "is_called": base.is_called,
        "paths": paths_of(base),
        "grid": grid,
        "scenarios": scenarios,
        "hedges": hedge_answer(base, market[1], market[0]),
    }


def run_of(deal: Deal, behaviour: Behaviour) -> NotesResult:
    """One run with its trace."""
    return run_notes(deal.structure, deal.pool, behaviour)


def _grid(deal: Deal, terms: RunTerms) -> dict[str, Any]:
    """Each class's price where the pool prepays and defaults at constant rates, else as in the base case."""
    yields = {each.code: quoted_yield(deal.structure, each, terms) for each in deal.structure.classes}
    found = price_grid(deal.structure, deal.pool, deal.behaviour, terms.cpr_rates, terms.cdr_rates, yields)
    prices = {
        each.code: [[finite_or_none(price) for price in row] for row in found[:, :, k].tolist()]
        for k, each in enumerate(deal.structure.classes)
    }
    return {"cpr": list(terms.cpr_rates), "cdr": list(terms.cdr_rates), "prices": prices}


def quoted_yield(structure: NoteStructure, note: NoteClass, terms: RunTerms) -> float:
    """The yield that a class is priced at: its coupon, the index in it where it floats, and the run's shift."""
    floats = note.coupon_kind is CouponKind.FLOATING
    coupon = structure.index_rate + note.margin_bps * BPS if floats else note.coupon_rate
    return coupon + terms.yield_shift_bps * BPS


def class_answers(deal: Deal, result: NotesResult, terms: RunTerms) -> list[dict[str, Any]]:
    """What each class comes to in one run, the most senior first."""
    amount = deal.pool.balance_amount
    below = {each.code: each for each in enhancement_of(deal.structure.balances, amount)}
    found = []
    for k, note in enumerate(deal.structure.classes):
        flows = flows_of(result, note.code)
        asked = quoted_yield(deal.structure, note, terms)
        price = price_ratio(flows, asked)
        measured = measures_of(flows, WHOLE, (deal.structure.index_rate,))
        found.append(
            {
                "code": note.code,
                "name": note.name,
                "balance_amount": note.balance_amount,
                "target_rating": note.target_rating or "",
                "coupon_rate": asked - terms.yield_shift_bps * BPS,
                "enhancement_ratio": below[note.code].enhancement_ratio,
                "attachment_ratio": below[note.code].attachment_ratio,
                "detachment_ratio": below[note.code].detachment_ratio,
                "wal_years": finite_or_none(measured.wal_years),
                "yield_rate": finite_or_none(measured.yield_rate),
                "modified_duration_years": finite_or_none(measured.modified_duration_years),
                "convexity": finite_or_none(measured.convexity),
                "discount_margin_bps": finite_or_none(measured.discount_margin_bps),
                "price_ratio": finite_or_none(price),
                "interest_amount": float(result.interest_paid[k].sum()),
                "principal_amount": float(result.principal_paid[k].sum()),
                "loss_amount": float(result.loss[k].sum()),
                "loss_ratio": float(result.loss[k].sum()) / note.balance_amount,
                "repaid_on": _repaid_on(result, k),
                "legal_final": legal_final_of(result, k).isoformat(),
                "unpaid_at_final": result.unpaid_at_final(note.code),
            }
        )
    return found


def break_even_answers(deal: Deal) -> dict[str, dict[str, float | None]]:
    """The highest default rate, and the highest severity, at which each class loses nothing."""
    found = {}
    for each in deal.structure.classes:
        stands = break_even_of(deal.structure, deal.pool, deal.behaviour, each.code)
        found[each.code] = {
            "cdr": stands.cdr,
            "severity_ratio": stands.severity_ratio,
            "first_loss_multiple": stands.first_loss_multiple,
        }
    return found


def legal_final_of(result: NotesResult, k: int) -> date:
    """The class's own legal final date, else the last payment date."""
    structure = result.structure
    own = final_date(structure.classes[k], structure.payment_frequency_months)
    return dates_of(structure, own)[-1] if own else result.periods[-1]


def _repaid_on(result: NotesResult, k: int) -> str | None:
    """The date on which nothing stands any more; None where something is left at the end."""
    standing = result.closing[k] + result.deferred[k] > NIL
    return None if standing[-1] else result.periods[int(standing.sum())].isoformat()


def pool_answer(result: NotesResult) -> dict[str, float]:
    """Totals of the pool over its life."""
    names = ("interest", "scheduled", "prepaid", "defaulted", "recovered", "loss")
    return {"balance": float(result.pool.of("opening")[0]), **{n: float(result.pool.of(n).sum()) for n in names}}


def equity_answer(deal: Deal, result: NotesResult) -> dict[str, float | None]:
    """What equity puts in at closing, is paid, and earns on it a year; None where it has no yield."""
    amount = equity_amount(deal.structure, deal.pool.balance_amount)
    earned = equity_yield_rate(amount, result.residual, deal.structure.payment_frequency_months)
    return {"amount": amount, "paid_amount": float(result.residual.sum()), "yield_rate": finite_or_none(earned)}


def trigger_answers(result: NotesResult) -> list[dict[str, Any]]:
    """Each trigger with the first date on which it was breached, and on how many it stood so."""
    found = []
    for k, trigger in enumerate(result.structure.triggers):
        breached = result.trigger_breached[k]
        first = result.periods[int(breached.argmax())].isoformat() if breached.any() else None
        found.append({"code": trigger.code, "breached_on": first, "dates": int(breached.sum())})
    return found


def paths_of(result: NotesResult) -> dict[str, Any]:
    """By payment date: what stands, what each class is paid, what equity takes."""
    codes = [each.code for each in result.structure.classes]
    return {
        "dates": [day.isoformat() for day in result.periods],
        "pool": _list(result.pool.of("closing")),
        "reserve": _list(result.reserve),
        "residual": _list(result.residual),
        **{
            name: {code: _list(values[k]) for k, code in enumerate(codes)}
            for name, values in (
                ("closing", result.closing), ("interest", result.interest_paid), ("principal", result.principal_paid)
            )
        },
    }  # fmt: skip


def _list(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]
