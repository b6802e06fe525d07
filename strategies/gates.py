"""What must hold before a strategy goes on: each gate with whether it does, in words."""

from __future__ import annotations

from dataclasses import dataclass

from lib.errors import Invalid
from strategies.answers import portfolio_run, scenarios_run
from strategies.models import CheckStatus, StrategyVersion

LEAST_SCENARIOS = 3


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: a code, what it asks, whether it is met, and how it stands."""

    code: str
    label: str
    is_met: bool
    words: str


def portfolio_gate(version: StrategyVersion) -> Gate:
    """The version has a portfolio."""
    label = "A portfolio of this version"
    try:
        run = portfolio_run(version)
    except Invalid as missing:
        return Gate("no_portfolio", label, False, missing.problems[0].message)
    return Gate("no_portfolio", label, True, f"From the run of {run.created_at:%-d %b %Y, %H:%M}.")


def scenario_gate(version: StrategyVersion) -> Gate:
    """The version went through enough scenarios."""
    names = scenarios_run(version)
    told = f"{len(names)} of {LEAST_SCENARIOS} run" + (f": {', '.join(names)}." if names else ".")
    return Gate("few_scenarios", f"At least {LEAST_SCENARIOS} scenarios", len(names) >= LEAST_SCENARIOS, told)


def work_gates(version: StrategyVersion) -> list[Gate]:
    """What research must have done before anybody reviews it."""
    return [portfolio_gate(version), scenario_gate(version)]


def check_gate(status: str | None) -> Gate:
    """No rule says BLOCK."""
    words = {
        None: "Not checked yet.",
        CheckStatus.OK.value: "Every rule is kept.",
        CheckStatus.REVIEW.value: "Nothing is blocked; the reasons for review are answered when it is signed.",
        CheckStatus.BLOCK.value: "A rule says that this is blocked.",
    }
    is_met = status in {CheckStatus.OK.value, CheckStatus.REVIEW.value}
    return Gate("blocked", "No rule says BLOCK", is_met, words[status])
