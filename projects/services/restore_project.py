from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.errors import Forbidden
from accounts.models import User
from projects.access import require_keeper
from projects.models import Project, Status
from projects.services._saving import change_status, lock
from projects.translate import check_inputs


@transaction.atomic
def restore_project(*, by: User, project: Project, request: HttpRequest | None = None) -> Project:
    """An archived project back in use: active if its inputs are complete, else a draft."""
    current = lock(project)
    require_keeper(by, current)
    if current.status != Status.ARCHIVED:
        raise Forbidden(f"Only archived projects are restored; this one is {current.get_status_display().lower()}.")
    checked = check_inputs(current.inputs, today=timezone.localdate(), previous=current.inputs)
    status = Status.ACTIVE if checked.is_complete else Status.DRAFT
    return change_status(current, status, by=by, action="project.restored", request=request)
