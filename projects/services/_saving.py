"""What every verb on a project shares: check, lock, save, and what the audit trail keeps."""

from typing import Any

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.organisations import membership_of
from lib.errors import NotFound
from lib.verbs import save_checked
from projects.models import Project, Series, Status


def lock(project: Project) -> Project:
    """The project as it stands now, held until the transaction ends."""
    return Project.objects.select_for_update(of=("self",)).select_related("owner").get(pk=project.pk)


def lock_series(series: Series) -> Series:
    """The series as it stands now, held until the transaction ends; NotFound once it was deleted."""
    current = Series.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=series.pk).first()
    if current is None:
        raise NotFound("There is no such series.")
    return current


def audited_fields(project: Project) -> dict[str, Any]:
    """What the audit trail keeps of a project."""
    return {
        "title": project.title,
        "status": str(project.status),
        "version": project.version,
        "owner": project.owner.email,
        "inputs": project.inputs,
    }


def organisation_of(owner: User) -> Organisation | None:
    """The organisation to which what this person enters belongs."""
    member = membership_of(owner)
    return member.organisation if member else None


def lock_order(owner_id: int) -> None:
    """Nothing; one at a time changes the order of an owner's projects and series, until the transaction ends."""
    User.objects.select_for_update().get(pk=owner_id)


def change_status(project: Project, status: Status, *, by: User, action: str) -> Project:
    """The locked project in its new status, saved and audited; nothing happens if it has it already."""
    before = project.status
    if before == status:
        return project
    project.closed_from = before if status in {Status.ARCHIVED, Status.DELETED} else ""
    project.status = status
    project.version += 1
    save_checked(project)
    record(
        by=by,
        action=action,
        target=project,
        before={"status": str(before)},
        after={"status": str(status)},
    )
    return project
