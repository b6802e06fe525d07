from django.db import transaction
from django.http import HttpRequest

from accounts.audit import record
from accounts.models import User
from projects.drafts import get_draft
from projects.models import ProjectDraft


@transaction.atomic
def discard_draft(*, by: User, draft: ProjectDraft, request: HttpRequest | None = None) -> None:
    """Nothing; the person's own draft is gone."""
    own = get_draft(by, draft.code)
    project = own.project
    record(
        by=by,
        action="draft.discarded",
        target=own,
        before={"title": str(own), "project": str(project.code) if project else None},
        request=request,
    )
    own.delete()


def drop_saved_draft(by: User, draft: ProjectDraft | None) -> None:
    """Nothing; the person's draft that was just saved as a project is gone."""
    if draft is not None:
        ProjectDraft.objects.filter(person=by, pk=draft.pk).delete()
