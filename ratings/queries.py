"""Reading the rule sets: which one is in force, and what it says in rows for a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from lib.errors import NotFound
from projects.asset_classes import asset_class_name
from projects.models import DATA_CENTRE
from ratings.cells import Cell, cells
from ratings.models import RuleSet, RuleSetStatus
from ratings.seeding import AGENCY_VALUE


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands today, in words, and the style of its badge."""

    words: str
    style: str


def rule_sets_in_force(on: date | None = None) -> QuerySet[RuleSet]:
    """The active versions in force on a day (today), the newest of each family first."""
    day = on or timezone.localdate()
    return RuleSet.objects.filter(status=RuleSetStatus.ACTIVE, effective_from__lte=day).order_by(
        "family", "-effective_from", "-version"
    )


def current_rule_set(family: str = AGENCY_VALUE, on: date | None = None) -> RuleSet:
    """The version of the family in force on a day (today); NotFound where there is none."""
    found = rule_sets_in_force(on).filter(family=family).first()
    if found is None:
        raise NotFound(f"There are no active rating rules of the family {family}. Load them with manage.py load_demo.")
    return found


def rule_set_for(asset_class: str, on: date | None = None) -> RuleSet:
    """The version in force that runs of an asset class take where nobody chose; NotFound where there is none."""
    found = rule_set_choices(asset_class, on)
    if not found:
        raise NotFound(f"There are no active rating rules for {asset_class_name(asset_class).lower()}.")
    return found[0]


def rule_set_choices(asset_class: str = DATA_CENTRE, on: date | None = None) -> list[RuleSet]:
    """The version in force of each family of an asset class, the default family first."""
    newest: dict[str, RuleSet] = {}
    for rule_set in rule_sets_in_force(on).filter(asset_class=asset_class):
        newest.setdefault(rule_set.family, rule_set)
    return sorted(newest.values(), key=lambda rule_set: (not rule_set.family.startswith(AGENCY_VALUE), rule_set.family))


def criteria_lines(rule_set: RuleSet, jurisdiction: str | None = None) -> list[Cell]:
    """Each limit by jurisdiction and rating as one cell with its provenance."""
    found = [cell for cell in cells(rule_set.content).values() if cell.table == "criteria"]
    return [cell for cell in found if jurisdiction in (None, cell.path[1])]


def standings(rule_sets: Iterable[RuleSet], on: date | None = None) -> dict[int, Standing]:
    """Where each version stands on a day (today), by its key."""
    day = on or timezone.localdate()
    current = {rule_set.family: rule_set.pk for rule_set in reversed(list(rule_sets_in_force(day)))}
    return {rule_set.pk: _standing(rule_set, current.get(rule_set.family), day) for rule_set in rule_sets}


def previous_version(rule_set: RuleSet) -> RuleSet | None:
    """What a version is compared with: what it was copied from, else the family's active version before it."""
    if rule_set.based_on is not None:
        return rule_set.based_on
    active = RuleSet.objects.filter(family=rule_set.family, status=RuleSetStatus.ACTIVE, version__lt=rule_set.version)
    return active.order_by("-version").first()


def _standing(rule_set: RuleSet, current: int | None, day: date) -> Standing:
    if not rule_set.is_final:
        return Standing(rule_set.get_status_display(), "waiting" if rule_set.is_waiting else "draft")
    if rule_set.effective_from > day:
        return Standing(f"From {rule_set.effective_from.day} {rule_set.effective_from:%b %Y}", "info")
    return Standing("In force", "active") if rule_set.pk == current else Standing("Superseded", "superseded")
