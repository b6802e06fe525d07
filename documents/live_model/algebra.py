"""Formulas that know their value: each expression is the text a spreadsheet computes and the number it comes to.

A workbook written from them shows the right figures in a viewer that never recalculates, and cannot say one thing in
its formula and another in its stored value. Functions follow the spreadsheet's own (OpenFormula 1.2), IRR excepted,
which is solved by bracketing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.optimize import brentq

Value = float | str | bool
# How tightly an operator binds; an operand that binds less is put in brackets.
_COMPARED, _ADDED, _MULTIPLIED, _NEGATED, _RAISED, _WHOLE = range(6)
_IRR_GUESS = 0.005


@dataclass(frozen=True, eq=False, slots=True)
class Expr:
    """A formula without its equals sign, and what it comes to; not-a-number where a spreadsheet shows an error."""

    text: str
    value: Value
    binds: int = _WHOLE

    @property
    def number(self) -> float:
        """The value as a spreadsheet computes with it: TRUE is 1, text is an error."""
        return math.nan if isinstance(self.value, str) else float(self.value)

    def __add__(self, other: Operand) -> Expr:
        return _binary(self, "+", other, _ADDED, lambda a, b: a + b)

    def __radd__(self, other: Operand) -> Expr:
        return expr(other) + self

    def __sub__(self, other: Operand) -> Expr:
        return _binary(self, "-", other, _ADDED, lambda a, b: a - b)

    def __rsub__(self, other: Operand) -> Expr:
        return expr(other) - self

    def __mul__(self, other: Operand) -> Expr:
        return _binary(self, "*", other, _MULTIPLIED, lambda a, b: a * b)

    def __rmul__(self, other: Operand) -> Expr:
        return expr(other) * self

    def __truediv__(self, other: Operand) -> Expr:
        return _binary(self, "/", other, _MULTIPLIED, lambda a, b: a / b if b else math.nan)

    def __rtruediv__(self, other: Operand) -> Expr:
        return expr(other) / self

    def __pow__(self, other: Operand) -> Expr:
        return _binary(self, "^", other, _RAISED, lambda a, b: a**b)

    def __neg__(self) -> Expr:
        # A spreadsheet reads -a^2 as (-a)^2.
        return Expr(f"-{_bracketed(self, _WHOLE)}", -self.number, _NEGATED)

    def __lt__(self, other: Operand) -> Expr:
        return _binary(self, "<", other, _COMPARED, lambda a, b: a < b)

    def __le__(self, other: Operand) -> Expr:
        return _binary(self, "<=", other, _COMPARED, lambda a, b: a <= b)

    def __gt__(self, other: Operand) -> Expr:
        return _binary(self, ">", other, _COMPARED, lambda a, b: a > b)

    def __ge__(self, other: Operand) -> Expr:
        return _binary(self, ">=", other, _COMPARED, lambda a, b: a >= b)


Operand = Expr | float | str | bool


@dataclass(frozen=True, slots=True)
class Span:
    """A run of cells down a column, from the first to the last; those not filled yet may be named, not read."""

    text: str
    cells: Sequence[Expr | None]

    @property
    def numbers(self) -> list[float]:
        """The values of the cells that hold numbers: aggregates pass over words."""
        return [cell.number for cell in self.cells if cell is not None and not isinstance(cell.value, str)]


def expr(operand: Operand) -> Expr:
    """The operand as an expression; numbers and words stand in the formula as they are typed."""
    if isinstance(operand, Expr):
        return operand
    if isinstance(operand, bool):
        return Expr("TRUE" if operand else "FALSE", operand)
    if isinstance(operand, str):
        return Expr(f'"{operand}"', operand)
    return Expr(f"{operand:.15g}", float(operand), _WHOLE if operand >= 0 else _NEGATED)


def same(left: Operand, right: Operand) -> Expr:
    """TRUE where both are equal; words without regard to case, as a spreadsheet compares them."""
    a, b = expr(left), expr(right)
    if isinstance(a.value, str) or isinstance(b.value, str):
        equal = str(a.value).lower() == str(b.value).lower()
    else:
        equal = a.value == b.value
    return Expr(f"{_bracketed(a, _ADDED)}={_bracketed(b, _ADDED)}", equal, _COMPARED)


def when(condition: Expr, then: Operand, otherwise: Operand) -> Expr:
    """IF: the value of the branch the condition picks."""
    a, b = expr(then), expr(otherwise)
    return Expr(f"IF({condition.text},{a.text},{b.text})", a.value if condition.value else b.value)


def both(*conditions: Expr) -> Expr:
    """AND of the conditions."""
    return _call("AND", conditions, all(bool(c.value) for c in conditions))


def either(*conditions: Expr) -> Expr:
    """OR of the conditions."""
    return _call("OR", conditions, any(bool(c.value) for c in conditions))


def largest(*parts: Operand | Span) -> Expr:
    """MAX of cells, numbers and spans."""
    return _aggregate("MAX", parts, max)


def least(*parts: Operand | Span) -> Expr:
    """MIN of cells, numbers and spans."""
    return _aggregate("MIN", parts, min)


def total(*parts: Operand | Span) -> Expr:
    """SUM of cells, numbers and spans."""
    return _aggregate("SUM", parts, math.fsum)


def average(span: Span) -> Expr:
    """AVERAGE of the cells that hold numbers."""
    return _aggregate("AVERAGE", (span,), lambda numbers: math.fsum(numbers) / len(numbers) if numbers else math.nan)


def total_product(*spans: Span) -> Expr:
    """SUMPRODUCT of spans of one length, all numbers."""
    value = math.fsum(math.prod(row) for row in zip(*(span.numbers for span in spans), strict=True))
    return Expr(f"SUMPRODUCT({','.join(span.text for span in spans)})", value)


def pick(span: Span, position: Expr) -> Expr:
    """INDEX: the cell at a position, counted from 1."""
    at = position.number
    cell = span.cells[int(at) - 1] if 1 <= at <= len(span.cells) else None
    return Expr(f"INDEX({span.text},{position.text})", math.nan if cell is None else cell.value)


def whole(number: Expr) -> Expr:
    """INT: the next whole number below."""
    return _call("INT", (number,), float(math.floor(number.number)))


def is_blank(cell: Expr) -> Expr:
    """ISBLANK: TRUE for an input left empty."""
    return _call("ISBLANK", (cell,), cell.value == "")


def or_text(number: Expr, otherwise: str) -> Expr:
    """IFERROR: the number, or words where there is none."""
    value: Value = otherwise if math.isnan(number.number) else number.value
    return Expr(f'IFERROR({number.text},"{otherwise}")', value)


def internal_rate(flows: Span) -> Expr:
    """IRR a period of flows at equal intervals; an error where there is none."""
    return Expr(f"IRR({flows.text},{_IRR_GUESS})", _irr(flows.numbers))


def _irr(flows: Sequence[float]) -> float:
    def worth(rate: float) -> float:
        return math.fsum(flow / (1.0 + rate) ** n for n, flow in enumerate(flows))

    low, high = -0.2, 1.0
    if worth(low) * worth(high) > 0.0:
        return math.nan
    return float(brentq(worth, low, high, xtol=1e-15, rtol=1e-14))


def _binary(left: Expr, sign: str, right: Operand, binds: int, compute: Callable[[float, float], Value]) -> Expr:
    other = expr(right)
    # A minus or a division takes what follows as a whole.
    text = f"{_bracketed(left, binds)}{sign}{_bracketed(other, binds + (sign in '-/^'))}"
    return Expr(text, compute(left.number, other.number), binds)


def _bracketed(operand: Expr, least_binding: int) -> str:
    return operand.text if operand.binds >= least_binding else f"({operand.text})"


def _call(name: str, arguments: Sequence[Expr], value: Value) -> Expr:
    return Expr(f"{name}({','.join(argument.text for argument in arguments)})", value)


def _aggregate(name: str, parts: Sequence[Operand | Span], compute: Callable[[list[float]], float]) -> Expr:
    read = [part if isinstance(part, Span) else expr(part) for part in parts]
    numbers: list[float] = []
    for part in read:
        numbers += part.numbers if isinstance(part, Span) else [part.number]
    return Expr(f"{name}({','.join(part.text for part in read)})", compute(numbers))
