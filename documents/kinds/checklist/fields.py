"""What the checklist takes from the facts: every task with its dates, and what stands on the critical path."""

from __future__ import annotations

from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part
from engine.basics.business_days import PLACES


def fields(facts: PackFacts, part: Part) -> Fields:
    """Tasks by workstream in their order."""
    tasks = facts.checklist
    workstreams = tuple(dict.fromkeys(task.workstream for task in tasks))
    return {
        "kick_off_date": min(task.start_date for task in tasks),
        "holidays": PLACES[facts.calendar.holidays],
        "task_count": len(tasks),
        "critical_count": sum(task.is_critical for task in tasks),
        "workstreams": [
            {
                "title": title,
                "tasks": [
                    {
                        "code": task.code,
                        "title": task.title,
                        "owner": task.owner,
                        "after": task.after,
                        "duration_days": task.duration_days,
                        "start_date": task.start_date,
                        "end_date": task.end_date,
                        "float_days": task.float_days,
                        "is_critical": task.is_critical,
                    }
                    for task in tasks
                    if task.workstream == title
                ],
            }
            for title in workstreams
        ],
    }
