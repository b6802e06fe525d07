from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.models import User
from engine.errors import InputProblems, Problem
from lib.canonical import canonical_hash
from lib.verbs import save_checked
from projects.access import require_edit
from projects.errors import NotComplete
from projects.models import Project, Snapshot
from projects.services._saving import lock
from projects.translate import project_inputs


@transaction.atomic
def take_snapshot(*, by: User, project: Project) -> Snapshot:
    """The snapshot of the project as it stands; the one there is already if the content is the same."""
    current = lock(project)
    require_edit(by, current)
    require_complete(current)
    content = project_inputs(current).to_dict()
    content_hash = canonical_hash(content)
    existing = current.snapshots.filter(content_hash=content_hash).first()
    return existing or _take(by, current, content, content_hash)


def require_complete(project: Project) -> None:
    """Nothing; NotComplete with every problem of a draft."""
    try:
        project_inputs(project)
    except InputProblems as error:
        raise NotComplete(error.problems) from error
    if not project.is_complete:
        message = f"Expected a project with complete inputs, this one is a {project.get_status_display().lower()}."
        raise NotComplete([Problem("not_complete", "", message)])


def _take(by: User, project: Project, content: dict[str, object], content_hash: str) -> Snapshot:
    last = project.snapshots.aggregate(last=Max("version"))["last"] or 0
    snapshot = Snapshot(
        project=project, version=last + 1, content=content, content_hash=content_hash, created_by=by, nought_holds=True
    )
    save_checked(snapshot)
    after = {"project": str(project.code), "version": snapshot.version, "content_hash": content_hash}
    record(by=by, action="snapshot.taken", target=snapshot, after=after)
    return snapshot
