"""Which function does which task of a run."""

from __future__ import annotations

from collections.abc import Callable

from jobs.registry import Answer
from jobs.work import Held
from strategies.models import StrategyRun, Task

Work = Callable[[StrategyRun, Held], Answer]
_WORK: dict[Task, Work] = {}


def does(task: Task, work: Work) -> None:
    """`work` does the task from now on."""
    _WORK[task] = work


def run_task(run: StrategyRun, held: Held) -> Answer:
    """The answer of the run's task."""
    return _WORK[Task(run.task)](run, held)
