"""What was said about the inputs of a submission, where it stands on the page."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from accounts.models import User
from projects.access import can_comment, can_settle
from projects.differences import Differences, compare_inputs
from projects.history_words import field_label
from projects.models import Project, Submission, SubmissionComment

WHOLE = "the whole submission"


@dataclass(frozen=True, slots=True)
class Said:
    """A comment with the words for what it is about, and whether the reader may settle it."""

    comment: SubmissionComment
    about: str
    may_settle: bool


@dataclass(frozen=True)
class Comments:
    """What was said about a submission, still open or not, and what stays open of the project's earlier ones."""

    reader: User
    submission: Submission
    about: str

    @cached_property
    def rows(self) -> list[Said]:
        """The open ones first, each in the order they were made."""
        of_this = Q(submission=self.submission)
        left_open = Q(submission__project=self.submission.project, submission__lt=self.submission, settled_at=None)
        found = SubmissionComment.objects.filter(of_this | left_open)
        found = found.select_related("made_by", "settled_by", "submission__project", "submission__snapshot")
        said = [Said(each, input_label(each.place), can_settle(self.reader, each)) for each in found]
        return sorted(said, key=lambda each: each.comment.settled_at is not None)

    @property
    def open_rows(self) -> list[Said]:
        """Those not settled."""
        return [each for each in self.rows if each.comment.settled_at is None]

    @cached_property
    def open_places(self) -> list[str]:
        """The inputs of which something is still open."""
        return sorted({each.comment.place for each in self.open_rows})

    @property
    def open_count(self) -> int:
        """How many are not settled."""
        return len(self.open_rows)

    @property
    def may_say(self) -> bool:
        """True where the reader may add one."""
        return can_comment(self.reader, self.submission.project)

    @property
    def choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a comment may be about, by group: path and label."""
        return [
            (group.title, [(row.path, row.label) for row in group.rows])
            for group in _both_sides(self.submission).inputs
        ]


def comments_on(reader: User, submission: Submission, about: str = "") -> Comments:
    """What was said about a submission, for a reader who is about to speak of `about`."""
    return Comments(reader, submission, about)


def comments_on_project(reader: User, project: Project) -> Comments | None:
    """What was said about a project's latest submission; None where it has none."""
    latest = project.submissions.select_related("project__owner", "snapshot", "base").order_by("-pk").first()
    return Comments(reader, latest, "") if latest else None


def is_commented_on(submission: Submission, place: str) -> bool:
    """True where a comment may stand: at an input of either side of the submission, or at the whole."""
    return place == "" or any(place == row.path for group in _both_sides(submission).inputs for row in group.rows)


def input_label(place: str) -> str:
    """An input in words."""
    return field_label(place) if place else WHOLE


def _both_sides(submission: Submission) -> Differences:
    return compare_inputs(submission.base.inputs if submission.base else None, submission.snapshot.inputs)
