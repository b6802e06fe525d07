from django.db import transaction

from accounts.models import User
from projects.access import require_keeper
from projects.models import Project, Status
from projects.services._reviewing import withdraw_pending
from projects.services._saving import change_status, lock


@transaction.atomic
def archive_project(*, by: User, project: Project) -> Project:
    """The project put away: readable, not editable."""
    current = lock(project)
    require_keeper(by, current)
    withdraw_pending(by=by, project=current, reason="The project was archived.")
    return change_status(current, Status.ARCHIVED, by=by, action="project.archived")
