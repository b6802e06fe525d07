"""What a simulation says: the fan of DSCR, its distribution, default and loss by tranche, and how settled the figures are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.risk.simulate import Simulation
from engine.risk.tails import mean_of_worst

Floats = NDArray[np.float64]
PERCENTILES = (5, 25, 50, 75, 95)
BINS = 40
CONVERGENCE_POINTS = 50


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error; antithetic pairs count as one draw each."""

    mean: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class TrancheRisk:
    """Default and loss of one tranche; `loss_given_default` is None where none of the paths defaults.

    `default_by_year` is cumulative, from the start of operations; `worst_loss` is the mean of the worst 1% of paths.
    """

    tranche: str
    default_probability: Estimate
    expected_loss: Estimate
    loss_given_default: float | None
    worst_loss: float
    default_by_year: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """Running figures after so many paths."""

    paths: int
    dscr: Estimate
    default: Estimate


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """A simulation in figures a page can show; None where no path has the figure."""

    paths: int
    base_path: tuple[float | None, ...]
    fan: dict[int, tuple[float | None, ...]]
    dscr_minimum: Estimate | None
    dscr_minimum_percentiles: dict[int, float]
    dscr_average: Estimate | None
    below_one: Estimate
    locked_up: Estimate
    histogram_edges: tuple[float, ...]
    histogram_counts: tuple[int, ...]
    tranches: tuple[TrancheRisk, ...]
    equity_irr_percentiles: dict[int, float]
    equity_lost: Estimate | None
    convergence: tuple[Running, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)


def summarise(found: Simulation) -> SimulationSummary:
    """The simulation's figures."""
    low = found.dscr_minimum
    served = low[np.isfinite(low)]
    counts, edges = _histogram(served)
    return SimulationSummary(
        paths=found.terms.paths,
        base_path=_plain(found.base_dscr_path),
        fan={p: _fan(found.dscr, p) for p in PERCENTILES},
        dscr_minimum=_estimate(low, found) if served.size == low.size else None,
        dscr_minimum_percentiles=_percentiles(served),
        dscr_average=_estimate(found.dscr_average, found) if served.size == low.size else None,
        below_one=_estimate((low < 1.0).astype(np.float64), found),
        locked_up=_estimate((found.lock_up_months > 0).astype(np.float64), found),
        histogram_edges=tuple(edges),
        histogram_counts=tuple(counts),
        tranches=_tranches(found),
        equity_irr_percentiles=_percentiles(found.equity_irr_rate[np.isfinite(found.equity_irr_rate)]),
        equity_lost=_equity_lost(found),
        convergence=_convergence(found),
    )


def _estimate(values: Floats, found: Simulation) -> Estimate:
    draws = values.reshape(-1, 2).mean(axis=1) if found.terms.antithetic else values
    spread = float(draws.std(ddof=1)) if draws.size > 1 else 0.0
    return Estimate(float(draws.mean()), spread / float(np.sqrt(draws.size)))


def _plain(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)


def _fan(covers: Floats, percentile: int) -> tuple[float | None, ...]:
    """One percentile by year, over the paths that have service then."""
    columns = [covers[np.isfinite(covers[:, y]), y] for y in range(covers.shape[1])]
    return tuple(float(np.percentile(column, percentile)) if column.size else None for column in columns)


def _percentiles(values: Floats) -> dict[int, float]:
    return {p: float(np.percentile(values, p)) for p in PERCENTILES} if values.size else {}


def _histogram(values: Floats) -> tuple[list[int], list[float]]:
    """Counts and edges; the outermost half percent on each side is counted in the end bins."""
    if values.size == 0:
        return [], []
    low, high = (float(v) for v in np.percentile(values, (0.5, 99.5)))
    if high - low < 1e-6:
        low, high = low - 0.05, high + 0.05
    counts, edges = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    return [int(count) for count in counts], [float(edge) for edge in edges]


def _tranches(found: Simulation) -> tuple[TrancheRisk, ...]:
    tranches = [_tranche("Senior", found.senior_default_month, found.senior_loss, found)]
    if np.isfinite(found.mezz_loss).all():
        tranches.append(_tranche("Mezzanine", found.mezz_default_month, found.mezz_loss, found))
    return tuple(tranches)


def _tranche(name: str, months: Floats, losses: Floats, found: Simulation) -> TrancheRisk:
    failed = months > 0
    return TrancheRisk(
        tranche=name,
        default_probability=_estimate(failed.astype(np.float64), found),
        expected_loss=_estimate(losses, found),
        loss_given_default=float(losses[failed].mean()) if failed.any() else None,
        worst_loss=mean_of_worst(losses, max(1, losses.size // 100)),
        default_by_year=tuple(float((failed & (months <= 12 * y)).mean()) for y in range(1, found.maturity_years + 1)),
    )


def _equity_lost(found: Simulation) -> Estimate | None:
    """How often the sponsor does not get its money back; None where the debt funds every use."""
    irr = found.equity_irr_rate
    if not np.isfinite(irr).any():
        return None
    return _estimate((~(irr >= 0.0)).astype(np.float64), found)


def _convergence(found: Simulation) -> tuple[Running, ...]:
    """Mean lowest DSCR and senior default after ever more paths, with their standard errors."""
    low = np.nan_to_num(found.dscr_minimum, nan=float(np.nanmax(found.dscr_minimum, initial=0.0)))
    failed = (found.senior_default_month > 0).astype(np.float64)
    step = max(2, found.terms.paths // CONVERGENCE_POINTS // 2 * 2)
    return tuple(
        Running(n, _estimate(low[:n], found), _estimate(failed[:n], found))
        for n in range(2 * step, found.terms.paths + 1, step)
    )
