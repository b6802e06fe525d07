"""A basket's rows as trades of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.errors import Problem
from engine.portfolios.assets import Asset
from engine.portfolios.search import Ranked, search
from engine.portfolios.trades import Side, Trade, Tried, try_trades
from lib.errors import Invalid
from portfolios.models import Basket, ComplianceRun, PoolSnapshot
from portfolios.queries import checked, known_assets, latest_run
from portfolios.typed import read_typed

MOST_CANDIDATES = 1_000


def trades_of(basket: Basket) -> list[Trade]:
    """The basket's trades; raises Invalid for an asset that is no longer known."""
    known = known_assets(basket.deal)
    problems = [
        Problem("unknown_asset", f"trades.{number}", f"Trade {number}: {row['asset']} is neither held nor a candidate.")
        for number, row in enumerate(basket.trades, start=1)
        if row["asset"] not in known
    ]
    if problems:
        raise Invalid(problems)
    return [_trade(row, known[row["asset"]]) for row in basket.trades]


def _trade(row: dict[str, Any], asset: Any) -> Trade:
    return Trade(Side(row["side"]), asset, Decimal(row["par"]), Decimal(row["price_pct"]))


def run_of(pool: PoolSnapshot) -> ComplianceRun:
    """The tests of the basket's own pool."""
    found = pool.test_runs.select_related("limit_set", "snapshot", "deal").order_by("-pk").first()
    assert found is not None
    return found


def tried(basket: Basket) -> Tried:
    """Every test before and after the basket."""
    pool, terms, before = checked(run_of(basket.snapshot))
    return try_trades(pool, trades_of(basket), terms, before)


def candidates_of(basket: Basket) -> list[Asset]:
    """What the deal might buy and does not hold, by name of the issue."""
    held = {row["blkrockid"] for row in basket.snapshot.content["assets"]}
    known = known_assets(basket.deal)
    return sorted((asset for name, asset in known.items() if name not in held), key=lambda a: a.issue_name)


def ranked(basket: Basket, side: Side, par: Decimal, weights: Mapping[int, Decimal]) -> list[Ranked]:
    """A purchase of each candidate at its market value, or a sale of what is held of it, on top of the basket; best first.

    Raises Invalid or InputProblems where the basket itself cannot be traded.
    """
    pool, terms, _ = checked(run_of(basket.snapshot))
    chosen = candidates_of(basket) if side is Side.BUY else pool.assets
    tries = [
        Trade(side, a, par if side is Side.BUY else min(par, a.deal_par_amount), a.market_value or Decimal(100))
        for a in chosen[:MOST_CANDIDATES]
    ]
    return search(pool, terms, tries, weights, trades_of(basket))


def is_stale(basket: Basket) -> bool:
    """True where the deal has a newer pool than the one the trades were tried on."""
    run = latest_run(basket.deal)
    return run is not None and run.snapshot_id != basket.snapshot_id


def read_trade(side: str, asset: str, par: str, price: str, numbers: str = "") -> dict[str, str]:
    """One trade, typed in the reader's number format or written in `numbers`, as the row keeps it; raises Invalid."""
    problems = []
    if side not in tuple(Side):
        problems.append(Problem("side", "side", "Side: choose buy or sell."))
    if not asset:
        problems.append(Problem("asset", "asset", "Asset: choose one."))
    found: dict[str, Decimal] = {}
    for name, text in (("par", par), ("price", price)):
        try:
            found[name] = read_typed(text, name, numbers=numbers)
        except Invalid as error:
            problems += error.problems
            continue
        if found[name] <= 0:
            problems.append(Problem("number", name, f"{name.capitalize()}: expected more than nought, got {text}."))
    if problems:
        raise Invalid(problems)
    return {"side": side, "asset": asset, "par": f"{found['par']:f}", "price_pct": f"{found['price']:f}"}


def as_rows(trades: Sequence[Trade]) -> list[dict[str, str]]:
    """Trades as a basket keeps them."""
    return [
        {"side": t.side.value, "asset": t.asset.blkrockid, "par": f"{t.par:f}", "price_pct": f"{t.price_pct:f}"}
        for t in trades
    ]
