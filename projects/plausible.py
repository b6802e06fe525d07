"""Figures outside what is usual: accepted, and worth a second look, since a slip of the key is off by thousands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.basics.limits import keeps
from engine.errors import Problem
from lib.figures import amount, share
from projects.translate import FiguresSoFar, figures_so_far

KW_IN_MW = 1_000
FIRST_WITHOUT_CENTS = 1_000
# What one pound, euro or dollar is in these, near enough for a band that is a multiple wide.
PER_UNIT = {"JPY": 170.0}


@dataclass(frozen=True, slots=True)
class Band:
    """What a figure usually is; `place` is the field that a slip is most often in."""

    name: str
    place: str
    label: str
    low: float
    high: float
    is_money: bool = True


BANDS = (
    Band("internal_capex_per_mw", "capex.internal.lines", "Internal capex per MW of IT load", 4e6, 20e6),
    Band("market_capex_per_mw", "capex.market.lines", "Market capex per MW of IT load", 4e6, 25e6),
    Band("rent_per_kw_month", "revenue.rent_amount", "Rent per kW of IT load a month", 50, 400),
    Band("margin", "capex.market.lines", "Developer profit over internal cost", -0.1, 0.6, is_money=False),
    Band("yield", "revenue.rent_amount", "Net operating income over internal cost", 0.04, 0.25, is_money=False),
)


def unusual(figures: FiguresSoFar | None) -> tuple[Problem, ...]:
    """A warning for each figure outside its band; nothing of figures that do not follow yet."""
    if figures is None:
        return ()
    scale = PER_UNIT.get(figures.currency, 1.0)
    found = _figures(figures.amounts)
    return tuple(
        Problem("unusual", band.place, _sentence(band, value, scale))
        for band in BANDS
        if (value := found[band.name]) is not None and not _is_usual(band, value, scale)
    )


def unusual_in(inputs: Mapping[str, Any], problems: Iterable[Problem] = ()) -> tuple[Problem, ...]:
    """The same of inputs as they are kept."""
    return unusual(figures_so_far(inputs, problems)) if inputs else ()


def _figures(amounts: Mapping[str, float | None]) -> dict[str, float | None]:
    it_load, cost = amounts.get("it_load"), amounts.get("internal_cost")
    rent = _over(amounts.get("monthly_rent"), it_load)
    return {
        "internal_capex_per_mw": _over(amounts.get("internal_capex"), it_load),
        "market_capex_per_mw": _over(amounts.get("market_capex"), it_load),
        "rent_per_kw_month": None if rent is None else rent / KW_IN_MW,
        "margin": amounts.get("developer_margin"),
        "yield": _over(amounts.get("noi"), cost),
    }


def _money(value: float) -> str:
    return amount(value, 0 if abs(value) >= FIRST_WITHOUT_CENTS else 2)


def _over(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def _is_usual(band: Band, value: float, scale: float) -> bool:
    low, high = _limits(band, scale)
    return bool(keeps(value, ">=", low) and keeps(value, "<=", high))


def _limits(band: Band, scale: float) -> tuple[float, float]:
    return (band.low * scale, band.high * scale) if band.is_money else (band.low, band.high)


def _sentence(band: Band, value: float, scale: float) -> str:
    low, high = _limits(band, scale)
    text = _money if band.is_money else share
    return f"{band.label} is {text(value)}; usual is {text(low)} to {text(high)}. Check what was typed."
