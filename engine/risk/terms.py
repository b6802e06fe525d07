"""What a simulation assumes: processes, their parameters and how they move together, each with its provenance.

CPI and the shift of rates revert to their means (Vasicek in yearly steps), vacancy reverts to the project's own
occupancy, tenants default when a shared factor and their own together pass a threshold (one-factor Gaussian copula).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.ratings.scale import NOT_RATED, notch_of, rating_label

_N, _I, _F = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.FLAG
DRIVERS = ("cpi", "rate", "vacancy", "default")
_PAIRS = (("cpi", "rate"), ("cpi", "vacancy"), ("cpi", "default"), ("rate", "vacancy"), ("rate", "default"),
          ("vacancy", "default"))  # fmt: skip
_PAIR_DEFAULTS = (0.5, 0.0, 0.1, 0.2, 0.2, 0.4)
_WORDS = {"cpi": "CPI", "rate": "rates", "vacancy": "vacancy", "default": "tenant distress"}
_JUDGED = "assumption: judgement; estimate on the market's own history before relying on it"

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("paths", "Paths", _I, "count", 10_000, minimum=100, maximum=100_000),
    FieldSpec("seed", "Seed", _I, "count", 1, minimum=0, maximum=2**53),
    FieldSpec("antithetic", "Antithetic pairs", _F, default=True, help="Each path has a mirror image: less noise for the same work."),
    FieldSpec("cpi_reversion", "CPI, pull to its mean a year", _N, "rate", 0.5, minimum=0, maximum=10),
    FieldSpec("cpi_volatility", "CPI volatility a year", _N, "rate", 0.012, minimum=0, maximum=0.2),
    FieldSpec("rate_reversion", "Rates, pull to today's a year", _N, "rate", 0.15, minimum=0, maximum=10),
    FieldSpec("rate_volatility_bps", "Rate volatility a year", _N, "bps", 80.0, minimum=0, maximum=1000),
    FieldSpec("vacancy_reversion", "Vacancy, pull to the project's a year", _N, "rate", 0.5, minimum=0, maximum=10),
    FieldSpec("vacancy_volatility", "Vacancy volatility a year", _N, "share", 0.03, minimum=0, maximum=0.5),
    FieldSpec("tenant_count", "Tenants of equal rent", _I, "count", 10, minimum=1, maximum=50),
    FieldSpec("tenant_default_rate", "Tenant default a year", _N, "rate", None, minimum=0, maximum=1,
              help="Empty: by the tenant's rating."),
    FieldSpec("tenant_correlation", "Tenants' shared factor", _N, "share", 0.20, minimum=0, maximum=0.99,
              help="Share of a tenant's variance that all tenants have in common."),
    *(
        FieldSpec(f"correlation_{a}_{b}", f"Correlation, {_WORDS[a]} and {_WORDS[b]}", _N, "factor", value, minimum=-1, maximum=1)
        for (a, b), value in zip(_PAIRS, _PAIR_DEFAULTS, strict=True)
    ),
)  # fmt: skip

# Ten-year cumulative default rates by rating, percent, raw rates made monotone (isotonic: neighbours out of order share
# their mean). A tenant's yearly rate is -ln(1 - ten-year rate) / 10.
_TEN_YEARS_PERCENT = {
    "AAA": 0.52, "AA+": 0.52, "AA": 0.71, "AA-": 0.71, "A+": 0.83, "A": 1.10, "A-": 1.10, "BBB+": 1.83, "BBB": 2.50,
    "BBB-": 4.50, "BB+": 5.51, "BB": 9.33, "BB-": 14.67, "B+": 19.62, "B": 21.04, "B-": 27.90, "CCC+": 50.43,
}  # fmt: skip
TENANT_DEFAULT_RATES: dict[str, float] = {
    rating: float(-np.log1p(-percent / 100.0) / 10.0) for rating, percent in _TEN_YEARS_PERCENT.items()
}
PROVENANCE: dict[str, str] = {
    **{spec.path: _JUDGED for spec in FIELDS if spec.path not in ("paths", "seed", "antithetic")},
    "tenant_default_rate": "derived: S&P Global Ratings, 2024 Annual Global Corporate Default And Rating Transition Study, Table 26, ten years, made monotone",
    "tenant_correlation": "assumption: inside the 12% to 24% of the Basel corporate formula",
}


@dataclass(frozen=True, slots=True)
class SimulationTerms:
    """The assumptions of one simulation; build from a mapping with `from_dict`."""

    paths: int
    seed: int
    antithetic: bool
    cpi_reversion: float
    cpi_volatility: float
    rate_reversion: float
    rate_volatility_bps: float
    vacancy_reversion: float
    vacancy_volatility: float
    tenant_count: int
    tenant_default_rate: float | None
    tenant_correlation: float
    correlation_cpi_rate: float
    correlation_cpi_vacancy: float
    correlation_cpi_default: float
    correlation_rate_vacancy: float
    correlation_rate_default: float
    correlation_vacancy_default: float

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any] | None = None) -> SimulationTerms:
        """Terms with the defaults for whatever is not given; raises InputProblems."""
        reader = Reader(FIELDS, payload or {})
        values = reader.read()
        problems = list(reader.problems)
        if not problems:
            terms = cls(**values)
            problems = _cross_checks(terms)
        if problems:
            raise InputProblems(problems)
        return terms

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def correlations(self) -> NDArray[np.float64]:
        """Correlation matrix of the yearly shocks, in the order of `DRIVERS`."""
        matrix = np.eye(len(DRIVERS))
        for a, b in _PAIRS:
            i, j = DRIVERS.index(a), DRIVERS.index(b)
            matrix[i, j] = matrix[j, i] = getattr(self, f"correlation_{a}_{b}")
        return matrix

    def default_rate(self, tenant_rating: str) -> float:
        """The tenants' default rate a year: as given, else by their rating; below CCC+ as CCC+, unrated as B."""
        if self.tenant_default_rate is not None:
            return self.tenant_default_rate
        notch = notch_of(tenant_rating)
        label = "B" if notch == NOT_RATED else rating_label(min(notch, notch_of("CCC+")))
        return TENANT_DEFAULT_RATES[label]


def _cross_checks(terms: SimulationTerms) -> list[Problem]:
    problems = []
    if terms.antithetic and terms.paths % 2:
        problems.append(
            Problem("odd_paths", "paths", f"Paths: antithetic pairs need an even number, got {terms.paths}.")
        )
    if np.linalg.eigvalsh(terms.correlations()).min() < 1e-8:
        message = "Correlations: these six cannot hold together (the matrix is not positive definite). Bring some nearer to nil."
        problems.append(Problem("correlations", "correlation_cpi_rate", message))
    return problems
