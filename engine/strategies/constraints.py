"""Limits of a portfolio as rows of data: what each says in words, what it measures, which lines it gives a solver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.basics.ranges import exact
from engine.errors import InputProblems, Problem
from engine.strategies.covariance import Covariance
from engine.strategies.panels import Floats

# A weight this small is none; a slack this small is a limit reached. Solutions are exact to about 1e-8.
NO_WEIGHT = 1e-6
AT_LIMIT = 1e-6


class Side(StrEnum):
    """Which side of its limit a value may be on."""

    MOST = "most"
    LEAST = "least"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the names: arrays run over `names`."""

    names: tuple[str, ...]
    covariance: Covariance
    expected: Floats | None = None  # return a year
    current: Floats | None = None  # weights before; none held without
    benchmark: Floats | None = None
    betas: Floats | None = None
    sectors: tuple[str, ...] = ()
    restricted: frozenset[str] = frozenset()

    @property
    def held(self) -> Floats:
        """The weights before."""
        return np.zeros(len(self.names)) if self.current is None else self.current


@dataclass(frozen=True, slots=True)
class Row:
    """One limit. Without names it speaks of every one."""

    kind: str
    limit: float = 0.0
    names: tuple[str, ...] = ()
    sector: str = ""


@dataclass(frozen=True, slots=True)
class RowKind:
    """What a kind of row limits, in words, and how it is measured."""

    code: str
    words: str  # with {who}, {sector}, {limit}
    side: Side
    measure: Callable[[Row, Facts, Floats], float]
    minimum: float | None = None
    needs: str = ""  # what of the facts it cannot do without
    takes_names: bool = False
    is_whole: bool = False  # decided by whole numbers
    counts: bool = False  # its limit is a number of names

    @property
    def unit(self) -> str:
        """What its limit is in."""
        return "count" if self.counts else "factor" if self.needs == "betas" else "share"


def _places(row: Row, facts: Facts) -> Any:
    if not row.names:
        return np.arange(len(facts.names))
    places = {name: k for k, name in enumerate(facts.names)}
    return np.array([places[name] for name in row.names], dtype=np.int64)


def places_of(row: Row, facts: Facts) -> Any:
    """Positions of the names that a row speaks of."""
    if row.kind == RESTRICTED:
        return np.array([k for k, name in enumerate(facts.names) if name in facts.restricted], dtype=np.int64)
    if row.sector:
        return np.array([k for k, sector in enumerate(facts.sectors) if sector == row.sector], dtype=np.int64)
    return _places(row, facts)


def _sum(row: Row, facts: Facts, weights: Floats) -> float:
    return float(weights[places_of(row, facts)].sum())


def _largest(row: Row, facts: Facts, weights: Floats) -> float:
    return float(weights[places_of(row, facts)].max())


def _smallest(row: Row, facts: Facts, weights: Floats) -> float:
    return float(weights[places_of(row, facts)].min())


def _gross(row: Row, facts: Facts, weights: Floats) -> float:
    return float(np.abs(weights).sum())


def _long(row: Row, facts: Facts, weights: Floats) -> float:
    return float(np.maximum(weights, 0).sum())


def _short(row: Row, facts: Facts, weights: Floats) -> float:
    return float(np.maximum(-weights, 0).sum())


def _beta(row: Row, facts: Facts, weights: Floats) -> float:
    assert facts.betas is not None
    return float(facts.betas @ weights)


def _return(row: Row, facts: Facts, weights: Floats) -> float:
    assert facts.expected is not None
    return float(facts.expected @ weights)


def _turnover(row: Row, facts: Facts, weights: Floats) -> float:
    return float(np.abs(weights - facts.held).sum())


def _tracking_error(row: Row, facts: Facts, weights: Floats) -> float:
    assert facts.benchmark is not None
    return facts.covariance.volatility_rate(weights - facts.benchmark)


def _count(row: Row, facts: Facts, weights: Floats) -> float:
    return float((np.abs(weights[places_of(row, facts)]) > NO_WEIGHT).sum())


def _off_lots(row: Row, facts: Facts, weights: Floats) -> float:
    """The largest distance of a weight from a whole number of lots; none is the limit."""
    lots = weights[places_of(row, facts)] / row.limit
    return float(np.abs(lots - np.round(lots)).max() * row.limit)


def _traded(row: Row, facts: Facts, weights: Floats) -> float:
    return float(np.abs((weights - facts.held)[places_of(row, facts)]).max(initial=0.0))


RESTRICTED = "restricted"
MOST, LEAST, EQUAL = Side.MOST, Side.LEAST, Side.EQUAL
KINDS: dict[str, RowKind] = {
    kind.code: kind
    for kind in (
        RowKind("sum_equal", "weights add to {limit}", EQUAL, _sum),
        RowKind("sum_most", "weights add to at most {limit}", MOST, _sum),
        RowKind("sum_least", "weights add to at least {limit}", LEAST, _sum),
        RowKind("weight_least", "{who} at least {limit}", LEAST, _smallest, takes_names=True),
        RowKind("weight_most", "{who} at most {limit}", MOST, _largest, takes_names=True),
        RowKind("sector_least", "sector {sector}, net, at least {limit}", LEAST, _sum, needs="sector"),
        RowKind("sector_most", "sector {sector}, net, at most {limit}", MOST, _sum, needs="sector"),
        RowKind("gross_most", "long and short together at most {limit}", MOST, _gross, minimum=0.0),
        RowKind("long_most", "long positions at most {limit}", MOST, _long, minimum=0.0),
        RowKind("short_most", "short positions at most {limit}", MOST, _short, minimum=0.0),
        RowKind("beta_least", "beta at least {limit}", LEAST, _beta, needs="betas"),
        RowKind("beta_most", "beta at most {limit}", MOST, _beta, needs="betas"),
        RowKind("return_least", "expected return at least {limit} a year", LEAST, _return, needs="expected"),
        RowKind("turnover_most", "turnover, bought and sold, at most {limit}", MOST, _turnover, minimum=0.0),
        RowKind(
            "tracking_error_most", "tracking error at most {limit} a year", MOST, _tracking_error,
            minimum=0.0, needs="benchmark",
        ),
        RowKind(
            "names_most", "at most {limit} names{of}", MOST, _count,
            minimum=0.0, takes_names=True, is_whole=True, counts=True,
        ),
        RowKind("lots", "{who} in whole lots of {limit}", EQUAL, _off_lots, takes_names=True, is_whole=True),
        # Not typed as a row: it stands whenever names are restricted.
        RowKind(RESTRICTED, "no orders in restricted names: {restricted}", EQUAL, _traded),
    )
}  # fmt: skip
TYPED_KINDS = tuple(code for code in KINDS if code != RESTRICTED)
FIELDS = (
    FieldSpec("kind", "Limit on", FieldKind.CHOICE, required=True, choices=TYPED_KINDS),
    FieldSpec("limit", "Limit", FieldKind.NUMBER, required=True, minimum=-1e6, maximum=1e6),
    FieldSpec("sector", "Sector", FieldKind.TEXT, default="", maximum=100),
)
_LACKS = {
    "expected": "a return floor needs expected returns",
    "betas": "a limit on beta needs the betas of the names",
    "benchmark": "a tracking error needs a benchmark of names, and an index has no weights",
}


def share_shown(share: float) -> str:
    """A share in percent with every digit it has."""
    return f"{exact(round(100 * share, 8), 0)}%"


def limit_shown(row: Row) -> str:
    """The limit in the row's own unit: a number of names, a beta, a share."""
    return value_shown(row, row.limit)


def value_shown(row: Row, value: float) -> str:
    """A value or limit of a row in its unit."""
    if KINDS[row.kind].counts:
        return f"{value:g}"
    return exact(round(value, 10), 2) if KINDS[row.kind].unit == "factor" else share_shown(value)


def label(row: Row, facts: Facts | None = None) -> str:
    """The row in words."""
    some = ", ".join(row.names)
    restricted = ", ".join(name for name in facts.names if name in facts.restricted) if facts else ""
    return KINDS[row.kind].words.format(
        who=some or "each weight", of=f" of {some}" if some else "", sector=row.sector,
        limit=limit_shown(row), restricted=restricted,
    )  # fmt: skip


def read_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Rows as typed; every problem of every row is named at once."""
    problems: list[Problem] = []
    found = [_read_row(k, row, problems) for k, row in enumerate(rows)]
    if problems:
        raise InputProblems(problems)
    return tuple(found)


def _read_row(k: int, row: Mapping[str, Any], problems: list[Problem]) -> Row:
    reader = Reader(FIELDS, {key: value for key, value in row.items() if key != "names"})
    values, names = reader.read(), row.get("names") or ()
    problems += [Problem(each.code, f"rows.{k}.{each.place}", each.message) for each in reader.problems]
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        problems.append(Problem("not_a_list", f"rows.{k}.names", "Names are a list of texts."))
        names = ()
    return Row(str(values["kind"] or ""), float(values["limit"] or 0.0), tuple(names), str(values["sector"]))


def refusals(rows: Sequence[Row], facts: Facts) -> list[Problem]:
    """What is wrong with rows beside the facts they speak of."""
    return [
        Problem(code, f"rows.{k}", f"{label(row, facts)}: {message}.")
        for k, row in enumerate(rows)
        for code, message in _row_refusals(row, facts)
    ]


def _row_refusals(row: Row, facts: Facts) -> Iterator[tuple[str, str]]:
    kind = KINDS[row.kind]
    unknown = [name for name in row.names if name not in set(facts.names)]
    if unknown:
        yield "unknown_name", f"{', '.join(unknown)} is not among the names to choose from"
    if row.names and not kind.takes_names:
        yield "takes_no_names", "this limit speaks of the whole portfolio, not of names"
    if kind.needs == "sector" and row.sector not in set(facts.sectors):
        yield "unknown_sector", f"no name is in sector {row.sector}" if row.sector else "name the sector"
    if row.sector and kind.needs != "sector":
        yield "takes_no_sector", "this limit does not speak of a sector"
    if kind.needs in _LACKS and getattr(facts, kind.needs) is None:
        yield "lacks_facts", _LACKS[kind.needs]
    if kind.minimum is not None and row.limit < kind.minimum:
        yield "out_of_range", f"expected at least {kind.minimum:g}"
    if kind.counts and row.limit != round(row.limit):
        yield "not_whole", "a number of names is whole"
    if row.kind == "lots" and row.limit <= 0:
        yield "out_of_range", "a lot is more than zero"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row at given weights. A slack below zero is by how much it is broken.

    `shadow_price` is the change of the objective, in its own unit, for a limit higher by one; none where whole
    numbers decide. A limit that is not reached has none to ask: zero.
    """

    row: Row
    label: str
    value: float
    slack: float
    shadow_price: float | None = None
    at: tuple[str, ...] = field(default=())  # names at the limit

    @property
    def is_binding(self) -> bool:
        """True at the limit."""
        return abs(self.slack) <= AT_LIMIT

    @property
    def is_kept(self) -> bool:
        """True at the limit and on its good side."""
        return self.slack >= -AT_LIMIT


def outcome(row: Row, facts: Facts, weights: Floats, shadow_price: float | None = None) -> RowOutcome:
    """The row measured at these weights."""
    kind = KINDS[row.kind]
    value = kind.measure(row, facts, weights)
    aim = 0.0 if row.kind in {"lots", RESTRICTED} else row.limit
    slack = {Side.MOST: aim - value, Side.LEAST: value - aim, Side.EQUAL: -abs(value - aim)}[kind.side]
    at: tuple[str, ...] = ()
    if row.kind in {"weight_most", "weight_least"}:
        at = tuple(facts.names[k] for k in places_of(row, facts) if abs(weights[k] - row.limit) <= AT_LIMIT)
    return RowOutcome(row, label(row, facts), value, slack, shadow_price, at)
