from django.db import transaction

from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from projects.asset_classes import require_asset_class
from projects.models import DATA_CENTRE
from ratings.access import require_can_write
from ratings.models import RuleSet
from ratings.seeding import completed
from ratings.services.saving import audited, first_free_day, next_version, with_content


@transaction.atomic
def copy_rule_set(*, by: User, rule_set: RuleSet, asset_class: str = "") -> RuleSet:
    """The next version as a draft with the same content, to be worked on; for another asset class, of a family there."""
    require_can_write(by)
    asset_class = asset_class or rule_set.asset_class
    require_asset_class(asset_class)
    family = _family(rule_set, asset_class)
    draft = RuleSet(
        family=family,
        version=next_version(family),
        name=rule_set.name,
        asset_class=asset_class,
        effective_from=first_free_day(family),
        notes=rule_set.notes,
        based_on=rule_set,
        created_by=by,
    )
    save_checked(with_content(draft, completed(rule_set.content)))
    after = {**audited(draft), "based_on": rule_set.label}
    record(by=by, action="rule_set.copied", target=draft, after=after)
    return draft


def _family(rule_set: RuleSet, asset_class: str) -> str:
    """The family of a copy: the same within an asset class, else its name with the other class's behind it."""
    if asset_class == rule_set.asset_class:
        return rule_set.family
    plain = rule_set.family.removesuffix(f"-{rule_set.asset_class}")
    return plain if asset_class == DATA_CENTRE else f"{plain}-{asset_class}"[:60]
