"""Reading drafts: one's own, and who else is at work on the same project."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import AuditEntry, User
from lib.errors import NotFound
from projects.access import visible_projects
from projects.models import Project, ProjectDraft

LINE_COLUMNS = ("code", "typed", "updated_at", "project__code", "project__title", "project__status")
FRESH = timedelta(minutes=10)
SAVES = ("project.edited", "project.brought_back")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with unsaved changes to the same project, and when they last typed."""

    name: str
    at: datetime


def drafts_of(user: User) -> list[ProjectDraft]:
    """The person's own drafts, the latest first; those of projects put away since, or not theirs any more, are left out."""
    shown = Q(project=None) | Q(project__in=visible_projects(user))
    drafts = ProjectDraft.objects.filter(shown, person=user).select_related("project").only(*LINE_COLUMNS)
    return [draft for draft in drafts if draft.project is None or not draft.project.is_closed]


def draft_of(user: User, project: Project) -> ProjectDraft | None:
    """The person's own draft of a project."""
    return ProjectDraft.objects.filter(person=user, project=project).first()


def get_draft(user: User, code: UUID | str) -> ProjectDraft:
    """The person's own draft of this code; NotFound for anybody else's."""
    try:
        found = ProjectDraft.objects.select_related("project").filter(person=user, code=UUID(str(code))).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such draft: it was saved or discarded.")
    return found


def others_at_work(user: User, project: Project) -> list[Colleague]:
    """Who else has typed into the project's form in the last minutes without saving."""
    since = timezone.now() - FRESH
    drafts = ProjectDraft.objects.filter(project=project, updated_at__gte=since).exclude(person=user)
    return [Colleague(str(draft.person), draft.updated_at) for draft in drafts.select_related("person")]


def last_saved_by(project: Project) -> str:
    """Who saved the project last, in the audit trail's words."""
    entry = AuditEntry.shown.filter(target_code=project.code, action__in=SAVES).order_by("-sequence").first()
    return entry.actor_label if entry else "Somebody"
