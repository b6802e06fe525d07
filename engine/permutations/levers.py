"""A lever set: which values each axis takes, the space they span, and the permutations a run visits.

The space is a product of axes. Permutation k and its lever values are two names of one thing (mixed radix),
so the space is never stored. Above a budget a run visits a seeded sample without replacement.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.basics.ranges import given_shown
from engine.deal.axes import AXES, AxisSpec, Lever
from engine.debt.kinds import CONTRACT_AMORTISATIONS
from engine.errors import InputProblems, Problem
from engine.market import CurrencyMarket, Seniority
from engine.ratings.scale import notch_of

Indices = NDArray[np.int64]
MAX_SPACE = 2**62
MAX_VALUES_PER_AXIS = 10_000
# A sample's visit list is held in memory; a whole space has none.
MAX_SAMPLE = 20_000_000
FILTER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class HardFilter:
    """A limit of the run itself: permutations that fail it are pruned after Gate B."""

    column: str
    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class LeverSet:
    """Axis values in catalogue order (closed axes absent) and the run's hard filters."""

    axes: tuple[tuple[str, tuple[Lever, ...]], ...]
    filters: tuple[HardFilter, ...] = ()

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> LeverSet:
        """The lever set of {"axes": {code: [values]}, "filters": [...]}; raises InputProblems."""
        problems = [Problem("unknown", key, f"{key} is not part of a lever set.")
                    for key in payload if key not in ("axes", "filters")]  # fmt: skip
        axes = _read_axes(payload.get("axes", {}), problems)
        filters = _read_filters(payload.get("filters", []), problems)
        if not problems:
            size = math.prod(len(values) for _, values in axes)
            if size >= MAX_SPACE:
                problems.append(Problem("space_too_large", "axes", f"The space has {size:.3g} permutations: close or thin an axis, at most {MAX_SPACE:.3g} can be counted."))  # fmt: skip
        if problems:
            raise InputProblems(problems)
        return cls(axes, filters)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back."""
        return {
            "axes": {code: list(values) for code, values in self.axes},
            "filters": [{"column": f.column, "operator": f.operator, "value": f.value} for f in self.filters],
        }

    @property
    def size(self) -> int:
        """Number of permutations in the space."""
        return math.prod(len(values) for _, values in self.axes)

    def strides(self) -> dict[str, tuple[int, int]]:
        """(stride, length) of each open axis: code = index // stride % length."""
        found: dict[str, tuple[int, int]] = {}
        stride = 1
        for code, values in reversed(self.axes):
            found[code] = (stride, len(values))
            stride *= len(values)
        return {code: found[code] for code, _ in self.axes}

    def codes(self, indices: Indices) -> dict[str, NDArray[np.int64]]:
        """Position on each open axis, for each permutation index."""
        return {code: indices // stride % length for code, (stride, length) in self.strides().items()}

    def decode(self, indices: Indices) -> dict[str, NDArray[Any]]:
        """Lever values on each open axis; words stay words.

        >>> LeverSet.from_dict({"axes": {"senior_dscr": [1.2, 1.3]}}).decode(np.array([1]))["senior_dscr"].tolist()
        [1.3]
        """
        values = dict(self.axes)
        return {code: np.asarray(values[code])[positions] for code, positions in self.codes(indices).items()}

    def opened_at(self, index: int) -> dict[str, Lever]:
        """Lever values of one permutation on each open axis; raises InputProblems if there is no such permutation."""
        if not 0 <= index < self.size:
            message = f"Permutation: expected 0 to {self.size - 1}, got {index}."
            raise InputProblems([Problem("no_such_permutation", "index", message)])
        values = dict(self.axes)
        return {code: values[code][index // stride % length] for code, (stride, length) in self.strides().items()}

    def levers_at(self, index: int) -> dict[str, Lever]:
        """Lever values of one permutation: every open axis, and the default of every closed one that has it."""
        levers = {spec.code: spec.default for spec in AXES.values() if spec.default is not None} | self.opened_at(index)
        return {code: levers[code] for code in AXES if code in levers}


def _read_axes(raw: Any, problems: list[Problem]) -> tuple[tuple[str, tuple[Lever, ...]], ...]:
    if not isinstance(raw, Mapping):
        problems.append(Problem("not_axes", "axes", "Axes: expected values by axis."))
        return ()
    problems.extend(Problem("unknown_axis", code, f"{code} is not an axis.") for code in raw if code not in AXES)
    return tuple((code, _read_values(spec, raw[code], problems)) for code, spec in AXES.items() if code in raw)


def _read_values(spec: AxisSpec, raw: Any, problems: list[Problem]) -> tuple[Lever, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        problems.append(
            Problem("empty_axis", spec.code, f"{spec.label}: choose at least one value, or close the axis.")
        )
        return ()
    if len(raw) > MAX_VALUES_PER_AXIS:
        problems.append(Problem("too_many_values", spec.code, f"{spec.label}: expected at most {MAX_VALUES_PER_AXIS} values, got {len(raw)}."))  # fmt: skip
        return ()
    values = [spec.read(item, problems) for item in raw]
    sound = [v for v in values if v is not None]
    if len(set(sound)) != len(sound):
        problems.append(Problem("repeated_value", spec.code, f"{spec.label}: a value stands more than once."))
    return tuple(sound)


def _read_filters(raw: Any, problems: list[Problem]) -> tuple[HardFilter, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        problems.append(Problem("not_filters", "filters", "Filters: expected a list."))
        return ()
    found = [_read_filter(number, item, problems) for number, item in enumerate(raw)]
    return tuple(f for f in found if f is not None)


def _read_filter(number: int, item: Any, problems: list[Problem]) -> HardFilter | None:
    from_columns = FILTERABLE_COLUMNS
    place = f"filters.{number}"
    if not isinstance(item, Mapping) or item.get("column") not in from_columns:
        problems.append(Problem("unknown_column", place, f"Filter {number + 1}: expected a column of {', '.join(from_columns)}."))  # fmt: skip
        return None
    if item.get("operator") not in FILTER_OPERATORS:
        problems.append(Problem("unknown_operator", place, f"Filter {number + 1}: expected an operator of {' '.join(FILTER_OPERATORS)}."))  # fmt: skip
        return None
    value = item.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        problems.append(
            Problem("not_a_number", place, f"Filter {number + 1}: expected a number, got {given_shown(value)}.")
        )
        return None
    return HardFilter(str(item["column"]), str(item["operator"]), float(value))


# Columns a hard filter may test: those known once Gate B has passed.
FILTERABLE_COLUMNS: tuple[str, ...] = (
    "senior_dscr", "senior_coupon_rate", "senior_tenor_years", "mezz_dscr", "senior_amount", "mezz_amount",
    "coverage_ratio", "equity_ratio", "loan_to_cost_ratio", "total_agency_ltv_ratio", "total_appraisal_ltv_ratio",
    "total_dscr_minimum", "debt_yield_ratio", "mezz_rating_notch", "senior_coupon_margin_bps", "refinance_cover_ratio",
    "agency_ltv_ratio", "dscr_minimum", "dscr_average", "llcr", "plcr", "icr", "rating_notch",
    "repo_verdict", "worst_stressed_dscr", "day_one_value", "sponsor_irr_rate", "wacc_rate",
)  # fmt: skip


def steps(start: float, stop: float, step: float) -> tuple[float, ...]:
    """Evenly spaced values with both ends, free of binary noise.

    >>> steps(1.15, 1.3, 0.05)
    (1.15, 1.2, 1.25, 1.3)
    """
    count = math.floor((stop - start) / step + 1e-9) + 1
    return tuple(round(start + k * step, 10) for k in range(count))


def _contract_axes(
    tenors_years: Sequence[int], coupons: Sequence[float], trs_shares: Sequence[float]
) -> dict[str, Sequence[Lever]]:
    return {
        "senior_tenor_years": list(tenors_years),
        "senior_amortisation": list(CONTRACT_AMORTISATIONS),
        "senior_coupon_rate": list(coupons),
        "senior_dscr": list(steps(1.15, 1.50, 0.05)),
        "mezz_dscr": list(steps(1.10, 1.30, 0.05)),
        "mezz_coupon_rate": [0.06, 0.08, 0.10, 0.12],
        "zcis_tenor_years": [0, 5, 10],
        "trs_share": list(trs_shares),
        "equity_irr_rate": [0.12, 0.15, 0.18, 0.25],
    }


# The lever contract's ranges, read where the market closes: an ARD of 5 or 7 years, tenors at which ratings are decided,
# coupons from where single-A notes clear upwards, and no return swap among the swaps. The contract's own is a preset.
DEFAULT_LEVERS = LeverSet.from_dict(
    {"axes": _contract_axes([5, 7, 10, 15, 18, 20], steps(0.06, 0.07, 0.0025), [0, 0.05, 0.15, 0.25])}
)
COUPON_STEP_RATE, COUPON_STEPS = 0.0025, 5
# The notes whose fair coupon is where a run's coupons start.
START_RATING, START_LIFE_YEARS = "A-", 7.0


def default_levers(market: CurrencyMarket | None) -> LeverSet:
    """The default lever set with coupons from the fair one of A- notes upwards, by quarters of a per cent."""
    notch = notch_of(START_RATING)
    fair = market.fair_coupon_rate(notch, START_LIFE_YEARS, Seniority.SENIOR) if market else None
    if fair is None:
        return DEFAULT_LEVERS
    first = math.ceil(fair / COUPON_STEP_RATE - 1e-9) * COUPON_STEP_RATE
    coupons = steps(first, first + (COUPON_STEPS - 1) * COUPON_STEP_RATE, COUPON_STEP_RATE)
    axes = tuple((code, coupons if code == "senior_coupon_rate" else values) for code, values in DEFAULT_LEVERS.axes)
    return LeverSet(axes, DEFAULT_LEVERS.filters)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named starting point for a lever set."""

    code: str
    label: str
    help: str
    levers: LeverSet


def _preset(code: str, label: str, about: str, axes: dict[str, Sequence[Lever]], filters: Sequence[Any] = ()) -> Preset:
    return Preset(code, label, about, LeverSet.from_dict({"axes": axes, "filters": list(filters)}))


# Presets follow the source platform's three; "level" there is the annuity, "bullet" the interest-only form.
PRESETS: dict[str, Preset] = {
    p.code: p
    for p in (
        Preset("default", "Whole space", "Every axis of the lever contract, nearly a million permutations, an ARD of 5 years up to tenors of 20.", DEFAULT_LEVERS),
        _preset("contract", "Lever contract grid", "The same axes with the contract's tenors of 5 to 25 years.",
                _contract_axes([5, 10, 15, 20, 25], steps(0.03, 0.07, 0.005), [0.05, 0.15, 0.25])),
        _preset("repo_first", "Repo first, AAA to AA", "Wrapped, low coupon, no mezzanine: aims at central-bank eligibility.", {
            "senior_tenor_years": [7, 10, 12, 15], "senior_amortisation": ["annuity"],
            "senior_coupon_rate": steps(0.03, 0.05, 0.0025), "senior_dscr": steps(1.40, 1.50, 0.05), "wrap": ["senior"],
            "mezzanine": ["none"], "zcis_tenor_years": [10], "trs_share": [0.05, 0.10], "dsra_months": [6],
            "equity_irr_rate": steps(0.12, 0.25, 0.01),
        }),
        _preset("balanced", "Balanced, A", "Single-A structures without mezzanine, five-year inflation swap.", {
            "senior_tenor_years": [10, 12, 15, 20], "senior_amortisation": ["annuity", "sculpted"],
            "senior_coupon_rate": steps(0.04, 0.06, 0.0025), "senior_dscr": steps(1.25, 1.35, 0.05),
            "mezzanine": ["none"], "zcis_tenor_years": [5], "trs_share": [0.10, 0.15], "dsra_months": [3],
            "equity_irr_rate": steps(0.12, 0.25, 0.01),
        }),
        _preset("value_max", "Value maximum, BBB", "Highest leverage at investment grade, with mezzanine.", {
            "senior_tenor_years": [10, 12, 15], "senior_amortisation": ["sculpted", "interest_only"],
            "senior_coupon_rate": steps(0.05, 0.07, 0.0025), "senior_dscr": steps(1.15, 1.25, 0.05),
            "mezz_dscr": [1.05, 1.10, 1.15], "mezz_coupon_rate": steps(0.075, 0.12, 0.005), "mezz_tenor_years": [7, 10],
            "zcis_tenor_years": [0], "trs_share": [0.15, 0.20, 0.25], "dsra_months": [3],
            "equity_irr_rate": steps(0.12, 0.25, 0.01),
        }),
    )
}  # fmt: skip


def sample_size(size: int, budget: int | None) -> int:
    """How many permutations a run of `size` visits under `budget` (None: the whole space); a sample has at most MAX_SAMPLE."""
    return size if budget is None or size <= budget else min(budget, MAX_SAMPLE)


def indices(size: int, budget: int | None, seed: int, start: int, stop: int) -> Indices:
    """Sorted permutation indices start..stop of the run's visit list; the same on every machine."""
    count = sample_size(size, budget)
    if count == size:
        return np.arange(start, stop, dtype=np.int64)
    return np.sort(_shuffled(size, count, seed))[start:stop]


def _shuffled(size: int, count: int, seed: int) -> Indices:
    """The first `count` images under a seeded permutation of 0..size-1 (Feistel network with cycle walking)."""
    half_bits = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    images = _feistel(np.arange(count, dtype=np.uint64), half_bits, seed)
    while (outside := images >= np.uint64(size)).any():
        images[outside] = _feistel(images[outside], half_bits, seed)
    return images.astype(np.int64)


def _feistel(values: NDArray[np.uint64], half_bits: int, seed: int) -> NDArray[np.uint64]:
    mask = np.uint64((1 << half_bits) - 1)
    left, right = values >> np.uint64(half_bits), values & mask
    for round_number in range(6):
        left, right = right, left ^ (_mixed(right, seed, round_number) & mask)
    return np.asarray((left << np.uint64(half_bits)) | right)


def _mixed(values: NDArray[np.uint64], seed: int, round_number: int) -> NDArray[np.uint64]:
    key = int.from_bytes(hashlib.sha256(f"{seed}:{round_number}".encode()).digest()[:8], "little")
    with np.errstate(over="ignore"):
        x = values + np.uint64(key)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(x ^ (x >> np.uint64(31)))


def permutation_id(
    snapshot_hash: str, rule_set_version: str, engine_version: str, levers: Mapping[str, Lever]
) -> uuid.UUID:
    """UUID from SHA-256 over snapshot, rule set version, engine version and lever values."""
    content = json.dumps([snapshot_hash, rule_set_version, engine_version, dict(levers)], sort_keys=True)
    return uuid.UUID(bytes=hashlib.sha256(content.encode()).digest()[:16], version=5)
