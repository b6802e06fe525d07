from django.db import transaction

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from projects.access import require_edit
from projects.asset_classes import require_asset_class
from projects.models import Project
from projects.services._saving import lock


@transaction.atomic
def set_asset_class(*, by: User, project: Project, asset_class: str) -> Project:
    """The project as one of another asset class: its next runs take that class's rules, past runs keep theirs."""
    current = lock(project)
    require_edit(by, current)
    require_administrator(by)
    require_asset_class(asset_class)
    before = current.asset_class
    if before == asset_class:
        return current
    current.asset_class = asset_class
    save_checked(current)
    record(
        by=by,
        action="project.asset_class_set",
        target=current,
        before={"asset_class": before},
        after={"asset_class": asset_class},
    )
    return current
