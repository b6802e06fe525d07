"""Formulas written once: each is the text a spreadsheet computes, and what computes its value from the same parts.

An operand names others in square brackets: [noi] a figure, [months.cfads] a column at the row the formula stands in,
[months.cfads<] the row before, [months.cfads:0] and [months.cfads:1] all of it from that row on, [months.cfads@] the
months of the year the formula stands in. A layout puts addresses in their place; `engine.book.page` computes without
any text, a number at a time or a whole column at once. Functions follow the spreadsheet's own (OpenFormula 1.2).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# How tightly an operator binds; an operand that binds less is put in brackets.
_COMPARED, _ADDED, _MULTIPLIED, _NEGATED, _RAISED, _WHOLE = range(6)
# Stands where there is no limit; a spreadsheet has no infinity.
NO_LIMIT = 1e99


class Place(Protocol):
    """Where a formula is computed: figures, whole columns, and the row it stands in (or all rows, as slices)."""

    cells: Any
    columns: Any
    rows: Any
    now: Any
    back: Any
    period: Any


Compute = Callable[[Any], Any]


@dataclass(frozen=True, eq=False, slots=True)
class Expr:
    """A formula without its equals sign, and what computes it."""

    text: str
    value: Compute
    binds: int = _WHOLE

    @property
    def reads(self) -> tuple[str, ...]:
        """What it names, in order, as it names it."""
        return tuple(dict.fromkeys(part.partition("]")[0] for part in self.text.split("[")[1:]))

    def written(self, address: Callable[[str], str]) -> str:
        """The text with an address for each name."""
        head, *parts = (part.partition("]") for part in self.text.split("["))
        return head[0] + "".join(address(name) + rest for name, _, rest in parts)

    def __add__(self, other: Operand) -> Expr:
        return _binary(self, "+", other, _ADDED, operator.add)

    def __radd__(self, other: Operand) -> Expr:
        return expr(other) + self

    def __sub__(self, other: Operand) -> Expr:
        return _binary(self, "-", other, _ADDED, operator.sub)

    def __rsub__(self, other: Operand) -> Expr:
        return expr(other) - self

    def __mul__(self, other: Operand) -> Expr:
        return _binary(self, "*", other, _MULTIPLIED, operator.mul)

    def __rmul__(self, other: Operand) -> Expr:
        return expr(other) * self

    def __truediv__(self, other: Operand) -> Expr:
        return _binary(self, "/", other, _MULTIPLIED, _divided)

    def __rtruediv__(self, other: Operand) -> Expr:
        return expr(other) / self

    def __pow__(self, other: Operand) -> Expr:
        return _binary(self, "^", other, _RAISED, operator.pow)

    def __neg__(self) -> Expr:
        # A spreadsheet reads -a^2 as (-a)^2.
        value = self.value
        return Expr(f"-{_bracketed(self, _WHOLE)}", lambda at: -value(at), _NEGATED)

    def __lt__(self, other: Operand) -> Expr:
        return _binary(self, "<", other, _COMPARED, operator.lt)

    def __le__(self, other: Operand) -> Expr:
        return _binary(self, "<=", other, _COMPARED, operator.le)

    def __gt__(self, other: Operand) -> Expr:
        return _binary(self, ">", other, _COMPARED, operator.gt)

    def __ge__(self, other: Operand) -> Expr:
        return _binary(self, ">=", other, _COMPARED, operator.ge)


Operand = Expr | float | str | bool


@dataclass(frozen=True, slots=True)
class Span:
    """A run of cells down a column."""

    text: str
    value: Compute


def expr(operand: Operand) -> Expr:
    """The operand as an expression; numbers and words stand in the formula as they are typed."""
    if isinstance(operand, Expr):
        return operand
    if isinstance(operand, bool):
        return Expr("TRUE" if operand else "FALSE", lambda at: operand)
    if isinstance(operand, str):
        return Expr(f'"{operand}"', lambda at: operand)
    number = float(operand)
    return Expr(f"{number:.15g}", lambda at: number, _WHOLE if number >= 0 else _NEGATED)


def cell(name: str) -> Expr:
    """A figure or an input by its name."""
    return Expr(f"[{name}]", lambda at: at.cells[name])


@dataclass(frozen=True, slots=True)
class Column:
    """The columns of one grid, by name."""

    grid: str

    def __call__(self, name: str) -> Expr:
        """The column at the row the formula stands in."""
        key = f"{self.grid}.{name}"
        return Expr(f"[{key}]", lambda at: at.rows[key][at.now])

    def before(self, name: str) -> Expr:
        """The column at the row before."""
        key = f"{self.grid}.{name}"
        return Expr(f"[{key}<]", lambda at: at.rows[key][at.back])

    def span(self, name: str, first: int = 0) -> Span:
        """All of the column, from its first row or the one after."""
        key = f"{self.grid}.{name}"
        return Span(f"[{key}:{first}]", lambda at: at.columns[key][first:])

    def since(self, name: str, first: Expr) -> Expr:
        """SUM of the column from a period, counted from 1, to the row the formula stands in."""
        key, start = f"{self.grid}.{name}", first.value

        def found(at: Place) -> Floats:
            cells = at.columns[key][1:]
            return np.array([cells[int(a) - 1 : int(b)].sum() for a, b in zip(start(at), at.period, strict=True)])

        return Expr(f"SUM(INDEX([{key}:1],{first.text}):[{key}])", found)

    def so_far(self, name: str) -> Expr:
        """SUM of the column from its first period to the row the formula stands in."""
        key = f"{self.grid}.{name}"
        return Expr(f"SUM(INDEX([{key}:1],1):[{key}])", lambda at: np.cumsum(at.columns[key][1:]))

    def of_year(self, name: str) -> Expr:
        """SUM of the months of the year the formula stands in."""
        key = f"{self.grid}.{name}"
        return Expr(f"SUM([{key}@])", lambda at: at.columns[key][1:].reshape(-1, 12).sum(axis=1))

    def at_year_end(self, name: str) -> Expr:
        """The last month of the year the formula stands in."""
        key = f"{self.grid}.{name}"
        return Expr(f"[{key}!]", lambda at: at.columns[key][12::12])

    def last(self, name: str) -> Expr:
        """The column at its last row."""
        key = f"{self.grid}.{name}"
        return Expr(f"[{key}$]", lambda at: float(at.columns[key][-1]))


# The number of the row a formula stands in, typed as it is.
PERIOD = Expr("[#]", lambda at: at.period)


def missing(words: str = "") -> Expr:
    """Words where there is no number; nothing is computed from them."""
    return Expr(f'"{words}"', lambda at: math.nan)


def is_missing(number: Expr, words: str) -> Expr:
    """TRUE where there is no number but those words."""
    value = number.value
    return Expr(f'{_bracketed(number, _ADDED)}="{words}"', lambda at: math.isnan(value(at)), _COMPARED)


def or_missing(number: Expr, words: str) -> Expr:
    """IFERROR: the number, or words where there is none."""
    return Expr(f'IFERROR({number.text},"{words}")', number.value)


def same(left: Operand, right: Operand) -> Expr:
    """TRUE where both are equal."""
    return _binary(expr(left), "=", right, _COMPARED, operator.eq)


def when(condition: Expr, then: Operand, otherwise: Operand) -> Expr:
    """IF: the value of the branch the condition picks."""
    a, b = expr(then), expr(otherwise)
    test, yes, no = condition.value, a.value, b.value

    def choose(at: Place) -> Any:
        picked = test(at)
        if isinstance(picked, np.ndarray):
            return np.where(picked, yes(at), no(at))
        return yes(at) if picked else no(at)

    return Expr(f"IF({condition.text},{a.text},{b.text})", choose)


def choose(position: Expr, options: Sequence[Operand]) -> Expr:
    """CHOOSE: the option at a position, counted from 1."""
    found, told = position.value, [expr(option) for option in options]

    def chosen(at: Place) -> Any:
        where = int(found(at))
        if not 1 <= where <= len(told):
            raise ArithmeticError(f"{position.text} is {where}: expected 1 to {len(told)}")
        return told[where - 1].value(at)

    return Expr(f"CHOOSE({position.text},{','.join(option.text for option in told)})", chosen)


def both(one: Expr, other: Expr) -> Expr:
    """AND of two conditions."""
    a, b = one.value, other.value

    def holds(at: Place) -> Any:
        first = a(at)
        if isinstance(first, np.ndarray):
            return first & b(at)
        return b(at) if first else False

    return Expr(f"AND({one.text},{other.text})", holds)


def either(one: Expr, other: Expr) -> Expr:
    """OR of two conditions."""
    a, b = one.value, other.value

    def holds(at: Place) -> Any:
        first = a(at)
        if isinstance(first, np.ndarray):
            return first | b(at)
        return True if first else b(at)

    return Expr(f"OR({one.text},{other.text})", holds)


def largest(*parts: Operand) -> Expr:
    """MAX of numbers."""
    return _folded("MAX", parts, np.maximum, max)


def least(*parts: Operand) -> Expr:
    """MIN of numbers."""
    return _folded("MIN", parts, np.minimum, min)


def lowest(span: Span) -> Expr:
    """MIN of the cells that hold numbers."""
    return _gathered("MIN", span, lambda numbers: numbers.min(initial=math.inf))


def average(span: Span) -> Expr:
    """AVERAGE of the cells that hold numbers."""
    return _gathered("AVERAGE", span, lambda numbers: numbers.mean() if numbers.size else math.inf)


def total(*parts: Span | Expr) -> Expr:
    """SUM of figures and spans."""
    values = [part.value for part in parts]
    return Expr(
        f"SUM({','.join(part.text for part in parts)})",
        lambda at: math.fsum(float(np.sum(value(at))) for value in values),
    )


def total_product(one: Span, other: Span) -> Expr:
    """SUMPRODUCT of two spans of one length, all numbers."""
    a, b = one.value, other.value
    return Expr(f"SUMPRODUCT({one.text},{other.text})", lambda at: float(np.dot(a(at), b(at))))


def pick(span: Span, position: Expr) -> Expr:
    """INDEX: the cell at a position, counted from 1."""
    cells, place = span.value, position.value

    def found(at: Place) -> Any:
        where = place(at)
        try:
            return (
                cells(at)[where.astype(np.int64) - 1]
                if isinstance(where, np.ndarray)
                else float(cells(at)[int(where) - 1])
            )
        except IndexError:
            raise ArithmeticError(f"{span.text} has no cell {where}") from None

    return Expr(f"INDEX({span.text},{position.text})", found)


def whole(number: Expr) -> Expr:
    """INT: the next whole number below."""
    value = number.value
    return Expr(f"INT({number.text})", lambda at: value(at) // 1.0)


def is_blank(input_cell: Expr) -> Expr:
    """ISBLANK: TRUE for an input left empty."""
    value = input_cell.value
    return Expr(f"ISBLANK({input_cell.text})", lambda at: value(at) is None)


def annuity(rate: Operand, count: Operand) -> Expr:
    """PV: value of one unit a period for `count` periods."""
    i, n = expr(rate), expr(count)
    each, periods = i.value, n.value

    def worth(at: Place) -> Any:
        r, k = each(at), periods(at)
        if r == 0.0:
            return k
        return -(np if isinstance(k, np.ndarray) else math).expm1(-k * math.log1p(r)) / r

    return Expr(f"PV({i.text},{n.text},-1)", worth)


def internal_rate(flows: Span) -> Expr:
    """IRR a period of flows at equal intervals; an error where there is none."""
    value = flows.value
    return Expr(f"IRR({flows.text},0.005)", lambda at: internal_rate_of(value(at)))


def internal_rate_of(flows: Floats) -> float:
    """The rate a period at which flows at equal intervals are worth nothing; NaN if there is none."""
    from scipy.optimize import brentq

    periods = np.arange(flows.size)

    def worth(log_rate: float) -> float:
        return float(np.dot(flows, np.exp(-log_rate * periods)))

    low, high = -0.5, 10.0
    if worth(low) * worth(high) >= 0.0:
        return math.nan
    return math.expm1(brentq(worth, low, high, xtol=1e-16, rtol=1e-14))


def _divided(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        with np.errstate(divide="ignore", invalid="ignore"):
            return a / b
    return a / b if b else math.nan


def _binary(left: Expr, sign: str, right: Operand, binds: int, compute: Callable[[Any, Any], Any]) -> Expr:
    other = expr(right)
    # A minus or a division takes what follows as a whole; comparisons do not chain.
    text = f"{_bracketed(left, binds + (sign == '='))}{sign}{_bracketed(other, binds + (sign in '-/^='))}"
    a, b = left.value, other.value
    if not isinstance(right, Expr):
        typed = b(None)
        return Expr(text, lambda at: compute(a(at), typed), binds)
    return Expr(text, lambda at: compute(a(at), b(at)), binds)


def _bracketed(operand: Expr, least_binding: int) -> str:
    return operand.text if operand.binds >= least_binding else f"({operand.text})"


def _folded(name: str, parts: tuple[Operand, ...], by_column: Any, by_number: Callable[..., Any]) -> Expr:
    read = [expr(part) for part in parts]
    text = f"{name}({','.join(part.text for part in read)})"
    first, *others = (part.value for part in read)

    def fold(at: Place) -> Any:
        found = first(at)
        for other in others:
            next_one = other(at)
            arrays = isinstance(found, np.ndarray) or isinstance(next_one, np.ndarray)
            found = by_column(found, next_one) if arrays else by_number(found, next_one)
        return found

    return Expr(text, fold)


def _gathered(name: str, span: Span, compute: Callable[[Floats], Any]) -> Expr:
    value = span.value

    def gather(at: Place) -> float:
        numbers = value(at)
        return float(compute(numbers[~np.isnan(numbers)]))

    return Expr(f"{name}({span.text})", gather)
