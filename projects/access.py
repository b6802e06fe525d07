"""Who may see and change which project and series: the one place that says so.

Everybody who may sign in enters projects and keeps their own. Sponsors see nothing else; internal people read all;
administrators keep all, and start runs. A project of an organisation is its members': owners and editors keep it, readers
see it, and whoever has left does neither. To somebody who may not see a project it does not exist. A deleted one is
nobody's, but those who keep it find it in the bin and may restore it.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import KEEPING, Member, OrganisationRole, User
from accounts.organisations import has_role
from accounts.policies import declare, may, require
from lib.errors import Forbidden, NotFound
from projects.models import Project, Series, Status, Submission, SubmissionComment

KEPT_BY = (
    "Only those who keep the project may change it: its owner, its organisation's owners and editors, administrators."
)
REVIEW = declare("projects.review", refusal="Only administrators approve and reject submissions.")


def visible_projects(user: User) -> QuerySet[Project]:
    """The projects this person may read; deleted ones are nobody's."""
    if not user.may_sign_in:
        return Project.objects.none()
    projects = Project.objects.exclude(status=Status.DELETED)
    return projects.filter(_theirs(user)) if user.is_sponsor else projects


def kept_projects(user: User) -> QuerySet[Project]:
    """The projects that are this person's to work on: their own, and their organisation's where they may change them."""
    return visible_projects(user).filter(_theirs(user, KEEPING))


def own_projects(user: User) -> QuerySet[Project]:
    """The projects that are this person's or their organisation's."""
    return visible_projects(user).filter(_theirs(user))


def binned_projects(user: User) -> QuerySet[Project]:
    """The deleted projects this person may restore."""
    if not user.may_sign_in:
        return Project.objects.none()
    projects = Project.objects.filter(status=Status.DELETED)
    return projects if user.is_platform_admin else projects.filter(_theirs(user, KEEPING))


def visible_series(user: User) -> QuerySet[Series]:
    """The series this person may see: a sponsor their own, for an order is one person's."""
    if not user.may_sign_in:
        return Series.objects.none()
    return Series.objects.filter(owner=user) if user.is_sponsor else Series.objects.all()


def get_series(user: User, code: UUID | str) -> Series:
    """The series of this code; NotFound where there is none this person may see."""
    series = visible_series(user).select_related("owner").filter(code=_uuid(code)).first()
    if series is None:
        raise NotFound("There is no such series.")
    return series


def get_kept_project(user: User, code: UUID | str) -> Project:
    """As `get_project`, and also a project in this person's bin."""
    kept = binned_projects(user).select_related("owner").filter(code=_uuid(code)).first()
    return kept or get_project(user, code)


def get_project(user: User, code: UUID | str) -> Project:
    """The project of this code; NotFound where there is none this person may read."""
    try:
        return visible_projects(user).select_related("owner").get(code=_uuid(code))
    except Project.DoesNotExist:
        raise NotFound("There is no such project.") from None


def can_edit(user: User, project: Project) -> bool:
    """True for those who keep the project, while it is not put away."""
    return not project.is_closed and can_keep(user, project)


def can_create(user: User) -> bool:
    """True for everybody who may sign in but readers of an organisation."""
    return user.may_sign_in and not (user.is_sponsor and _is_reader(user))


def can_keep(user: User, project: Project) -> bool:
    """True for its owner, the owners and editors of its organisation, and administrators: who edits, puts away, restores."""
    return user.may_sign_in and (user.is_platform_admin or _is_theirs(user, project, KEEPING))


def can_order(user: User, owner_id: int) -> bool:
    """True for the owner and administrators: who puts the owner's projects and series in order."""
    return user.may_sign_in and (user.is_platform_admin or owner_id == user.pk)


def keepers_of(project: Project) -> list[User]:
    """Whom to tell of the project: its owner, or the owners and editors of its organisation."""
    if project.organisation_id is None:
        return [project.owner]
    members = Member.objects.filter(organisation=project.organisation_id, role__in=KEEPING)
    return list(User.objects.filter(pk__in=members.values("person")))


def can_review(user: User) -> bool:
    """True for those who approve and reject submissions."""
    return may(user, REVIEW)


def can_read(user: User, project: Project) -> bool:
    """True for those whose project it is and who is no sponsor, while the project is not deleted."""
    readable = user.may_sign_in and project.status != Status.DELETED
    return readable and (not user.is_sponsor or _is_theirs(user, project))


def require_visible(user: User, project: Project) -> None:
    """Nothing; NotFound for those who may not read the project."""
    if not can_read(user, project):
        raise NotFound("There is no such project.")


def require_edit(user: User, project: Project) -> None:
    """Nothing; NotFound for outsiders, Forbidden for those who may only read."""
    require_visible(user, project)
    if project.is_closed:
        raise Forbidden(f"This project is {project.get_status_display().lower()} and takes no changes.")
    if not can_keep(user, project):
        raise Forbidden(KEPT_BY)


def require_keeper(user: User, project: Project) -> None:
    """As `require_edit`, for archived projects too."""
    require_visible(user, project)
    if not can_keep(user, project):
        raise Forbidden(KEPT_BY)


def require_restorer(user: User, project: Project) -> None:
    """As `require_keeper`, and for deleted projects: nobody else knows that they are there."""
    if project.status != Status.DELETED:
        require_keeper(user, project)
    elif not can_keep(user, project):
        raise NotFound("There is no such project.")


def require_series_keeper(user: User, series: Series) -> None:
    """Nothing; NotFound for outsiders, Forbidden for those who may only read."""
    if not user.may_sign_in or (user.is_sponsor and series.owner_id != user.pk):
        raise NotFound("There is no such series.")
    if not can_order(user, series.owner_id):
        raise Forbidden("Only the series' owner and administrators may change it.")


def require_review(user: User, project: Project) -> None:
    """Nothing; NotFound for outsiders, Forbidden for those who may read the project but decide nothing."""
    require_visible(user, project)
    require(user, REVIEW)


def can_comment(user: User, project: Project) -> bool:
    """True for everybody who reads the project, while it is not put away."""
    return not project.is_closed and can_read(user, project)


def can_settle(user: User, comment: SubmissionComment) -> bool:
    """True for who keeps the project and who made it, while it is open."""
    project = comment.submission.project
    return comment.settled_at is None and can_comment(user, project) and _settles(user, comment)


def require_comment(user: User, project: Project) -> None:
    """Nothing; NotFound for outsiders, Forbidden once the project is put away."""
    require_visible(user, project)
    if not can_comment(user, project):
        raise Forbidden(f"This project is {project.get_status_display().lower()}: nothing is added to its submissions.")


def require_settle(user: User, comment: SubmissionComment) -> None:
    """Nothing; NotFound for outsiders, Forbidden for those who neither keep the project nor made the comment."""
    require_comment(user, comment.submission.project)
    if not _settles(user, comment):
        raise Forbidden("Only the project's owner, administrators and who made a comment settle it.")


def get_comment(user: User, code: UUID | str) -> SubmissionComment:
    """The comment of this code; NotFound where there is none this person may read."""
    found = SubmissionComment.objects.filter(submission__in=visible_submissions(user).values("pk"), code=_uuid(code))
    comment = found.select_related("submission__project__owner", "submission__snapshot").first()
    if comment is None:
        raise NotFound("There is no such comment.")
    return comment


def _settles(user: User, comment: SubmissionComment) -> bool:
    return can_keep(user, comment.submission.project) or comment.made_by_id == user.pk


def visible_submissions(user: User) -> QuerySet[Submission]:
    """The submissions of the projects this person may read."""
    related = ("project__owner", "snapshot", "base", "submitted_by", "decided_by")
    return Submission.objects.filter(project__in=visible_projects(user)).select_related(*related)


def get_submission(user: User, code: UUID | str) -> Submission:
    """The submission of this code; NotFound where there is none this person may read."""
    found = visible_submissions(user).filter(code=_uuid(code)).first()
    if found is None:
        raise NotFound("There is no such submission.")
    return found


def _theirs(user: User, roles: Collection[str] = tuple(OrganisationRole)) -> Q:
    """What chooses the projects of the person alone, and those of their organisation where they have one of the roles."""
    member = Member.objects.filter(person=user, role__in=roles)
    return Q(organisation=None, owner=user) | Q(organisation__in=member.values("organisation"))


def _is_theirs(user: User, project: Project, roles: Collection[str] = tuple(OrganisationRole)) -> bool:
    if project.organisation_id is None:
        return project.owner_id == user.pk
    return has_role(user, project.organisation_id, roles)


def _is_reader(user: User) -> bool:
    return Member.objects.filter(person=user, role=OrganisationRole.READER).exists()


def _uuid(code: UUID | str) -> UUID:
    try:
        return code if isinstance(code, UUID) else UUID(code)
    except ValueError:
        raise NotFound("There is no such project.") from None
