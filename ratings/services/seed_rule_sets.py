from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from accounts.audit import record
from lib.verbs import save_checked
from ratings.models import RuleSet, RuleSetStatus
from ratings.paths import DATA
from ratings.seeding import load_document
from ratings.services.saving import audited, with_content


@transaction.atomic
def seed_rule_sets() -> list[RuleSet]:
    """The seeded versions, added where they are not there yet."""
    return [_seed(path.name) for path in sorted(DATA.glob("*.json"))]


@transaction.atomic
def install_rule_set(
    *, family: str, version: int, name: str, effective_from: date, content: Mapping[str, Any], notes: str = ""
) -> RuleSet:
    """A version active from the start, as the installation brings it; people's versions need a second approval."""
    rule_set = RuleSet(
        family=family,
        version=version,
        name=name,
        status=RuleSetStatus.ACTIVE,
        effective_from=effective_from,
        notes=notes,
    )
    save_checked(with_content(rule_set, content))
    record(by=None, action="rule_set.added", target=rule_set, after=audited(rule_set))
    return rule_set


def _seed(name: str) -> RuleSet:
    document = load_document(name)
    known = RuleSet.objects.filter(family=document["family"], version=document["version"]).first()
    return known or install_rule_set(
        family=document["family"],
        version=document["version"],
        name=document["name"],
        effective_from=date.fromisoformat(document["effective_from"]),
        content=document["content"],
        notes=document["notes"],
    )
