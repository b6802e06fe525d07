from django.db import transaction

from accounts.models import User
from projects.access import require_edit
from projects.models import Project, Status
from projects.services._saving import change_status, lock
from projects.services.take_snapshot import require_complete


@transaction.atomic
def complete_project(*, by: User, project: Project) -> Project:
    """The project marked as done; an edit makes it active again."""
    current = lock(project)
    require_edit(by, current)
    require_complete(current)
    return change_status(current, Status.COMPLETED, by=by, action="project.completed")
