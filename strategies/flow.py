"""The steps of a strategy from state to state: who takes each, from where, and whether it needs a reason or a second person."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.access import Action
from strategies.models import State


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `asks` are checked in `services.decide`: the gates of the work, a second person, a check."""

    code: str
    label: str
    before: tuple[State, ...]
    after: State
    action: Action
    needs_reason: bool = False
    needs_second: bool = False
    needs_work: bool = False
    needs_check: bool = False


STEPS: dict[str, Step] = {
    step.code: step
    for step in (
        Step("begin", "Begin research", (State.CREATED,), State.RESEARCH, Action.RESEARCH),
        Step(
            "submit",
            "Submit for risk review",
            (State.CREATED, State.RESEARCH),
            State.RISK_REVIEW,
            Action.RESEARCH,
            needs_work=True,
        ),
        Step(
            "pass_risk",
            "Pass to compliance",
            (State.RISK_REVIEW,),
            State.COMPLIANCE,
            Action.JUDGE_RISK,
            needs_second=True,
            needs_work=True,
        ),
        Step("reject_risk", "Send back", (State.RISK_REVIEW,), State.RESEARCH, Action.JUDGE_RISK, needs_reason=True),
        Step(
            "approve",
            "Sign off",
            (State.COMPLIANCE,),
            State.APPROVED,
            Action.COMPLY,
            needs_second=True,
            needs_work=True,
            needs_check=True,
        ),
        Step("reject", "Send back", (State.COMPLIANCE,), State.RESEARCH, Action.COMPLY, needs_reason=True),
        Step(
            "reopen",
            "Open again for research",
            (State.APPROVED, State.EXPORTED),
            State.RESEARCH,
            Action.RESEARCH,
            needs_reason=True,
        ),
        Step(
            "archive",
            "Archive",
            tuple(state for state in State if state != State.ARCHIVED),
            State.ARCHIVED,
            Action.MANAGE,
            needs_reason=True,
        ),
    )
}


def steps_from(state: str, allowed: frozenset[Action]) -> list[Step]:
    """The steps that somebody who may do this takes from a state."""
    return [step for step in STEPS.values() if state in step.before and step.action in allowed]
