"""Reading the rule sets: which one is in force, and what it says in rows for a page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import NotFound
from ratings.models import RuleSet, RuleSetStatus
from ratings.seeding import AGENCY_VALUE


@dataclass(frozen=True, slots=True)
class CriteriaLine:
    """One limit of one rating, with where it comes from."""

    jurisdiction: str
    rating: str
    name: str
    value: Any
    provenance: str
    source: str


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


def rule_set_choices(on: date | None = None) -> list[RuleSet]:
    """The version in force of each family, the default family first."""
    newest: dict[str, RuleSet] = {}
    for rule_set in rule_sets_in_force(on):
        newest.setdefault(rule_set.family, rule_set)
    return sorted(newest.values(), key=lambda rule_set: (rule_set.family != AGENCY_VALUE, rule_set.family))


def criteria_lines(rule_set: RuleSet, jurisdiction: str | None = None) -> list[CriteriaLine]:
    """Each limit of the rule set as one line with its provenance."""
    rows = rule_set.content.get("criteria", [])
    return [
        CriteriaLine(row["jurisdiction"], row["rating"], name, row[name], said["provenance"], said["source"])
        for row in rows
        if jurisdiction in (None, row["jurisdiction"])
        for name, said in row.get("sources", {}).items()
    ]
