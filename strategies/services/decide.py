"""Steps of a strategy from state to state, each through its gates, each kept with who took it and why."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.four_eyes import require_second
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from strategies.access import require_on
from strategies.flow import STEPS, Step
from strategies.gates import work_gates
from strategies.models import CheckStatus, ComplianceCheck, Decision, State, Strategy, StrategyVersion
from strategies.news import tell_of_decision
from strategies.presence import require_unlocked
from strategies.queries import latest_version, locked
from strategies.services.check import check_that_opens


@transaction.atomic
def take_step(*, by: User, strategy: Strategy, step: str, reason: str = "", seen_hash: str = "") -> Decision:
    """The strategy one step on; Invalid where a gate is shut, or where the check is no longer the one that was seen."""
    taken = STEPS.get(step)
    if taken is None:
        raise refuse("unknown_step", "step", "There is no such step.")
    require_on(by, strategy.desk, taken.action)
    held = locked(strategy)
    _require_open(by, held, taken, reason)
    version = latest_version(held)
    if taken.needs_second:
        _require_another(by, held, version)
    if taken.needs_work:
        _require_work(version)
    check = _signed(by, version, reason, seen_hash) if taken.needs_check else None
    decision = _moved(by, held, version, taken.after, reason, check)
    tell_of_decision(decision, taken)
    return decision


def export_begun(by: User, strategy: Strategy, check: ComplianceCheck) -> None:
    """An approved strategy is exported from its first export on."""
    if strategy.state == State.APPROVED:
        _moved(by, strategy, latest_version(strategy), State.EXPORTED, "", check)


def _require_open(by: User, held: Strategy, taken: Step, reason: str) -> None:
    if held.state not in taken.before:
        sentence = f"{held} stands at {held.get_state_display().lower()}: that step is not open there."
        raise refuse("wrong_state", "state", sentence)
    if taken.needs_reason and not reason.strip():
        raise refuse("no_reason", "reason", "Say why.")
    require_unlocked(held, by)


def _require_another(by: User, held: Strategy, version: StrategyVersion) -> None:
    """Four eyes: neither who wrote the version nor who submitted it."""
    submitted = Decision.objects.filter(strategy=held, after=State.RISK_REVIEW).first()
    require_second(by, [version.made_by_id, submitted.made_by_id if submitted else None])


def _require_work(version: StrategyVersion) -> None:
    shut = [gate for gate in work_gates(version) if not gate.is_met]
    if shut:
        raise Invalid([Problem(gate.code, "version", f"{gate.label}: {gate.words}") for gate in shut])


def _signed(by: User, version: StrategyVersion, reason: str, seen_hash: str) -> ComplianceCheck:
    """The check that is signed: the one that was seen, without BLOCK; one for review is answered."""
    check = check_that_opens(by, version)
    if check.inputs_hash != seen_hash:
        sentence = "Prices, lists, limits or the portfolio changed since this page was opened: read the check again."
        raise refuse("changed_meanwhile", "check", sentence)
    if check.status == CheckStatus.REVIEW and not reason.strip():
        raise refuse("no_reason", "reason", "The check asks for review: say why it is signed all the same.")
    return check


def _moved(
    by: User, held: Strategy, version: StrategyVersion, after: State, reason: str, check: ComplianceCheck | None
) -> Decision:
    decision = Decision(
        strategy=held,
        version=version,
        before=held.state,
        after=after,
        reason=" ".join(reason.split()),
        check_made=check,
        made_by=by,
    )
    save_checked(decision)
    held.state = after
    if after == State.APPROVED:
        held.approved_version = version
    elif after == State.RESEARCH:
        held.approved_version = None
    save_checked(held)
    told = {"state": after, "version": version.number, "reason": decision.reason, "check": check and check.inputs_hash}
    audit.record(by=by, action=f"strategy.{after}", target=held, before={"state": decision.before}, after=told)
    return decision
