"""The issuer's swaps of a run valued on a day of one's choice under a market set of one's choice; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from accounts.models import User
from engine.market import CurrencyMarket
from lib.errors import NotFound
from lib.verbs import refuse
from ratings.models import MarketSet
from ratings.queries import market_in_force
from records.access import get_version, visible_versions
from records.models import Status
from securitisation.hedging import hedge_answer, hedge_results
from securitisation.models import NotesRun
from securitisation.running import run_of
from securitisation.translate import engine_deal

MOST_SETS = 50


@dataclass(frozen=True, slots=True)
class ValuedHedges:
    """Each swap as a run's page shows it, its worth on the day."""

    on: date
    market_set: MarketSet
    swaps: list[dict[str, Any]]


def market_sets_for(user: User, currency: str) -> list[MarketSet]:
    """The market sets that were approved and have the currency, the latest first."""
    approved = visible_versions(user, MarketSet).filter(status=Status.ACTIVE).order_by("-effective_from", "-pk")
    return [each for each in approved[:MOST_SETS] if currency in each.terms().markets]


def valued_on(user: User, run: NotesRun, on: date | None = None, market_set: UUID | str | None = None) -> ValuedHedges:
    """By default at closing under the market set in force; NotFound for a run without swaps, Invalid for a day or a set that cannot be."""
    deal = engine_deal(run.version)
    if not deal.structure.hedges:
        raise NotFound("The issuer has no swap.")
    closing = deal.structure.closing_date
    day = on or closing
    if day < closing:
        raise refuse("before_closing", "on", f"Day: expected the closing, {closing.isoformat()}, or a day after it.")
    chosen, market = _market(user, deal.structure.currency, market_set)
    result = run_of(deal, deal.behaviour)
    summary = {"hedges": hedge_answer(result, market, str(chosen), day), "paths": run.summary["paths"]}
    return ValuedHedges(day, chosen, hedge_results(summary))


def _market(user: User, currency: str, code: UUID | str | None) -> tuple[MarketSet, CurrencyMarket]:
    if code is None:
        found, market = market_in_force(currency)
    else:
        found = get_version(user, MarketSet, code)
        market = found.terms().markets.get(currency)
    if found is None or market is None:
        raise refuse("no_market", "market_set", f"Market set: none that was chosen has {currency}.")
    return found, market
