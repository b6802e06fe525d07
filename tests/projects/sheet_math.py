"""The few functions that the template's formulas use, worked out as a spreadsheet program does.

A twin of the real thing for machines without one: formulas are read from the workbook's file, not from the code that
wrote them.
"""

import ast
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import openpyxl

NOT_AVAILABLE = "#N/A"
_OPERATORS = re.compile(r'"[^"]*"|<>|>=|<=|=')
_CELL = re.compile(r"\$?([A-Z]+)\$?(\d+)")


class SheetError(Exception):
    """A cell that would show an error."""


class Workbook:
    """Formulas of a workbook, worked out on demand."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(content))
        self.names = {name: defined.attr_text for name, defined in self.book.defined_names.items()}
        self._known: dict[tuple[str, str], Any] = {}

    def value(self, name: str) -> Any:
        """What the named cell, or each cell of the named range, comes to."""
        sheet, _, cells = self.names[name].partition("!")
        first, _, last = cells.replace("$", "").partition(":")
        if not last:
            return self.cell(sheet, first)
        found = [self.cell(sheet, cell.coordinate) for row in self.book[sheet][f"{first}:{last}"] for cell in row]
        return np.array(found, dtype=object)

    def cell(self, sheet: str, address: str) -> Any:
        """What one cell comes to."""
        key = (sheet, address)
        if key not in self._known:
            raw = self.book[sheet][address].value
            is_formula = isinstance(raw, str) and raw.startswith("=") and self.book[sheet][address].data_type == "f"
            self._known[key] = self._formula(sheet, raw[1:]) if is_formula else raw
        return self._known[key]

    def _formula(self, sheet: str, text: str) -> Any:
        return self._node(sheet, ast.parse(_python(text), mode="eval").body)

    def _node(self, sheet: str, node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.cell(sheet, node.id) if _CELL.fullmatch(node.id) else self.value(node.id)
            case ast.Call(func=ast.Name(id=function)):
                return self._call(sheet, function, node.args)
            case ast.UnaryOp(op=ast.USub()):
                return -_number(self._node(sheet, node.operand))
            case ast.BinOp():
                return _binary(node.op, self._node(sheet, node.left), self._node(sheet, node.right))
            case ast.Compare():
                return _compare(node.ops[0], self._node(sheet, node.left), self._node(sheet, node.comparators[0]))
        raise NotImplementedError(ast.dump(node))

    def _call(self, sheet: str, function: str, arguments: list[ast.expr]) -> Any:
        if function == "IF":
            return self._node(sheet, arguments[1 if self._node(sheet, arguments[0]) else 2])
        if function == "IFERROR":
            try:
                return self._node(sheet, arguments[0])
            except (SheetError, ZeroDivisionError):
                return self._node(sheet, arguments[1])
        return FUNCTIONS[function](*(self._node(sheet, argument) for argument in arguments))


def _python(formula: str) -> str:
    def sign(match: re.Match[str]) -> str:
        return {"=": "==", "<>": "!="}.get(match[0], match[0])

    # The sign that joins texts binds as loosely here as there.
    return _OPERATORS.sub(sign, formula)


def _number(value: Any) -> Any:
    if value is None:
        return 0.0
    if isinstance(value, str):
        raise SheetError("#VALUE!")
    return value


def _binary(operator: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(operator, ast.BitAnd):
        return f"{_shown(left)}{_shown(right)}"
    left, right = _number(left), _number(right)
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise NotImplementedError(operator)


def _compare(operator: ast.cmpop, left: Any, right: Any) -> Any:
    if isinstance(operator, ast.Eq):
        return left == right
    left, right = _number(left), _number(right)
    match operator:
        case ast.Gt():
            return left > right
        case ast.GtE():
            return left >= right
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
    raise NotImplementedError(operator)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _none() -> Any:
    raise SheetError(NOT_AVAILABLE)


def _match(value: Any, found: Any, _: int) -> int:
    places = [place for place, each in enumerate(found, 1) if each == value]
    return places[0] if places else _none()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "AND": lambda *values: all(values),
    "OR": lambda *values: any(values),
    "COUNT": lambda *values: sum(_is_number(value) for value in values),
    "ISBLANK": lambda value: value is None,
    "ISNUMBER": _is_number,
    "INT": lambda value: int(_number(value) // 1),
    "MATCH": _match,
    "MAX": lambda *values: max(_number(value) for value in values),
    "N": lambda value: value if _is_number(value) else 0.0,
    "NA": _none,
    "SUM": lambda values: sum(value for value in values if _is_number(value)),
    "SUMPRODUCT": lambda values: float(np.sum(values)),
}
