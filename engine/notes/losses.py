"""How much a pool loses: copulas drawn with common random numbers, and the exact and large-pool answers they must meet.

A loan defaults when its variable falls below the threshold of its default probability. The variable is a factor all loans
share, one its sector shares, and its own; with degrees of freedom all are divided by one chi-square draw (Student-t). Factors
are Sobol points, scrambled by the seed; the loans' own draws come from the same seed whatever the terms, so two runs
compare draw by draw. What of scipy takes long to import waits for the first draw. Source: model book section 12; Andersen, Sidenius, Basu (2003) for the recursion, Vasicek for the limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri, owens_t, roots_hermite, stdtrit

from engine.basics.limits import keeps
from engine.errors import CalculationError
from engine.notes.collateral import MONTHS_A_YEAR
from engine.notes.terms import NoteStructure, Pool
from engine.portfolios.defaults import NODES, class_losses, conditional, large_pool_quantile
from engine.ratings.scale import notch_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 4096
COMMON, OWN_TAIL, SEVERITY, FIRST_SECTOR = range(4)
SMALLEST_WEIGHT = 1e-18


class Exposures(NamedTuple):
    """Of `k` loans: balance, probability of default over the horizon, number of the sector."""

    balances: Floats
    default_probabilities: Floats
    sectors: Ints

    @property
    def pool_amount(self) -> float:
        """All balances."""
        return float(self.balances.sum())


@dataclass(frozen=True, slots=True)
class CopulaTerms:
    """How loans default together.

    `correlation_ratio` is the correlation of two loans of one sector, `between_ratio` of two sectors (the same where not
    given). Severity has its volatility around the mean and moves with the common factor by `severity_factor_ratio`.
    """

    correlation_ratio: float = 0.2
    between_ratio: float | None = None
    degrees_of_freedom: float | None = None
    severity_ratio: float = 0.4
    severity_volatility_ratio: float = 0.0
    severity_factor_ratio: float = 0.0
    paths: int = 16_384
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0.0 <= self.between <= self.correlation_ratio < 1.0:
            raise CalculationError(
                f"copula: expected 0 <= correlation between sectors <= correlation < 1, got {self.between:g} and "
                f"{self.correlation_ratio:g}"
            )
        most = np.sqrt(self.severity_ratio * (1.0 - self.severity_ratio))
        if self.severity_volatility_ratio and not 0.0 < self.severity_volatility_ratio < most:
            raise CalculationError(f"copula: expected a volatility of severity below {most:.4g}, its most at this mean")

    @property
    def between(self) -> float:
        """Correlation of loans of two sectors."""
        return self.correlation_ratio if self.between_ratio is None else self.between_ratio


def exposures_of(pool: Pool, default_probabilities: Mapping[str, float]) -> Exposures:
    """Loans with the default probability of their rating over the horizon; refuses a rating without one."""
    missing = sorted({loan.rating for loan in pool.loans} - set(default_probabilities))
    if missing:
        raise CalculationError(f"exposures: no default probability for {', '.join(repr(each) for each in missing)}")
    sectors = {name: k for k, name in enumerate(sorted({loan.sector for loan in pool.loans}))}
    return Exposures(
        np.array([loan.balance_amount for loan in pool.loans]),
        np.array([default_probabilities[loan.rating] for loan in pool.loans]),
        np.array([sectors[loan.sector] for loan in pool.loans], dtype=np.int64),
    )


# Drawn


class Drawn(NamedTuple):
    """By path: the balance that defaults, and the share of it that is lost."""

    default_amounts: Floats
    severities: Floats


def drawn_losses(exposures: Exposures, terms: CopulaTerms) -> Floats:
    """What the pool loses on each path."""
    found = drawn(exposures, terms)
    return found.default_amounts * found.severities


def drawn(exposures: Exposures, terms: CopulaTerms) -> Drawn:
    """Defaults and severity on each path."""
    points = _points(terms, int(exposures.sectors.max()) + 1)
    scale = _tail_scale(terms, points[:, OWN_TAIL])
    thresholds = _thresholds(exposures.default_probabilities, terms)
    factors = _factors(exposures, terms, points)
    rng, found = np.random.default_rng(terms.seed), np.empty(terms.paths)
    own = np.sqrt(1.0 - terms.correlation_ratio)
    for start in range(0, terms.paths, BLOCK):
        stop = min(start + BLOCK, terms.paths)
        shocks = rng.standard_normal((BLOCK, exposures.balances.size))[: stop - start]
        values = (factors[start:stop, exposures.sectors] + own * shocks) * scale[start:stop, None]
        found[start:stop] = (values < thresholds) @ exposures.balances
    return Drawn(found, _severities(terms, points))


def _points(terms: CopulaTerms, sectors: int) -> Floats:
    """Uniform points (paths, common factor, tail, severity, sectors), away from 0 and 1."""
    from scipy.stats.qmc import Sobol

    engine = Sobol(FIRST_SECTOR + sectors, scramble=True, rng=terms.seed)
    points = engine.random_base2(ceil(log2(max(terms.paths, 2))))[: terms.paths]
    return np.asarray(np.clip(points, 1e-12, 1.0 - 1e-12), dtype=np.float64)


def _factors(exposures: Exposures, terms: CopulaTerms, points: Floats) -> Floats:
    """What each sector's loans share on each path (paths, sectors)."""
    within = np.sqrt(terms.correlation_ratio - terms.between)
    return np.asarray(
        np.sqrt(terms.between) * ndtri(points[:, COMMON, None]) + within * ndtri(points[:, FIRST_SECTOR:])
    )


def _tail_scale(terms: CopulaTerms, uniforms: Floats) -> Floats:
    if terms.degrees_of_freedom is None:
        return np.ones(uniforms.size)
    from scipy.stats import chi2

    return np.asarray(np.sqrt(terms.degrees_of_freedom / chi2.ppf(uniforms, terms.degrees_of_freedom)))


def _thresholds(probabilities: Floats, terms: CopulaTerms) -> Floats:
    if terms.degrees_of_freedom is None:
        return np.asarray(ndtri(probabilities))
    return np.asarray(stdtrit(terms.degrees_of_freedom, probabilities))


def _severities(terms: CopulaTerms, points: Floats) -> Floats:
    """Severity on each path: a beta of its mean and volatility, high where the common factor is low."""
    mean, spread = terms.severity_ratio, terms.severity_volatility_ratio
    if spread == 0.0:
        return np.full(points.shape[0], mean)
    shared = terms.severity_factor_ratio
    normal = -np.sqrt(shared) * ndtri(points[:, COMMON]) + np.sqrt(1.0 - shared) * ndtri(points[:, SEVERITY])
    weight = mean * (1.0 - mean) / spread**2 - 1.0
    return np.asarray(betaincinv(mean * weight, (1.0 - mean) * weight, ndtr(normal)))


# Exact


class Distribution(NamedTuple):
    """Losses and their probabilities."""

    losses: Floats
    probabilities: Floats

    @property
    def mean(self) -> float:
        """Expected loss."""
        return float(self.losses @ self.probabilities)


def exact_losses(exposures: Exposures, terms: CopulaTerms, unit_amount: float) -> Distribution:
    """One common Gaussian factor and a fixed severity, losses counted in units: the recursion given the factor, integrated."""
    is_plain = terms.degrees_of_freedom is None and terms.severity_volatility_ratio == 0.0
    if not is_plain or terms.between != terms.correlation_ratio:
        raise CalculationError("exact losses: expected one Gaussian factor and a fixed severity")
    units = np.rint(exposures.balances * terms.severity_ratio / unit_amount).astype(np.int64)
    found = np.zeros(int(units.sum()) + 1)
    for factor, weight in _quadrature(terms.correlation_ratio):
        given = conditional(exposures.default_probabilities, terms.correlation_ratio, factor)
        found += weight * unit_pmf(units, given)
    return Distribution(np.arange(float(found.size)) * unit_amount, found)


def _quadrature(correlation: float) -> list[tuple[float, float]]:
    """Points and weights of a standard normal factor; one where nothing is shared."""
    if correlation == 0.0:
        return [(0.0, 1.0)]
    points, weights = roots_hermite(NODES)
    pairs = zip(points * np.sqrt(2.0), weights / np.sqrt(np.pi), strict=True)
    return [(float(point), float(weight)) for point, weight in pairs if weight > SMALLEST_WEIGHT]


@njit(cache=True, nogil=True)
def unit_pmf(units: Ints, probabilities: Floats) -> Floats:  # pragma: no cover - compiled
    """Probability of each number of units lost among independent loans, loan after loan."""
    found = np.zeros(units.sum() + 1)
    found[0], top = 1.0, 0
    for k in range(units.size):
        size, p = units[k], probabilities[k]
        top += size
        for loss in range(top, -1, -1):
            before = found[loss - size] if loss >= size else 0.0
            found[loss] = found[loss] * (1.0 - p) + before * p
    return found


# The endless pool


class Vasicek(NamedTuple):
    """An endless pool of one probability, correlation and loss given default."""

    default_probability: float
    correlation_ratio: float
    severity_ratio: float = 1.0

    def default_rate_at(self, level: float) -> float:
        """Default rate not exceeded with this probability."""
        return large_pool_quantile(self.default_probability, self.correlation_ratio, level)

    def probability_below(self, default_rate: float) -> float:
        """Probability that no more default."""
        if not 0.0 < default_rate < 1.0:
            return float(default_rate >= 1.0)
        rho = self.correlation_ratio
        threshold = ndtri(self.default_probability)
        return float(ndtr((np.sqrt(1.0 - rho) * ndtri(default_rate) - threshold) / np.sqrt(rho)))

    @property
    def deviation(self) -> float:
        """Standard deviation of the default rate: two loans default together with probability N2(k, k; rho)."""
        k, rho = ndtri(self.default_probability), self.correlation_ratio
        together = self.default_probability - 2.0 * owens_t(k, np.sqrt((1.0 - rho) / (1.0 + rho)))
        return float(np.sqrt(together - self.default_probability**2))

    def tranche_loss(self, attachment: float, detachment: float) -> float:
        """Expected loss of a tranche, a share of it."""
        from scipy.integrate import quad

        whole, _ = quad(self._exceeds, attachment, detachment, epsabs=1e-13, epsrel=1e-11, limit=400)
        return float(whole / (detachment - attachment))

    def _exceeds(self, loss: float) -> float:
        return 1.0 - self.probability_below(loss / self.severity_ratio)


# Classes


class ClassRisk(NamedTuple):
    """One class: probability of any loss, expected loss as a share of it, with standard errors (nil where exact)."""

    code: str
    default_probability: float
    default_error: float
    expected_loss_ratio: float
    loss_error: float


def class_risks(structure: NoteStructure, losses: Floats, pool_amount: float) -> list[ClassRisk]:
    """Classes on drawn losses, the last first to lose once what lies below the notes is gone."""
    taken = classes_on(structure, losses, pool_amount)
    return [risk_of(each.code, lost, each.balance_amount) for each, lost in zip(structure.classes, taken, strict=True)]


def risk_of(code: str, lost: Floats, balance_amount: float) -> ClassRisk:
    """One class by what it loses on each path."""
    share, hit = lost / balance_amount, (lost > 0.0).astype(np.float64)
    count = np.sqrt(lost.size)
    return ClassRisk(code, float(hit.mean()), float(hit.std() / count), float(share.mean()), float(share.std() / count))


def exact_risks(structure: NoteStructure, exact: Distribution, pool_amount: float) -> list[ClassRisk]:
    """Classes on an exact distribution."""
    taken = classes_on(structure, exact.losses, pool_amount)
    return [
        ClassRisk(
            each.code, float(exact.probabilities @ (lost > 0.0)), 0.0,
            float(exact.probabilities @ lost) / each.balance_amount, 0.0,
        )
        for each, lost in zip(structure.classes, taken, strict=True)
    ]  # fmt: skip


def classes_on(structure: NoteStructure, losses: Floats, pool_amount: float) -> list[Floats]:
    """What each class loses where the pool loses so much; classes of one rank lose in proportion."""
    by_rank: dict[int, float] = {}
    for each, rank in zip(structure.classes, structure.ranks, strict=True):
        by_rank[rank] = by_rank.get(rank, 0.0) + each.balance_amount
    taken = class_losses(losses, tuple(by_rank.values()), max(pool_amount - structure.notes_amount, 0.0))
    of_rank = dict(zip(by_rank, taken, strict=True))
    return [
        of_rank[rank] * (each.balance_amount / by_rank[rank])
        for each, rank in zip(structure.classes, structure.ranks, strict=True)
    ]


def enhancement_for(losses: Floats, pool_amount: float, default_probability: float) -> float:
    """The least that must stand below a class, as a share of the pool, for it to lose on no more than this share of paths."""
    ordered = np.sort(losses)
    may_lose = int(np.floor(default_probability * losses.size + 1e-9))
    return float(ordered[-1 - may_lose] / pool_amount) if may_lose < losses.size else 0.0


# Default tables


def hazard_rate(cumulative: float, years: float) -> float:
    """Constant hazard a year that gives a cumulative default rate."""
    return float(-np.log1p(-cumulative) / years)


def marginal_rates(cumulative: Sequence[float]) -> Floats:
    """Share of the first year's issuers that default in each year."""
    return np.diff(np.asarray(cumulative, dtype=np.float64), prepend=0.0)


def conditional_rates(cumulative: Sequence[float]) -> Floats:
    """Share of those still there that default in each year: the CDR by year of a rating's table."""
    reached = np.concatenate(([0.0], np.asarray(cumulative, dtype=np.float64)[:-1]))
    return marginal_rates(cumulative) / (1.0 - reached)


def default_vector(cumulative: Sequence[float]) -> tuple[float, ...]:
    """The same as yearly rates by month: what a behaviour of kind "vector" takes."""
    return tuple(float(rate) for rate in np.repeat(conditional_rates(cumulative), MONTHS_A_YEAR))


class Indicated(NamedTuple):
    """The best rating whose idealised rate is not exceeded, by the table as it is and made monotone; the second is used."""

    raw: str
    smoothed: str


def indicated_rating(rate: float, years: float, table: Mapping[str, Sequence[float]]) -> Indicated:
    """By cumulative rates of years 1, 2, ... of each rating, read between years on a straight line and beyond them flat."""
    from scipy.optimize import isotonic_regression

    ratings = sorted(table, key=notch_of)
    raw = np.array([np.interp(years, np.arange(len(table[each]) + 1), (0.0, *table[each])) for each in ratings])
    return Indicated(*(_best(ratings, rates, rate) for rates in (raw, isotonic_regression(raw).x)))


def _best(ratings: Sequence[str], rates: Floats, rate: float) -> str:
    allowed = [each for each, most in zip(ratings, rates, strict=True) if keeps(rate, "<=", most)]
    return allowed[0] if allowed else "D"
