"""The four roles over a version, as a job: what their tools lack is run on the way, for the person who asked."""

from __future__ import annotations

from jobs.registry import Answer
from jobs.work import Held
from strategies.models import StrategyRun
from strategies.role_tools import RoomTools
from strategies.services.roles import run_the_roles


def work(run: StrategyRun, held: Held) -> Answer:
    """What the pass said, and the run that each tool read; the pass itself is the role run of the same code."""
    tools = RoomTools(run.requested_by, run.version, held.report)
    made = run_the_roles(by=run.requested_by, version=run.version, tools=tools, code=run.code)
    return {
        "status": made.status,
        "is_complete": made.is_complete,
        "rests_on": [
            {"tool": tool, "run": str(read.code), "task": read.get_task_display(), "is_new": read.created_at > run.created_at}
            for tool, read in tools.rests_on.items()
        ],
    }  # fmt: skip
