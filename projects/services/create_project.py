from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from lib.errors import Forbidden
from lib.verbs import save_checked
from projects.access import can_create
from projects.models import Project, Status
from projects.services._saving import audited_fields, organisation_of
from projects.translate import check_inputs


@transaction.atomic
def create_project(*, by: User, title: str, inputs: Mapping[str, Any], owner: User | None = None) -> Project:
    """A new project: active when the engine accepts every input, else a draft that keeps the good values."""
    require_creator(by, owner)
    checked = check_inputs(inputs, today=timezone.localdate())
    project = Project(
        owner=owner or by,
        organisation=organisation_of(owner or by),
        title=title.strip(),
        inputs=checked.values,
        status=Status.ACTIVE if checked.is_complete else Status.DRAFT,
    )
    save_checked(project)
    record(by=by, action="project.created", target=project, after=audited_fields(project))
    return project


def require_creator(by: User, owner: User | None) -> None:
    """Nothing; Forbidden for people not approved, for readers of an organisation, and for those who name another owner without administering."""
    if not can_create(by):
        raise Forbidden(
            "Readers of an organisation enter no projects: ask one of its owners for the editor's role."
            if by.may_sign_in
            else "Only people whose account is approved enter projects."
        )
    if owner is not None and owner.pk != by.pk and not by.is_platform_admin:
        raise Forbidden("Only administrators enter projects for somebody else.")
