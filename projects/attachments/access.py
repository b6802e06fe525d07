"""Who may see and change an attachment: those who may see and change its project."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from lib.errors import NotFound
from projects.access import visible_projects
from projects.attachments.models import Attachment
from projects.models import Project


def kept_attachments(project: Project) -> QuerySet[Attachment]:
    """The attachments of a project, newest first, without deleted ones."""
    return project.attachments.filter(deleted_at__isnull=True).select_related("added_by")


def get_attachment(user: User, code: UUID) -> Attachment:
    """The attachment of this code; NotFound where there is none this person may read."""
    kept = Attachment.objects.select_related("project", "project__owner", "added_by")
    try:
        return kept.get(code=code, deleted_at__isnull=True, project__in=visible_projects(user))
    except Attachment.DoesNotExist:
        raise NotFound("There is no such file.") from None
