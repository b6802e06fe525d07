"""What the market asks: curves, spreads and inflation by currency, and the coupon at which notes would clear."""

from engine.market.curves import Curve
from engine.market.sets import (
    BREAKEVEN_FIELDS,
    CURRENCY_FIELDS,
    CURVE_FIELDS,
    SPREAD_FIELDS,
    CurrencyMarket,
    MarketSet,
    Seniority,
)

__all__ = [
    "BREAKEVEN_FIELDS",
    "CURRENCY_FIELDS",
    "CURVE_FIELDS",
    "SPREAD_FIELDS",
    "CurrencyMarket",
    "Curve",
    "MarketSet",
    "Seniority",
]
