from datetime import date

from django.db import transaction

from accounts.models import User
from ratings.models import RuleSet
from ratings.seeding import DATA, load_document
from ratings.services.add_rule_set import add_rule_set


@transaction.atomic
def seed_rule_sets(*, by: User | None = None) -> list[RuleSet]:
    """The seeded versions, added where they are not there yet."""
    return [_seed(by, path.name) for path in sorted(DATA.glob("*.json"))]


def _seed(by: User | None, name: str) -> RuleSet:
    document = load_document(name)
    known = RuleSet.objects.filter(family=document["family"], version=document["version"]).first()
    return known or add_rule_set(
        by=by,
        family=document["family"],
        version=document["version"],
        name=document["name"],
        effective_from=date.fromisoformat(document["effective_from"]),
        content=document["content"],
        notes=document["notes"],
    )
