from django.db import transaction

from accounts.models import User
from projects.access import require_edit
from projects.errors import StaleVersion
from projects.models import Project
from projects.saved import as_saved
from projects.services._saving import lock
from projects.services.edit_project import save_edit


@transaction.atomic
def bring_back(*, by: User, project: Project, saved: int, version: int | None = None) -> Project:
    """The project with title and inputs as they were saved once; an edit like any other, and undone like one.

    StaleVersion where the project moved on since `version` was read; None takes it as it stands.
    """
    current = lock(project)
    require_edit(by, current)
    if version is not None and current.version != version:
        raise StaleVersion(version, current.version)
    wanted = as_saved(current, saved)
    if wanted.is_now(current):
        return current
    return save_edit(by=by, current=current, title=wanted.title, inputs=wanted.inputs, action="project.brought_back")
