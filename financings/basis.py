"""On which inputs and under which rules a project may be financed today."""

from __future__ import annotations

from engine.market import CurrencyMarket
from lib.errors import Invalid
from lib.verbs import refuse
from projects.asset_classes import asset_class_name
from projects.errors import NotApproved
from projects.models import Project, Snapshot
from projects.queries import approved_snapshot, pending_submission
from ratings.models import RuleSet
from ratings.queries import market_in_force, rule_set_choices


def require_approved_inputs(project: Project) -> Snapshot:
    """The approved snapshot; NotApproved, with the way to one, where there is none."""
    snapshot = approved_snapshot(project)
    if snapshot is not None:
        return snapshot
    waiting = pending_submission(project)
    if waiting:
        raise NotApproved(f"Version {waiting.snapshot.version} of them waits for review: have it approved first.")
    raise NotApproved("Submit them for review on the project's page, and have an administrator approve them.")


def require_rules_for(project: Project, rule_set: RuleSet) -> None:
    """Nothing; Invalid for rules that are not approved, or of another asset class."""
    if not rule_set.is_final:
        status = rule_set.get_status_display().lower()
        raise refuse("not_approved", "rule_set", f"{rule_set} is {status}: a run takes approved rules.")
    if rule_set.asset_class != project.asset_class:
        raise _other_class(project, rule_set)


def market_for(project: Project) -> CurrencyMarket | None:
    """The market in force in the currency of the project's approved inputs; None where there is none."""
    snapshot = approved_snapshot(project)
    return market_in_force(str(snapshot.inputs["currency"]) if snapshot else "")[1]


def chosen_rules(project: Project, code: str) -> RuleSet | None:
    """The version chosen of those in force; nothing where none was, which is to say the default."""
    if not code:
        return None
    found = next((each for each in rule_set_choices(project.asset_class) if str(each.code) == code), None)
    if found is None:
        message = "These rules are not in force for the project's asset class any more: choose again."
        raise refuse("not_in_force", "rule_set", message)
    return found


def _other_class(project: Project, rule_set: RuleSet) -> Invalid:
    message = (
        f"{rule_set} is for {rule_set.asset_class_name.lower()}, the project is one of "
        f"{asset_class_name(project.asset_class).lower()}: choose rules of its class."
    )
    return refuse("other_asset_class", "rule_set", message)
