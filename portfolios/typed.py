"""Numbers that a person types on the room's pages, read as everywhere in the house."""

from __future__ import annotations

from decimal import Decimal

from engine.errors import Problem
from lib.errors import Invalid
from lib.figures import readers_format
from lib.numbers import read_number, shortened, typed_text
from lib.text import label_of
from lib.units import mark

MOST = Decimal(10) ** 12


def read_typed(text: str, name: str, unit: str = "amount", numbers: str = "") -> Decimal:
    """The number of a field in the engine's unit, written in the reader's format or in `numbers`.

    Raises Invalid for what is no number, or past a trillion.
    """
    label = label_of(name)
    found = read_number(text, unit, numbers or readers_format())
    if found.value is None:
        raise Invalid([Problem(found.code, name, f"{label}: {found.problem}.")])
    if abs(found.value) >= MOST:
        raise Invalid([Problem("range", name, f"{label}: expected less than {MOST:,f}, got {shortened(text)}.")])
    return found.value


def as_typed(value: Decimal, unit: str = "amount") -> str:
    """The number as its field shows it."""
    return f"{typed_text(value, unit, readers_format())}{mark(unit)}"
