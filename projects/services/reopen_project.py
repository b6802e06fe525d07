from django.db import transaction

from accounts.models import User
from lib.errors import Forbidden
from projects.access import require_edit
from projects.models import Project, Status
from projects.services._saving import change_status, lock


@transaction.atomic
def reopen_project(*, by: User, project: Project) -> Project:
    """A completed project back in work."""
    current = lock(project)
    require_edit(by, current)
    if current.status not in {Status.COMPLETED, Status.ACTIVE}:
        raise Forbidden(f"Only completed projects are reopened; this one is {current.get_status_display().lower()}.")
    return change_status(current, Status.ACTIVE, by=by, action="project.reopened")
