"""A project that can be run, in one line."""

from accounts.models import User
from projects.models import Project, Submission
from projects.services import approve_submission, submit_project


def approved(project: Project, by: User) -> Project:
    """The project with its inputs, as they stand, submitted by its owner and approved by an administrator."""
    approve(project, by)
    return project


def approve(project: Project, by: User) -> Submission:
    """The approved submission of the project as it stands."""
    submission = submit_project(by=project.owner, project=project)
    return approve_submission(by=by, submission=submission) if submission.is_pending else submission
