from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lib.errors import Forbidden
from projects.access import require_restorer
from projects.models import Project, Status
from projects.services._saving import change_status, lock
from projects.translate import check_inputs


@transaction.atomic
def restore_project(*, by: User, project: Project) -> Project:
    """An archived or deleted project as it was before: deleted from the archive, it goes back there."""
    current = lock(project)
    require_restorer(by, current)
    if not current.is_closed:
        status = current.get_status_display().lower()
        raise Forbidden(f"Only archived and deleted projects are restored; this one is {status}.")
    return change_status(current, _status_before(current), by=by, action="project.restored")


def _status_before(project: Project) -> Status:
    if project.status == Status.DELETED and project.closed_from == Status.ARCHIVED:
        return Status.ARCHIVED
    checked = check_inputs(project.inputs, today=timezone.localdate(), previous=project.inputs)
    if not checked.is_complete:
        return Status.DRAFT
    return Status.COMPLETED if project.closed_from == Status.COMPLETED else Status.ACTIVE
