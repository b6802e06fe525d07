"""The issuer's own swaps: in words, what they come to in a run and under the market, and as trades that reconciliation reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from documents.hedge_trades import (
    AGREED_AT_PRICING,
    CENT,
    OF_A_RATE,
    OPEN_OF_INFLATION,
    OPEN_OF_RETURN,
    Trade,
    number_text,
)
from engine.market import CurrencyMarket
from engine.notes.hedges import BPS, date_number
from engine.notes.papers import dates_of
from engine.notes.run import NotesResult
from engine.notes.terms import Hedge, HedgeKind, HedgeSide, NoteStructure, Notional
from engine.reconciliation.records import OPEN_TERMS
from lib import figures
from lib.text import day_words
from securitisation.translate import Deal

KIND_WORDS = {
    HedgeKind.RATE: "Interest rate swap",
    HedgeKind.BASIS: "Basis swap",
    HedgeKind.INFLATION: "Zero-coupon inflation swap",
    HedgeKind.RETURN: "Total return swap",
}


# In words


def hedge_lines(structure: NoteStructure) -> list[tuple[str, str]]:
    """Each swap of the issuer with its terms in a sentence."""
    return [(each.name, hedge_words(structure, each)) for each in structure.hedges]


def hedge_words(structure: NoteStructure, hedge: Hedge) -> str:
    """What is exchanged, on what, from when to when, with whom, and what is assumed of the counterparty."""
    pays, receives = _named_leg(hedge), _other_leg(hedge)
    if hedge.side == HedgeSide.RECEIVE:
        pays, receives = receives, pays
    said = f"{KIND_WORDS[hedge.kind]} on {_on(structure, hedge)}: the issuer pays {pays} and receives {receives}"
    first, last = _first_day(structure, hedge), _last_day(structure, hedge)
    said += f", from {day_words(first)} to {day_words(last)}"
    said += f"; with {hedge.counterparty}" if hedge.counterparty else ""
    if hedge.default_months is None:
        return said
    said += f"; the counterparty is assumed to default after {figures.months(hedge.default_months)}"
    owed, currency = hedge.termination_amount, structure.currency
    if not owed:
        return said
    return f"{said}, when {figures.money(abs(owed), currency)} is owed {'by' if owed > 0.0 else 'to'} the issuer"


def _named_leg(hedge: Hedge) -> str:
    return {
        HedgeKind.RATE: figures.agreed(hedge.fixed_rate, "rate"),
        HedgeKind.BASIS: f"the other index (the index + {figures.agreed(hedge.basis_bps, 'bps')} in the base case)",
        HedgeKind.INFLATION: f"growth of {figures.agreed(hedge.fixed_rate, 'rate')} a year, once",
        HedgeKind.RETURN: "interest less losses of it",
    }[hedge.kind]


def _other_leg(hedge: Hedge) -> str:
    if hedge.kind == HedgeKind.INFLATION:
        return f"inflation's growth ({figures.agreed(hedge.inflation_rate, 'rate')} a year in the base case)"
    return f"the index + {figures.agreed(hedge.margin_bps, 'bps')}" if hedge.margin_bps else "the index"


def _on(structure: NoteStructure, hedge: Hedge) -> str:
    if hedge.notional_kind == Notional.AMOUNT:
        return figures.money(hedge.notional_amount, structure.currency)
    what = "the pool" if hedge.notional_kind == Notional.POOL else f"Class {hedge.notional_class}"
    return what if hedge.notional_ratio == 1.0 else f"{figures.share(hedge.notional_ratio)} of {what}"


def _day_at(structure: NoteStructure, months: int) -> date:
    """The closing, or the first payment date at or after so many months."""
    number = date_number(months, structure.payment_frequency_months)
    return dates_of(structure, number)[-1] if number else structure.closing_date


def _first_day(structure: NoteStructure, hedge: Hedge) -> date:
    return _day_at(structure, hedge.starts_months)


def _last_day(structure: NoteStructure, hedge: Hedge) -> date:
    return _day_at(structure, hedge.ends_months)


# In a run


def hedge_answer(
    result: NotesResult, market: CurrencyMarket | None, version: str, on: date | None = None
) -> dict[str, Any] | None:
    """What each swap costs in the base case by payment date, and its worth under the market on a day; None without a swap."""
    if not result.structure.hedges:
        return None
    worth = _worth(result, market, on)
    found = []
    for k, hedge in enumerate(result.structure.hedges):
        paid, unpaid = (round(float(path[k].sum()), 4) for path in (result.hedge_paid, result.hedge_unpaid[:, -1:]))
        found.append(
            {
                "code": hedge.code,
                "name": hedge.name,
                "words": hedge_words(result.structure, hedge),
                "paid_amount": paid,
                "unpaid_amount": unpaid,
                "paid": [round(float(amount), 4) for amount in result.hedge_paid[k]],
                "worth": worth.get(hedge.code),
            }
        )
    return {"market": version, "swaps": found}


def _worth(result: NotesResult, market: CurrencyMarket | None, on: date | None) -> dict[str, Any]:
    """Each swap's value by code; nothing where no market has the currency."""
    if market is None:
        return {}
    from engine.notes.hedge_values import value_hedges  # QuantLib takes its time to load, and few need it

    found = {each.code: asdict(each) for each in value_hedges(result, market, on=on)}
    for value in found.values():
        for exchange in value["exchanges"]:
            exchange["payment_date"] = exchange["payment_date"].isoformat()
    return found


def hedge_results(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The swaps of a run as its page shows them: worth, fair terms, what a basis point moves, every date with an exchange."""
    kept = summary.get("hedges") or {"swaps": []}
    dates = summary["paths"]["dates"]
    return [{**swap, **_moves(swap["worth"]), "dates": _by_date(swap, dates)} for swap in kept["swaps"]]


def _moves(worth: dict[str, Any] | None) -> dict[str, Any]:
    bumps = worth["bumps"] if worth else ()
    whole = {each["of"]: each["change_amount"] for each in bumps if each["tenor_years"] is None}
    by_tenor = [each for each in bumps if each["tenor_years"] is not None]
    return {"zero_move": whole.get("zero rates"), "breakeven_move": whole.get("breakevens"), "by_tenor": by_tenor}


def _by_date(swap: dict[str, Any], dates: list[str]) -> list[dict[str, Any]]:
    """Paid in the base case, and what the market projects, by payment date; dates with neither are left out."""
    projected = {each["payment_date"]: each for each in (swap["worth"] or {"exchanges": ()})["exchanges"]}
    paid = dict(zip(dates, swap["paid"], strict=True))
    days = sorted({*projected, *(day for day, amount in paid.items() if amount)})
    return [{"day": date.fromisoformat(day), "paid": paid.get(day), "market": projected.get(day)} for day in days]


# As trades


def issuer_trades(deal: Deal) -> list[Trade]:
    """Each swap as a trade of ours; what is agreed with the execution is left open."""
    return [_trade(deal, each) for each in deal.structure.hedges]


def _trade(deal: Deal, hedge: Hedge) -> Trade:
    structure = deal.structure
    common = {
        "trade_id": f"{structure.code}-{hedge.code}",
        "currency": structure.currency,
        "effective_date": _first_day(structure, hedge).isoformat(),
        "maturity_date": _last_day(structure, hedge).isoformat(),
        "notional": number_text(_opening_notional(deal, hedge), CENT),
        **({"counterparty": hedge.counterparty} if hedge.counterparty else {}),
    }
    terms = dict(_terms(hedge))
    left_open = [name for name in terms.pop(OPEN_TERMS).split() if name not in common]
    return {**common, **terms, OPEN_TERMS: " ".join(left_open)}


def _terms(hedge: Hedge) -> Iterator[tuple[str, str]]:
    """What the kind of swap says: a basis swap's named leg stands where a fixed one would, its rate open."""
    pays = hedge.side == HedgeSide.PAY
    if hedge.kind == HedgeKind.RETURN:
        yield from (("product", "trs"), ("side", "SHORT" if pays else "LONG"), ("spread", _spread(hedge.margin_bps)))
        yield OPEN_TERMS, " ".join(OPEN_OF_RETURN)
        return
    yield "side", "PAY_FIXED" if pays else "RECEIVE_FIXED"
    if hedge.kind == HedgeKind.INFLATION:
        yield from (("product", "zcis"), ("rate", number_text(hedge.fixed_rate, OF_A_RATE)))
        yield OPEN_TERMS, " ".join(OPEN_OF_INFLATION)
        return
    yield "product", "swap"
    if hedge.kind == HedgeKind.RATE:
        yield "rate", number_text(hedge.fixed_rate, OF_A_RATE)
    yield "spread", _spread(hedge.margin_bps)
    left_open = (*AGREED_AT_PRICING, "index_tenor", *(() if hedge.kind == HedgeKind.RATE else ("rate",)))
    yield OPEN_TERMS, " ".join(left_open)


def _opening_notional(deal: Deal, hedge: Hedge) -> float:
    """What the swap is on at closing."""
    if hedge.notional_kind == Notional.AMOUNT:
        return hedge.notional_amount
    on_class = hedge.notional_kind == Notional.CLASS
    of = deal.structure.balances[hedge.notional_class] if on_class else deal.pool.balance_amount
    return hedge.notional_ratio * of


def _spread(bps: float) -> str:
    return number_text(bps * BPS, OF_A_RATE)
