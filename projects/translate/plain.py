"""Exact numbers and plain JSON, as forms, rows and the engine pass them to each other."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def plain_json(node: Any) -> Any:
    """The same content in JSON's own types: Decimal to float, tuples to lists, empty groups left out."""
    if isinstance(node, Mapping):
        return {str(key): plain_json(child) for key, child in node.items() if not _is_empty_group(child)}
    if isinstance(node, list | tuple):
        return [plain_json(item) for item in node]
    return float(node) if isinstance(node, Decimal) else node


def cents(amount: Decimal) -> Decimal:
    """The amount to the cent; what is too large to have cents stays as it is, for the engine to refuse."""
    return amount.quantize(Decimal("0.01")) if abs(amount) < Decimal(10) ** 20 else amount


def _is_empty_group(child: Any) -> bool:
    return isinstance(child, Mapping) and not child
