"""A case resolved to numbers: the space's axes beside what its financings share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.deal.axes import AXES, Layer
from engine.deal.choice import CLOSED, Choice
from engine.deal.numbers import Resolved
from engine.deal.resolve import Menu, encoded, resolve
from engine.deal.setting import Setting
from engine.deal.terms import Deal
from engine.permutations.levers import LeverSet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case(Setting):
    """A space of financings: a project, its terms, the rules and the levers; a closed lever stands at `choice`."""

    levers: LeverSet
    choice: Choice = CLOSED

    @cached_property
    def resolved(self) -> Resolved:
        """What the financings share, as arrays."""
        return resolve(self, Menu.of(self._rows))

    @cached_property
    def axes(self) -> AxisTable:
        """The space as arrays."""
        return _axis_table(self._rows)

    @cached_property
    def _rows(self) -> list[list[float]]:
        """Encoded values of every axis in catalogue order; a closed axis holds one."""
        opened, closed = dict(self.levers.axes), encoded(self, self.choice).tolist()
        return [
            [spec.encode(value) for value in opened[code]] if code in opened else [value]
            for (code, spec), value in zip(AXES.items(), closed, strict=True)
        ]

    def deal_of(self, index: int) -> Deal:
        """One financing of the space; raises InputProblems if it has no such index."""
        choice = Choice.from_dict(self.choice.to_dict() | self.levers.opened_at(index))
        return Deal(self.inputs, self.terms, self.rules, choice, market=self.market)


class AxisTable(NamedTuple):
    """Mixed radix of the space: position = index // stride % length, value = values[axis, position].

    Closed axes have length 1. Layer sizes say how many permutations share a cash flow, a senior structure, a debt
    structure and a hedged cash flow.
    """

    strides: NDArray[np.int64]
    lengths: NDArray[np.int64]
    values: Floats
    below_cash: int
    below_senior: int
    below_mezz: int
    below_flow: int


@njit(cache=True, nogil=True)
def position(axes: AxisTable, axis: int, index: int) -> int:
    """Position of a permutation on one axis."""
    position: int = index // axes.strides[axis] % axes.lengths[axis]
    return position


def _axis_table(rows: list[list[float]]) -> AxisTable:
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    strides = np.ones(len(rows), dtype=np.int64)
    for k in range(len(rows) - 2, -1, -1):
        strides[k] = strides[k + 1] * lengths[k + 1]
    values = np.full((len(rows), int(lengths.max())), np.nan)
    for k, row in enumerate(rows):
        values[k, : len(row)] = row
    below = {layer: int(np.prod([n for n, spec in zip(lengths, AXES.values(), strict=True) if _deeper(spec.layer, layer)]))
             for layer in Layer}  # fmt: skip
    return AxisTable(
        strides, lengths, values, below[Layer.CASH], below[Layer.SENIOR], below[Layer.MEZZ], below[Layer.FLOW]
    )


def _deeper(layer: Layer, than: Layer) -> bool:
    order = list(Layer)
    return order.index(layer) > order.index(than)
