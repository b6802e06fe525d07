from django.db import transaction
from django.http import HttpRequest

from accounts.audit import record
from accounts.models import User
from ratings.access import require_can_write
from ratings.models import RuleSet
from ratings.seeding import completed
from ratings.services.saving import audited, first_free_day, next_version, save_checked, with_content


@transaction.atomic
def copy_rule_set(*, by: User, rule_set: RuleSet, request: HttpRequest | None = None) -> RuleSet:
    """The family's next version as a draft with the same content, to be worked on."""
    require_can_write(by)
    draft = RuleSet(
        family=rule_set.family,
        version=next_version(rule_set.family),
        name=rule_set.name,
        asset_class=rule_set.asset_class,
        effective_from=first_free_day(rule_set.family),
        notes=rule_set.notes,
        based_on=rule_set,
        created_by=by,
    )
    save_checked(with_content(draft, completed(rule_set.content)))
    after = {**audited(draft), "based_on": rule_set.label}
    record(by=by, action="rule_set.copied", target=draft, after=after, request=request)
    return draft
