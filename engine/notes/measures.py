"""What an investor asks of a class: life, yield, price, spreads, durations, enhancement, and how much it stands.

Yields are nominal yearly rates compounded at each payment; prices are shares of the balance. A Z-spread is over zero rates
compounded yearly. Source: model book section 12.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalculationError
from engine.market.curves import Curve
from engine.measures.returns import duration, running_yield_rate, tranche_yield_rate, wal_years
from engine.notes.batch import losses_by_class
from engine.notes.collateral import MONTHS_A_YEAR
from engine.notes.papers import BPS, year_ratios
from engine.notes.run import NotesResult
from engine.notes.terms import Behaviour, DefaultKind, NoteStructure, Pool

Floats = NDArray[np.float64]
WIDEST_BPS = 100_000.0
SMALLEST_LOSS = 1e-9


class ClassFlows(NamedTuple):
    """What one class is paid by period, for a balance held from closing; principal is net of what it is drawn by.

    `year_ratios` are the parts of a year by its day count, equal ones where none are given.
    """

    code: str
    balance_amount: float
    interest: Floats
    principal: Floats
    frequency_months: int
    year_ratios: Floats | None = None

    @property
    def service(self) -> Floats:
        """Interest and principal."""
        return self.interest + self.principal

    @property
    def payments_a_year(self) -> float:
        """Payment dates in a year."""
        return MONTHS_A_YEAR / self.frequency_months

    @property
    def years(self) -> Floats:
        """When each payment is made, from closing."""
        return np.arange(1, self.service.size + 1) / self.payments_a_year


def flows_of(result: NotesResult, code: str) -> ClassFlows:
    """One class's payments."""
    k, structure = result.class_index(code), result.structure
    return ClassFlows(
        code, structure.classes[k].balance_amount, result.interest_paid[k],
        result.principal_paid[k] - result.drawn[k],
        structure.payment_frequency_months,
        year_ratios(structure, structure.classes[k].day_count, len(result.periods)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """One class at one price; NaN where there is no answer."""

    code: str
    price_ratio: float
    wal_years: float
    yield_rate: float
    modified_duration_years: float
    convexity: float
    discount_margin_bps: float
    z_spread_bps: float


def measures_of(
    flows: ClassFlows, price_ratio: float = 1.0, index_rates: Sequence[float] = (0.0,), zero_curve: Curve | None = None
) -> ClassMeasures:
    """Every measure at a price; no Z-spread without a curve."""
    earned = yield_rate(flows, price_ratio)
    spans = duration(flows.service, earned, flows.payments_a_year) if np.isfinite(earned) else None
    return ClassMeasures(
        flows.code,
        price_ratio,
        life_years(flows),
        earned,
        spans.modified_years if spans else float("nan"),
        spans.convexity_years2 if spans else float("nan"),
        discount_margin_bps(flows, price_ratio, index_rates),
        z_spread_bps(flows, price_ratio, zero_curve) if zero_curve else float("nan"),
    )


def life_years(flows: ClassFlows) -> float:
    """Weighted average life of the principal that is paid."""
    return wal_years(flows.principal, flows.payments_a_year)


def yield_rate(flows: ClassFlows, price_ratio: float) -> float:
    """Yield at a price; NaN where none gives it."""
    return tranche_yield_rate(price_ratio * flows.balance_amount, flows.service, flows.payments_a_year)


def price_ratio(flows: ClassFlows, yield_rate: float) -> float:
    """Price at a yield."""
    return duration(flows.service, yield_rate, flows.payments_a_year).price_amount / flows.balance_amount


def price_at_margin(flows: ClassFlows, margin_bps: float, index_rates: Sequence[float]) -> float:
    """Price where each period discounts at its index rate and the margin; the last index rate given is carried on."""
    index = np.asarray(index_rates, dtype=np.float64)
    yearly = index[np.minimum(np.arange(flows.service.size), index.size - 1)] + margin_bps * BPS
    parts = 1.0 / flows.payments_a_year if flows.year_ratios is None else flows.year_ratios
    factors = np.cumprod(1.0 / (1.0 + yearly * parts))
    return float(flows.service @ factors) / flows.balance_amount


def discount_margin_bps(flows: ClassFlows, price_ratio: float, index_rates: Sequence[float]) -> float:
    """Margin over the index at which the payments are worth the price; NaN where none is."""
    return _root(lambda margin: price_at_margin(flows, margin, index_rates) - price_ratio)


def price_at_spread(flows: ClassFlows, spread_bps: float, zero_curve: Curve) -> float:
    """Price where each payment discounts at its zero rate and the spread."""
    zero = np.array([zero_curve.at(float(years)) for years in flows.years])
    factors = (1.0 + zero + spread_bps * BPS) ** -flows.years
    return float(flows.service @ factors) / flows.balance_amount


def z_spread_bps(flows: ClassFlows, price_ratio: float, zero_curve: Curve) -> float:
    """Spread over the zero curve at which the payments are worth the price; NaN where none is."""
    return _root(lambda spread: price_at_spread(flows, spread, zero_curve) - price_ratio)


def effective_duration_years(price_up: float, price: float, price_down: float, shift_bps: float) -> float:
    """Change of price, in shares of it, for a shift of rates that also moves what is paid."""
    return (price_down - price_up) / (2.0 * price * shift_bps * BPS)


def _root(value: Callable[[float], float]) -> float:
    from scipy.optimize import brentq

    low, high = -2_000.0, WIDEST_BPS
    if not value(low) >= 0.0 >= value(high):
        return float("nan")
    return float(brentq(value, low, high, xtol=1e-9, rtol=1e-14))


# Enhancement


class Enhancement(NamedTuple):
    """What stands below a class, as shares of the pool: losses begin at attachment and are all of it at detachment."""

    code: str
    enhancement_ratio: float
    attachment_ratio: float
    detachment_ratio: float


def enhancement_of(balances: Mapping[str, float], pool_amount: float) -> list[Enhancement]:
    """Each class, the most senior first, all of its own rank."""
    if pool_amount <= 0.0:
        raise CalculationError(f"enhancement: expected a pool above nought, got {pool_amount:g}")
    found, above = [], 0.0
    for code, balance in balances.items():
        above += balance
        below = 1.0 - above / pool_amount
        found.append(Enhancement(code, below, below, below + balance / pool_amount))
    return found


def excess_spread_rate(
    pool_rate: float, fee_rate: float, balances: Mapping[str, float], coupons: Mapping[str, float], pool_amount: float
) -> float:
    """What the pool earns a year beyond fees and the notes' coupons, on the pool."""
    return pool_rate - fee_rate - sum(balance * coupons[code] for code, balance in balances.items()) / pool_amount


def note_coupon_rate(balances: Mapping[str, float], coupons: Mapping[str, float]) -> float:
    """Average coupon of the classes by balance."""
    return sum(balance * coupons[code] for code, balance in balances.items()) / sum(balances.values())


class PropertyGate(NamedTuple):
    """A class of property-backed notes with all senior to it, interest only."""

    code: str
    ltv_ratio: float
    debt_yield_rate: float
    dscr_ratio: float


def property_gates(
    noi_amount: float, value_amount: float, balances: Mapping[str, float], coupons: Mapping[str, float]
) -> list[PropertyGate]:
    """Loan to value, debt yield and interest cover down the classes."""
    found, debt, interest = [], 0.0, 0.0
    for code, balance in balances.items():
        debt, interest = debt + balance, interest + balance * coupons[code]
        cover = noi_amount / interest if interest > 0.0 else float("nan")
        found.append(PropertyGate(code, debt / value_amount, running_yield_rate(noi_amount, debt), cover))
    return found


def income_fall_to(noi_amount: float, interest_amount: float, cover_ratio: float) -> tuple[float, float]:
    """Income at which a cover test trips, and how far that lies below today's, as a share."""
    trips = cover_ratio * interest_amount
    return trips, 1.0 - trips / noi_amount


# How much it stands


class BreakEven(NamedTuple):
    """The most a class stands without loss; None where it stands the largest tried, nought where it loses without any."""

    code: str
    cdr: float | None
    severity_ratio: float | None
    first_loss_multiple: float | None


def break_even_of(
    structure: NoteStructure, pool: Pool, behaviour: Behaviour, code: str, index_rates: Sequence[float] = ()
) -> BreakEven:
    """Break-even CDR at the behaviour's severity, break-even severity at its defaults; the multiple of its own CDR."""
    k = [each.code for each in structure.classes].index(code)

    def loses(changed: Behaviour) -> bool:
        loss = losses_by_class(structure, pool, changed, index_rates)[k]
        return bool(loss > SMALLEST_LOSS * structure.classes[k].balance_amount)

    cdr = _largest(lambda rate: loses(replace(behaviour, default_kind=DefaultKind.CDR, default=rate)))
    severity = _largest(lambda share: loses(replace(behaviour, severity_ratio=share)))
    own = behaviour.default if behaviour.default_kind == DefaultKind.CDR else None
    multiple = cdr / own if cdr is not None and isinstance(own, float) and own > 0.0 else None
    return BreakEven(code, cdr, severity, multiple)


def _largest(loses: Callable[[float], bool], halvings: int = 30) -> float | None:
    """The largest share from 0 to 1 without a loss, to 1e-9, given that more never helps; None where 1 has none."""
    if not loses(1.0):
        return None
    low, high = 0.0, 1.0
    if loses(low):
        return 0.0
    for _ in range(halvings):
        middle = (low + high) / 2.0
        low, high = (low, middle) if loses(middle) else (middle, high)
    return low
