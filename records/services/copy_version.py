from django.db import transaction

from accounts.models import User
from lib.verbs import save_checked
from records.access import require_can_write
from records.models import V
from records.services._shared import audited, first_free_day, next_version, record, with_content


@transaction.atomic
def copy_version(*, by: User, version: V, scope: str = "") -> V:
    """The next version as a draft with the same content, to be worked on; for another scope, of a family there."""
    require_can_write(by, version.kind)
    model, given = type(version), version.copied_to(scope)
    draft = model(
        **given,
        version=next_version(model, given["family"]),
        name=version.name,
        effective_from=first_free_day(model, given["family"]),
        notes=version.notes,
        based_on=version,
        created_by=by,
    )
    save_checked(with_content(draft, version.kind.completed(version.content)))
    record("copied", draft, by, after={**audited(draft), "based_on": version.label})
    return draft
