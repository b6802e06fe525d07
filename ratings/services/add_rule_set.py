from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from accounts.audit import record
from accounts.errors import Forbidden, Invalid
from accounts.models import User
from engine.errors import Problem
from projects.canonical import canonical_hash
from ratings.models import RuleSet, RuleSetStatus


@transaction.atomic
def add_rule_set(
    *,
    by: User | None,
    family: str,
    version: int,
    name: str,
    effective_from: date,
    content: Mapping[str, Any],
    notes: str = "",
    request: HttpRequest | None = None,
) -> RuleSet:
    """A new active version; `by` is an administrator, or None when the installation seeds itself."""
    if by is not None and not (by.may_sign_in and by.is_platform_admin):
        raise Forbidden("Only administrators add rating rules.")
    rule_set = RuleSet(
        family=family,
        version=version,
        name=name,
        status=RuleSetStatus.ACTIVE,
        effective_from=effective_from,
        content=dict(content),
        content_hash=canonical_hash(content),
        notes=notes,
        created_by=by,
    )
    _save_checked(rule_set)
    after = {"label": rule_set.label, "effective_from": str(effective_from), "content_hash": rule_set.content_hash}
    record(by=by, action="rule_set.added", target=rule_set, after=after, request=request)
    return rule_set


def _save_checked(rule_set: RuleSet) -> None:
    try:
        rule_set.full_clean()
    except ValidationError as error:
        raise Invalid(
            Problem("refused", field, message) for field, messages in error.message_dict.items() for message in messages
        ) from error
    rule_set.save()
