from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from projects.access import require_visible
from projects.models import TITLE_LENGTH, Project, Status
from projects.services._saving import audited_fields, lock, organisation_of
from projects.services.create_project import require_creator
from projects.translate import check_inputs


@transaction.atomic
def duplicate_project(*, by: User, project: Project) -> Project:
    """A project of the actor's own with the same inputs, titled "Copy of ..."; snapshots and runs stay with the first."""
    source = lock(project)
    require_visible(by, source)
    require_creator(by, None)
    checked = check_inputs(source.inputs, today=timezone.localdate(), previous=source.inputs)
    copy = Project(
        owner=by,
        organisation=organisation_of(by),
        title=_free_title(by, source.title),
        inputs=checked.values,
        status=Status.ACTIVE if checked.is_complete else Status.DRAFT,
        asset_class=source.asset_class,
        series=source.series if source.owner_id == by.pk else None,
    )
    save_checked(copy)
    after = {**audited_fields(copy), "copy_of": str(source.code)}
    record(by=by, action="project.duplicated", target=copy, after=after)
    return copy


def _free_title(owner: User, title: str) -> str:
    taken = set(owner.projects.filter(title__startswith="Copy of ").values_list("title", flat=True))
    number, wanted = 1, _copy_title(title, "")
    while wanted in taken:
        number += 1
        wanted = _copy_title(title, f" ({number})")
    return wanted


def _copy_title(title: str, ending: str) -> str:
    return f"{f'Copy of {title}'[: TITLE_LENGTH - len(ending)]}{ending}"
