from django.db import transaction

from accounts.models import User
from lib.errors import Invalid
from lib.verbs import save_checked
from records.access import require_can_write
from records.cells import changes
from records.exchange import Reading, day_of, head_problems
from records.models import Status, V
from records.problems import content_problems
from records.services._shared import audited, audited_cells, next_version, record, with_content


@transaction.atomic
def import_version(*, by: User, model: type[V], reading: Reading) -> V:
    """A draft of the document, as the next version of its family; Invalid with every problem at its cell."""
    kind, document = model.kind, reading.document
    require_can_write(by, kind)
    content = document.get("content")
    problems = [*reading.problems, *head_problems(kind, document), *content_problems(kind, content)]
    day = day_of(document)
    if problems or day is None or not isinstance(content, dict):
        raise Invalid(dict.fromkeys(reading.located(problem) for problem in problems))
    family = document["family"].strip()
    latest = model._default_manager.filter(family=family, status=Status.ACTIVE).order_by("-version").first()
    draft = model(
        **{name: document[name] for name in kind.head},
        family=family,
        version=next_version(model, family),
        name=document["name"].strip(),
        effective_from=day,
        notes=document.get("notes", "").strip(),
        based_on=latest,
        created_by=by,
    )
    save_checked(with_content(draft, content))
    before, after = audited_cells(changes(kind, latest.content, draft.content)) if latest else ({}, {})
    record("imported", draft, by, before, {**audited(draft), **after})
    return draft
