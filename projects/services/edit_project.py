from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from projects.access import require_edit
from projects.errors import StaleVersion
from projects.models import Project, Status
from projects.services._reviewing import follow_edit
from projects.services._saving import audited_fields, lock
from projects.translate import check_inputs


@transaction.atomic
def edit_project(
    *,
    by: User,
    project: Project,
    title: str,
    inputs: Mapping[str, Any],
    version: int,
) -> Project:
    """The project with new inputs, one version further; StaleVersion if it moved on since `version` was read.

    Complete inputs that differ from the approved ones become a change request.
    """
    current = lock(project)
    require_edit(by, current)
    if current.version != version:
        raise StaleVersion(version, current.version)
    return save_edit(by=by, current=current, title=title, inputs=inputs, action="project.edited")


def save_edit(*, by: User, current: Project, title: str, inputs: Mapping[str, Any], action: str) -> Project:
    """The locked project with new inputs, checked, audited, and put up for review where they differ from approved ones."""
    before = audited_fields(current)
    checked = check_inputs(inputs, today=timezone.localdate(), previous=current.inputs)
    current.title = title.strip()
    current.inputs = checked.values
    current.status = Status.ACTIVE if checked.is_complete else Status.DRAFT
    current.version += 1
    save_checked(current)
    record(by=by, action=action, target=current, before=before, after=audited_fields(current))
    follow_edit(by=by, project=current, inputs_before=before["inputs"])
    return current
