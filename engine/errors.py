"""The engine's one exception tree.

EngineError
├── InputProblems      data from outside that cannot be used, problem by problem
└── CalculationError   a formula that has no finite answer for valid data
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with outside data: a stable code, the place, a sentence that says what to do."""

    code: str
    place: str
    message: str


class EngineError(ValueError):
    """Root of everything the engine raises on purpose."""


class InputProblems(EngineError):
    """Outside data was refused; `problems` lists every reason, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(f"{p.place}: {p.message}" for p in self.problems))


class CalculationError(EngineError):
    """A formula gave no finite answer; the message names the formula and its inputs."""
