"""The life of a submission: Sofia submits, Ada decides, and what was approved stays what it was."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, User
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from notifications.models import Notification
from projects.errors import NotComplete, NotPending
from projects.models import Project, Snapshot, Submission, SubmissionStatus
from projects.news import SUBMISSION_APPROVED, SUBMISSION_REJECTED, SUBMISSION_WAITING
from projects.queries import approved_snapshot, pending_submission
from projects.services import (
    approve_submission,
    archive_project,
    create_project,
    edit_project,
    reject_submission,
    submit_project,
    withdraw_submission,
)
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approve, approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


@pytest.fixture
def running(project: Project, admin: User) -> Project:
    """The project with its first inputs approved."""
    return approved(project, by=admin)


def edited(project: Project, by: User, **changes: Any) -> Project:
    """The project saved by somebody with other values at dotted paths, written with __ for the dot."""
    project.refresh_from_db()
    inputs = deepcopy(project.inputs)
    title = changes.pop("title", project.title)
    for path, value in changes.items():
        put(inputs, path.replace("__", "."), value)
    return edit_project(by=by, project=project, title=title, inputs=inputs, version=project.version)


def states(project: Project) -> list[str]:
    """The states of the project's submissions, oldest first."""
    return [str(status) for status in project.submissions.order_by("pk").values_list("status", flat=True)]


def told(person: User) -> list[tuple[str, str]]:
    """Kind and title of what somebody was told, oldest first."""
    return list(Notification.objects.filter(person=person).order_by("pk").values_list("kind", "title"))


# Submitting


def test_submitting_freezes_the_inputs_and_tells_the_administrators(project: Project, sponsor: User, admin: User):
    submission = submit_project(by=sponsor, project=project, note=" Ready for you. ")
    assert submission.snapshot.content == project.inputs
    assert (submission.is_pending, submission.is_change_request, submission.note) == (True, False, "Ready for you.")
    assert told(admin) == [(SUBMISSION_WAITING, "Quay: a submission waits for review")]
    assert told(sponsor) == []
    entry = AuditEntry.objects.get(action="submission.made")
    assert (entry.actor, entry.target_code) == (sponsor, submission.code)
    assert approved_snapshot(project) is None


def test_submitting_the_same_inputs_again_is_the_same_submission(project: Project, sponsor: User, admin: User):
    first = submit_project(by=sponsor, project=project)
    assert submit_project(by=sponsor, project=project) == first
    approve_submission(by=admin, submission=first)
    again = submit_project(by=sponsor, project=project)
    assert (again.pk, again.status) == (first.pk, SubmissionStatus.APPROVED)
    assert states(project) == ["approved"]


def test_a_draft_is_refused_with_what_is_missing(sponsor: User):
    draft = create_project(by=sponsor, title="Half", inputs={"country": "UK"})
    with pytest.raises(NotComplete) as refused:
        submit_project(by=sponsor, project=draft)
    assert {"currency", "power.gross_facility_mw"} <= {problem.place for problem in refused.value.problems}
    assert not Submission.objects.exists()


def test_a_newer_submission_takes_the_place_of_one_that_waits(project: Project, sponsor: User, admin: User):
    first = submit_project(by=sponsor, project=project)
    edited(project, sponsor, power__pue=1.3)
    assert pending_submission(project) == first, "an edit before the first approval submits nothing by itself"
    second = submit_project(by=sponsor, project=project)
    assert states(project) == ["superseded", "pending"]
    assert len(told(admin)) == 1
    with pytest.raises(NotPending, match="a newer one took its place"):
        approve_submission(by=admin, submission=first)
    assert pending_submission(project) == second


def test_the_database_holds_one_that_waits(project: Project, sponsor: User):
    first = submit_project(by=sponsor, project=project)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(project=project, snapshot=first.snapshot, submitted_by=sponsor)


# Deciding


def test_approval_makes_the_snapshot_what_runs_take(project: Project, sponsor: User, admin: User):
    submission = submit_project(by=sponsor, project=project)
    decided = approve_submission(by=admin, submission=submission, comment="Fine.")
    assert approved_snapshot(project) == submission.snapshot
    assert (decided.decided_by, decided.reason) == (admin, "Fine.")
    assert told(sponsor) == [(SUBMISSION_APPROVED, "Quay: version 1 is approved")]


def test_rejection_tells_why_and_keeps_the_inputs(project: Project, sponsor: User, admin: User):
    submission = submit_project(by=sponsor, project=project)
    before = deepcopy(project.inputs)
    reject_submission(by=admin, submission=submission, reason="The rent has no source.")
    project.refresh_from_db()
    assert project.inputs == before
    assert approved_snapshot(project) is None
    body = Notification.objects.get(person=sponsor, kind=SUBMISSION_REJECTED).body
    assert body.startswith("The rent has no source.\n")
    again = submit_project(by=sponsor, project=project, note="Source: the lease, clause 4.")
    assert (again.is_pending, again.snapshot) == (True, submission.snapshot)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_rejection_says_why(project: Project, sponsor: User, admin: User, reason: str):
    submission = submit_project(by=sponsor, project=project)
    with pytest.raises(Invalid, match="expected a sentence"):
        reject_submission(by=admin, submission=submission, reason=reason)
    assert states(project) == ["pending"]


def test_an_administrators_own_submission_is_marked_in_the_trail(admin: User):
    project = create_project(by=admin, title="Own", inputs=sound_inputs())
    approve_submission(by=admin, submission=submit_project(by=admin, project=project))
    entry = AuditEntry.objects.get(action="submission.approved")
    assert entry.after is not None
    assert entry.after["is_own_submission"] is True
    assert told(admin) == []


def test_who_may_decide_and_withdraw(project: Project, sponsor: User, other_sponsor: User, internal: User, admin: User):
    submission = submit_project(by=sponsor, project=project)
    for person, refusal in ((sponsor, Forbidden), (internal, Forbidden), (other_sponsor, NotFound)):
        with pytest.raises(refusal):
            approve_submission(by=person, submission=submission)
        with pytest.raises(refusal):
            reject_submission(by=person, submission=submission, reason="No.")
    for person, refusal in ((admin, Forbidden), (internal, Forbidden), (other_sponsor, NotFound)):
        with pytest.raises(refusal):
            withdraw_submission(by=person, submission=submission)
    for person, refusal in ((internal, Forbidden), (other_sponsor, NotFound)):
        with pytest.raises(refusal):
            submit_project(by=person, project=project)
    assert states(project) == ["pending"]


def test_the_owner_withdraws(project: Project, sponsor: User, admin: User):
    submission = submit_project(by=sponsor, project=project)
    withdraw_submission(by=sponsor, submission=submission, reason="Too early.")
    with pytest.raises(NotPending, match="withdrawn by Sofia Sponsor"):
        approve_submission(by=admin, submission=submission)
    assert submit_project(by=sponsor, project=project).is_pending


@pytest.mark.parametrize("verb", ["approve", "reject", "withdraw"])
def test_what_is_decided_is_decided(running: Project, sponsor: User, admin: User, verb: str):
    submission = running.submissions.get()
    verbs: dict[str, Any] = {
        "approve": lambda: approve_submission(by=admin, submission=submission),
        "reject": lambda: reject_submission(by=admin, submission=submission, reason="No."),
        "withdraw": lambda: withdraw_submission(by=sponsor, submission=submission),
    }
    with pytest.raises(NotPending, match="approved by Ada Administrator on"):
        verbs[verb]()


def test_the_database_refuses_to_change_what_is_decided(running: Project):
    decided = Submission.objects.filter(project=running)
    for change in ({"status": "rejected", "reason": "x"}, {"reason": "Other words."}, {"note": "Other words."}):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            decided.update(**change)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        decided.delete()
    with pytest.raises(AppendOnlyError):
        decided.get().delete()


# Changing what is approved


def test_an_edit_of_approved_inputs_is_a_change_request(running: Project, sponsor: User, admin: User):
    edited(running, sponsor, power__pue=1.3)
    request = pending_submission(running)
    assert request is not None
    assert request.base == approved_snapshot(running)
    assert (request.is_change_request, request.snapshot.version) == (True, 2)
    assert told(admin)[-1] == (SUBMISSION_WAITING, "Quay: a change request waits for review")
    approve_submission(by=admin, submission=request)
    assert approved_snapshot(running) == request.snapshot


def test_a_further_edit_replaces_the_request(running: Project, sponsor: User, admin: User):
    edited(running, sponsor, power__pue=1.3)
    edited(running, sponsor, power__pue=1.35)
    assert states(running) == ["approved", "superseded", "pending"]
    waiting = pending_submission(running)
    assert waiting is not None
    assert waiting.snapshot.content["power"]["pue"] == 1.35
    assert len([kind for kind, _ in told(admin) if kind == SUBMISSION_WAITING]) == 2


def test_going_back_to_what_is_approved_withdraws_the_request(running: Project, sponsor: User):
    before = running.inputs["power"]["pue"]
    edited(running, sponsor, power__pue=1.3)
    edited(running, sponsor, power__pue=before)
    assert states(running) == ["approved", "withdrawn"]


def test_a_new_title_requests_nothing(running: Project, sponsor: User, admin: User):
    edited(running, sponsor, title="Quay Street")
    assert states(running) == ["approved"]
    edited(running, sponsor, power__pue=1.3)
    edited(running, sponsor, title="Quay Road")
    assert states(running) == ["approved", "pending"]
    waiting = pending_submission(running)
    assert waiting is not None
    reject_submission(by=admin, submission=waiting, reason="No.")
    edited(running, sponsor, title="Quay Lane")
    assert states(running) == ["approved", "rejected"]


def test_an_incomplete_edit_is_kept_and_requests_nothing(running: Project, sponsor: User):
    running.refresh_from_db()
    edit_project(by=sponsor, project=running, title="Quay", inputs={"country": "UK"}, version=running.version)
    running.refresh_from_db()
    assert running.inputs == {"country": "UK"}
    assert states(running) == ["approved"]


def test_an_administrators_edit_is_a_request_too(running: Project, admin: User, sponsor: User):
    edited(running, admin, power__pue=1.3)
    waiting = pending_submission(running)
    assert waiting is not None
    assert waiting.submitted_by == admin
    approve_submission(by=admin, submission=waiting)
    assert told(sponsor)[-1] == (SUBMISSION_APPROVED, "Quay: version 2 is approved")


def test_an_approved_version_can_come_back(running: Project, sponsor: User, admin: User):
    first, pue = approved_snapshot(running), running.inputs["power"]["pue"]
    edited(running, sponsor, power__pue=1.3)
    approve(running, by=admin)
    edited(running, sponsor, power__pue=pue)
    waiting = pending_submission(running)
    assert waiting is not None
    assert waiting.snapshot == first
    approve_submission(by=admin, submission=waiting)
    assert approved_snapshot(running) == first
    assert Snapshot.objects.filter(project=running).count() == 2


def test_a_project_put_away_waits_for_nobody(running: Project, sponsor: User, admin: User):
    edited(running, sponsor, power__pue=1.3)
    waiting = pending_submission(running)
    archive_project(by=sponsor, project=running)
    assert states(running) == ["approved", "withdrawn"]
    assert waiting is not None
    with pytest.raises(NotPending, match="withdrawn"):
        approve_submission(by=admin, submission=waiting)
