"""The swaps of a structure as trades: what reconciliation compares with the counterparties' confirmations.

Who the counterparty is, the trade date, the index and what follows from it are agreed with the execution: left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from documents.facts.hedges import InflationSwap, ReturnSwap
from engine.reconciliation.records import OPEN_TERMS

Trade = dict[str, str]
AGREED_AT_PRICING = ("counterparty", "trade_date", "index")
OPEN_OF_INFLATION = (*AGREED_AT_PRICING, "lag_months", "initial_index")
OPEN_OF_RETURN = (*AGREED_AT_PRICING, "index_tenor", "underlying", "price", "notional_reset")
CENT, OF_A_RATE = Decimal("0.01"), Decimal("0.00000001")


def hedge_trades(
    name: str, currency: str, effective_date: date, inflation: InflationSwap | None, return_: ReturnSwap | None
) -> list[Trade]:
    """A zero-coupon inflation swap for each leg of the strip, and the total return swap, under ids that begin with `name`."""
    common = {"currency": currency, "effective_date": effective_date.isoformat()}
    return [{**common, **each} for each in (*_inflation(name, inflation), *_return(name, return_))]


def _inflation(name: str, swap: InflationSwap | None) -> Iterator[Trade]:
    """Fixed growth received, the index's paid."""
    if swap is None:
        return
    for leg in swap.legs:
        yield {
            "product": "zcis",
            "trade_id": f"{name}-ZCIS-{leg.anniversary:02d}",
            "side": "RECEIVE_FIXED",
            "maturity_date": leg.first_date.isoformat(),
            "notional": number_text(swap.notional_amount, CENT),
            "rate": number_text(swap.fixed_rate, OF_A_RATE),
            OPEN_TERMS: " ".join(OPEN_OF_INFLATION),
        }


def _return(name: str, swap: ReturnSwap | None) -> Iterator[Trade]:
    """The notes' return received, financing paid."""
    if swap is not None:
        yield {
            "product": "trs",
            "trade_id": f"{name}-TRS",
            "side": "LONG",
            "maturity_date": swap.maturity_date.isoformat(),
            "notional": number_text(swap.notional_amount, CENT),
            "spread": number_text(swap.spread_bps / 1e4, OF_A_RATE),
            OPEN_TERMS: " ".join(OPEN_OF_RETURN),
        }


def number_text(value: float, place: Decimal) -> str:
    """A figure as a file of trades has it: to a place, a rate without its last noughts."""
    found = Decimal(repr(value)).quantize(place)
    return format(found if place == CENT else found.normalize(), "f")
