from django.db import transaction

from accounts.models import User
from projects.access import require_keeper
from projects.models import Project, Status
from projects.services._reviewing import withdraw_pending
from projects.services._saving import change_status, lock
from projects.signals import project_leaves


@transaction.atomic
def delete_project(*, by: User, project: Project) -> Project:
    """The project in the bin of those who keep it, out of everybody else's sight; row, snapshots and trail stay.

    Invalid while a run of it is under way.
    """
    current = lock(project)
    require_keeper(by, current)
    project_leaves.send(Project, project=current, by=by)
    withdraw_pending(by=by, project=current, reason="The project was deleted.")
    return change_status(current, Status.DELETED, by=by, action="project.deleted")
