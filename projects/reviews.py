"""Where a project stands with its review: what is approved, what waits, what was rejected, and what comes next."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.models import User
from engine.errors import InputProblems
from lib.canonical import canonical_hash
from projects.access import can_edit, keepers_of
from projects.models import Project, Submission, SubmissionStatus
from projects.translate import project_inputs


class ReviewStage(StrEnum):
    """What a project's page says of its review first."""

    NOT_SUBMITTED = "not_submitted"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Review:
    """A project's submissions, newest first, and the hash of its inputs as they stand (empty for a draft)."""

    submissions: list[Submission]
    inputs_hash: str

    @property
    def approved(self) -> Submission | None:
        """The submission whose snapshot runs take."""
        return self._newest(SubmissionStatus.APPROVED)

    @property
    def pending(self) -> Submission | None:
        """The submission that waits for an administrator."""
        return self._newest(SubmissionStatus.PENDING)

    @property
    def rejected(self) -> Submission | None:
        """The last one decided, if it was rejected and nothing was approved since."""
        found, approved = self._newest(SubmissionStatus.REJECTED), self.approved
        return found if found and (approved is None or approved.pk < found.pk) else None

    @property
    def stage(self) -> ReviewStage:
        """The first thing to say."""
        if self.pending:
            return ReviewStage.WAITING
        if self.rejected and not self.is_as_approved:
            return ReviewStage.REJECTED
        return ReviewStage.APPROVED if self.approved else ReviewStage.NOT_SUBMITTED

    @property
    def is_as_approved(self) -> bool:
        """True when the inputs as they stand are the approved ones."""
        return self.approved is not None and self.approved.snapshot.content_hash == self.inputs_hash

    @property
    def is_as_submitted(self) -> bool:
        """True when the inputs as they stand are those that wait."""
        return self.pending is not None and self.pending.snapshot.content_hash == self.inputs_hash

    @property
    def can_be_submitted(self) -> bool:
        """True when the inputs are complete and neither approved nor waiting."""
        return bool(self.inputs_hash) and not self.is_as_approved and not self.is_as_submitted

    @property
    def is_edited(self) -> bool:
        """True when the inputs as they stand are neither what is approved nor what waits."""
        return bool(self.submissions) and not self.is_as_approved and not self.is_as_submitted

    def _newest(self, status: SubmissionStatus) -> Submission | None:
        return next((found for found in self.submissions if found.status == status), None)


def review_of(project: Project) -> Review:
    """The review of a project, in one query."""
    people = ("submitted_by", "decided_by")
    found = project.submissions.select_related("snapshot", "base", *people).order_by("-pk")
    return Review(list(found.defer("snapshot__content", "base__content")), _inputs_hash(project))


def can_withdraw(user: User, submission: Submission) -> bool:
    """True for those whose project it is and for who submitted it, while it waits."""
    is_theirs = user in (*keepers_of(submission.project), submission.submitted_by)
    return submission.is_pending and is_theirs and can_edit(user, submission.project)


def saved_sentence(project: Project) -> str:
    """What somebody who saved complete inputs is told: also of the change request that this made."""
    review = review_of(project)
    if review.is_as_submitted and review.approved:
        return "Saved, and waiting for review as a change request. Runs take the approved inputs until it is approved."
    if review.is_as_submitted and review.pending:
        return "Saved, and submitted: an administrator reviews it, and you are told of the decision."
    return "Saved. Every input is accepted."


def _inputs_hash(project: Project) -> str:
    if not project.is_complete:
        return ""
    try:
        return canonical_hash(project_inputs(project).to_dict())
    except InputProblems:
        return ""
