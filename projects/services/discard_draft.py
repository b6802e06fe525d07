from django.db import transaction

from accounts.audit import record
from accounts.models import User
from lib.errors import NotFound
from projects.drafts import get_draft
from projects.models import ProjectDraft


@transaction.atomic
def discard_draft(*, by: User, draft: ProjectDraft) -> None:
    """Nothing; the person's own draft is gone."""
    own = held_draft(by, get_draft(by, draft.code))
    if own is None:
        raise NotFound("There is no such draft: it was saved or discarded.")
    project = own.project
    record(
        by=by,
        action="draft.discarded",
        target=own,
        before={"title": str(own), "project": str(project.code) if project else None},
    )
    own.delete()


def held_draft(by: User, draft: ProjectDraft | None) -> ProjectDraft | None:
    """The person's draft as it stands now, held until the transaction ends; None where there is none any more.

    Held before the trail is: whoever keeps a draft and writes the trail does it in this order.
    """
    if draft is None:
        return None
    return ProjectDraft.objects.select_for_update(of=("self",)).filter(person=by, pk=draft.pk).first()


def drop_saved_draft(by: User, draft: ProjectDraft | None) -> None:
    """Nothing; the person's draft that was just saved as a project is gone."""
    if draft is not None:
        ProjectDraft.objects.filter(person=by, pk=draft.pk).delete()
