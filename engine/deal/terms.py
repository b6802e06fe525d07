"""One financing: a setting and the choice of every lever."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.deal.choice import CLOSED, Choice
from engine.deal.numbers import Levers, Resolved, decoded
from engine.deal.resolve import Menu, encoded, resolve
from engine.deal.setting import Scenario, Setting


@dataclass(frozen=True)
class Deal(Setting):
    """One financing: all that decides its numbers."""

    choice: Choice = CLOSED

    @cached_property
    def resolved(self) -> Resolved:
        """The deal as arrays, but for its levers."""
        return resolve(self, Menu.of([[value] for value in encoded(self, self.choice).tolist()]))

    @property
    def grid(self) -> tuple[Scenario, ...]:
        """The scenarios of the grid that concern this financing: a swap's CPI stresses only where it has one."""
        return self.scenarios if self.choice.zcis_tenor_years else self.scenarios[: self.plain_count]

    @cached_property
    def levers(self) -> Levers:
        """The choice as kernels read it."""
        return Levers(*decoded(encoded(self, self.choice)))
