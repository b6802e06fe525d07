from django.db import transaction

from accounts.audit import record
from accounts.models import User
from lib.errors import Invalid
from lib.verbs import save_checked
from ratings.access import require_can_write
from ratings.cells import changes
from ratings.exchange import Reading, day_of, head_problems
from ratings.models import RuleSet, RuleSetStatus
from ratings.problems import rule_problems
from ratings.services.saving import audited, audited_cells, next_version, with_content


@transaction.atomic
def import_rule_set(*, by: User, reading: Reading) -> RuleSet:
    """A draft with the document's rules, as the next version of its family; Invalid with every problem at its cell."""
    require_can_write(by)
    document = reading.document
    content = document.get("content")
    problems = [*reading.problems, *head_problems(document), *rule_problems(content)]
    day = day_of(document)
    if problems or day is None or not isinstance(content, dict):
        raise Invalid(dict.fromkeys(reading.located(problem) for problem in problems))
    family = document["family"].strip()
    latest = RuleSet.objects.filter(family=family, status=RuleSetStatus.ACTIVE).order_by("-version").first()
    draft = RuleSet(
        family=family,
        version=next_version(family),
        name=document["name"].strip(),
        asset_class=document["asset_class"],
        effective_from=day,
        notes=document.get("notes", "").strip(),
        based_on=latest,
        created_by=by,
    )
    save_checked(with_content(draft, content))
    before, after = audited_cells(changes(latest.content, draft.content)) if latest else ({}, {})
    record(
        by=by,
        action="rule_set.imported",
        target=draft,
        before=before,
        after={**audited(draft), **after},
    )
    return draft
