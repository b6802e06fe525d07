"""What the verbs share: saving with the model's checks, the next number, and how an entry of the trail looks."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from engine.errors import Problem
from lib.canonical import canonical_hash
from lib.errors import Invalid
from ratings.cells import Cell, Change
from ratings.models import RuleSet, RuleSetStatus


def with_content(rule_set: RuleSet, content: Mapping[str, Any]) -> RuleSet:
    """The version with its content, label and hash set."""
    rule_set.content = {**content, "version": rule_set.label}
    rule_set.content_hash = canonical_hash(rule_set.content)
    return rule_set


def next_version(family: str) -> int:
    """The number after the family's highest."""
    highest = RuleSet.objects.filter(family=family).aggregate(highest=Max("version"))["highest"]
    return int(highest or 0) + 1


def first_free_day(family: str) -> date:
    """The earliest day a next version may take over: today, or the day after the last active one does."""
    last = _last_active_day(family)
    today = timezone.localdate()
    return max(today, last + timedelta(days=1)) if last else today


def date_problems(rule_set: RuleSet) -> list[Problem]:
    """The fault of a version that would take over before, or on the day of, another active one of its family."""
    others = RuleSet.objects.filter(family=rule_set.family, status=RuleSetStatus.ACTIVE).exclude(pk=rule_set.pk)
    later = others.filter(effective_from__gte=rule_set.effective_from).order_by("-effective_from").first()
    if later is None:
        return []
    message = (
        f"{rule_set.label} would be effective from {rule_set.effective_from}, but {later.label} is from "
        f"{later.effective_from}: the two would overlap. Choose a later day."
    )
    return [Problem("overlap", "effective_from", message)]


def family_locked(rule_set: RuleSet) -> RuleSet:
    """The version read again with its family's rows locked, so that two decisions cannot cross."""
    list(RuleSet.objects.select_for_update().filter(family=rule_set.family).values_list("pk"))
    return RuleSet.objects.get(pk=rule_set.pk)


def require_status(rule_set: RuleSet, wanted: RuleSetStatus, to: str) -> None:
    """Raises Invalid unless the version stands where the verb needs it."""
    if rule_set.status != wanted:
        message = f"{rule_set} is {rule_set.get_status_display().lower()}: only a version that is "
        message += f"{RuleSetStatus(wanted).label.lower()} can be {to}."
        raise Invalid([Problem("wrong_status", "status", message)])


def audited(rule_set: RuleSet) -> dict[str, Any]:
    """The version's head, for the trail."""
    return {
        "label": rule_set.label,
        "status": rule_set.status,
        "effective_from": str(rule_set.effective_from),
        "content_hash": rule_set.content_hash,
    }


def audited_cells(found: list[Change]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The changed cells before and after, for the trail."""
    return (
        {change.place: _audited_cell(change.old) for change in found},
        {change.place: _audited_cell(change.new) for change in found},
    )


def _audited_cell(cell: Cell | None) -> list[Any] | None:
    return [cell.value, cell.provenance, cell.source] if cell else None


def _last_active_day(family: str) -> date | None:
    active = RuleSet.objects.filter(family=family, status=RuleSetStatus.ACTIVE)
    found: date | None = active.aggregate(last=Max("effective_from"))["last"]
    return found
