"""What projects add to the house."""

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.models import Role
from lib import navigation, personal
from lib.finding import find_by
from lib.panels import show
from notifications import kinds
from projects import finding, news, panels
from projects.attachments.models import Attachment
from projects.models import (
    AssetClass,
    Project,
    ProjectDraft,
    Series,
    Snapshot,
    Submission,
    SubmissionComment,
)

WORDS = {
    "asset_class.added": "Asset class added",
    "attachment.added": "Attachment added",
    "attachment.deleted": "Attachment deleted",
    "draft.discarded": "Draft discarded",
    "project.archived": "Project archived",
    "project.brought_back": "Earlier save brought back",
    "project.asset_class_set": "Project asset class set",
    "project.completed": "Project completed",
    "project.created": "Project created",
    "project.deleted": "Project deleted",
    "project.duplicated": "Project duplicated",
    "project.edited": "Project edited",
    "project.moved": "Project moved",
    "project.reopened": "Project reopened",
    "project.shared": "Project shared with an organisation",
    "project.restored": "Project restored",
    "series.created": "Series created",
    "series.deleted": "Series deleted",
    "series.moved": "Series moved",
    "series.renamed": "Series renamed",
    "snapshot.taken": "Snapshot taken",
    "submission.made": "Submission made",
    "submission.approved": "Submission approved",
    "submission.rejected": "Submission rejected",
    "submission.replaced": "Submission replaced",
    "submission.withdrawn": "Submission withdrawn",
    "submission_comment.made": "Comment on a submission",
    "submission_comment.settled": "Comment settled",
}


def join() -> None:
    """The room's lines, panels, words, and what it holds of people, are known from now on."""
    find_by("Projects", finding.projects, 10)
    kinds.declare(news.LABELS, for_administrators=news.FOR_ADMINISTRATORS)
    audit.declare(WORDS)
    personal.hold(Project, also=("inputs",))
    personal.hold(Series, AssetClass)
    personal.hold(Snapshot, also=("version", "content_hash"))
    personal.hold(Submission, also=("submitted_at", "decided_at"))
    personal.hold(SubmissionComment, also=("place", "settled_at"))
    personal.hold(Attachment, also=("content_type", "size_bytes", "content_hash", "added_at", "deleted_at"))
    personal.hold(ProjectDraft, also=("typed",), goes=True)
    show_at("projects.Project", "project-detail")
    show_at("projects.Submission", "submission-detail")
    navigation.add(navigation.Entry("projects", "Projects", "projects-list", 10))
    waiting, staff = "?status__exact=pending", lambda person: bool(person.is_staff)
    navigation.add(
        navigation.Entry("review", "Review", "admin:projects_submission_changelist", 40, waiting, is_for=staff)
    )
    show(panels.drafts, (Role.SPONSOR,), 10)
    show(panels.own_submissions, (Role.SPONSOR,), 20)
    show(panels.projects_under_way, (Role.SPONSOR,), 25)
    show(panels.edited_projects, (Role.INTERNAL,), 20)
    show(panels.decisions, (Role.INTERNAL,), 30)
    show(panels.drafts, (Role.INTERNAL,), 50)
    show(panels.submissions_to_review, (Role.ADMIN,), 20)
    show(panels.edited_projects, (Role.ADMIN,), 50)
