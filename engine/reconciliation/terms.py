"""Tolerances, products, severity: what a reconciliation is decided by. Every limit is inclusive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

BASIS_POINT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Product:
    """A listed contract: `tick` in price, `multiplier` in currency a point of price."""

    symbol: str
    exchange: str
    tick: Decimal
    tick_value: Decimal
    multiplier: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far two sides may be apart: `_abs` in the field's unit, `_relative` as a share, ratios of names in percent."""

    rate_abs: Decimal = Decimal("0.00005")
    spread_abs: Decimal = Decimal("0.00005")
    fx_rate_relative: Decimal = Decimal("0.00005")
    notional_abs: Decimal = Decimal("1.00")
    premium_abs: Decimal = Decimal("0.01")
    price_abs: Decimal = Decimal("0.0001")
    index_level_abs: Decimal = Decimal("0.005")
    temporal_business_days: int = 2
    name_similarity: Decimal = Decimal(90)
    quantity_abs: Decimal = Decimal(0)
    price_ticks: Decimal = Decimal(1)
    settle_business_days: int = 2
    exec_seconds: int = 300
    most_lines: int = 20
    cash_abs: Decimal = Decimal("0.01")
    accrual_abs_a_line: Decimal = Decimal("0.005")
    partial_below_ratio: Decimal = Decimal("0.95")

    def fx_tolerance(self, amount: Decimal) -> Decimal:
        """How far a converted amount may be off, in its currency."""
        return max(self.fx_rate_relative * abs(amount), self.cash_abs)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that decides a run besides the records: `fx_rates` by pair, as EURUSD for dollars a euro."""

    tolerances: Tolerances = Tolerances()
    products: Mapping[str, Product] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    fx_rates: Mapping[str, Decimal] = field(default_factory=dict)
    priority: tuple[str, ...] = ("ccp", "broker", "internal")

    def tick(self, symbol: str) -> Decimal | None:
        """The tick of a product; None where it is not known."""
        product = self.products.get(symbol)
        return product.tick if product else None

    def fx_rate(self, base: str, quote: str) -> Decimal | None:
        """Units of `quote` for one of `base`."""
        if found := self.fx_rates.get(base + quote):
            return found
        turned = self.fx_rates.get(quote + base)
        return 1 / turned if turned else None
