"""What the verbs share: reading again under lock, the checks before a step, and how an entry of the trail looks."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.canonical import canonical_hash
from lib.errors import Invalid
from lib.text import day_words
from lib.verbs import refuse
from records.cells import Cell, Change, changes
from records.models import Status, V, Version
from records.problems import content_problems
from records.provenance import SOURCED


def with_content(version: V, content: Mapping[str, Any]) -> V:
    """The version with its content, label and hash set."""
    version.content = {**content, "version": version.label}
    version.content_hash = canonical_hash(version.content)
    return version


def record(
    verb: str,
    version: Version,
    by: User | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """The step in the trail, under the kind's own word: "rule_set.approved"."""
    audit.record(by=by, action=f"{version.kind.name}.{verb}", target=version, before=before, after=after)


def next_version(model: type[Version], family: str) -> int:
    """The number after the family's highest."""
    highest = model._default_manager.filter(family=family).aggregate(highest=Max("version"))["highest"]
    return int(highest or 0) + 1


def first_free_day(model: type[Version], family: str) -> date:
    """The earliest day a next version may take over: today, or the day after the last active one does."""
    active = model._default_manager.filter(family=family, status=Status.ACTIVE)
    last: date | None = active.aggregate(last=Max("effective_from"))["last"]
    today = timezone.localdate()
    return max(today, last + timedelta(days=1)) if last else today


def date_problems(version: Version) -> list[Problem]:
    """The fault of a version that would take over before, or on the day of, another active one of its family."""
    others = type(version)._default_manager.filter(family=version.family, status=Status.ACTIVE).exclude(pk=version.pk)
    later = others.filter(effective_from__gte=version.effective_from).order_by("-effective_from").first()
    if later is None:
        return []
    message = (
        f"{version.label} would be effective from {day_words(version.effective_from)}, but {later.label} is from "
        f"{day_words(later.effective_from)}: the two would overlap. Choose a later day."
    )
    return [Problem("overlap", "effective_from", message)]


def require_sound(version: Version) -> None:
    """Raises Invalid with every fault of the version's dates and content."""
    problems = [*date_problems(version), *content_problems(version.kind, version.content)]
    if problems:
        raise Invalid(problems)


def require_own_sources(draft: Version) -> None:
    """Raises Invalid for each published value that was changed and still names the publication of the old one."""
    if draft.based_on is None:
        return
    problems = [
        Problem(
            "source_of_the_old",
            f"{change.place}.source",
            f"{change.new.row} {change.new.field}: changed from {change.old.value} to {change.new.value}, but its source is still "
            "that of the old value. Say where the new one comes from, or call it an assumption.",
        )
        for change in changes(draft.kind, draft.based_on.content, draft.content)
        if change.old and change.new and change.value_differs and change.new.provenance == SOURCED
        and (change.old.provenance, change.old.source) == (change.new.provenance, change.new.source)
    ]  # fmt: skip
    if problems:
        raise Invalid(problems)


def family_locked(version: V, wanted: Status, to: str) -> V:
    """The version read again with its family's rows locked, so that two decisions cannot cross.

    Raises Invalid unless it stands where the verb needs it.
    """
    versions = type(version)._default_manager
    list(versions.select_for_update().filter(family=version.family).values_list("pk"))
    found = versions.get(pk=version.pk)
    if found.status != wanted:
        message = f"{found} is {found.get_status_display().lower()}: only a version that is "
        raise refuse("wrong_status", "status", f"{message}{wanted.label.lower()} can be {to}.")
    return found


def audited(version: Version) -> dict[str, Any]:
    """The version's head, for the trail."""
    return {
        "label": version.label,
        "status": version.status,
        "effective_from": str(version.effective_from),
        "content_hash": version.content_hash,
    }


def audited_cells(found: list[Change]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The changed cells before and after, for the trail."""
    return (
        {change.place: _audited_cell(change.old) for change in found},
        {change.place: _audited_cell(change.new) for change in found},
    )


def _audited_cell(cell: Cell | None) -> list[Any] | None:
    return [cell.value, cell.provenance, cell.source] if cell else None
