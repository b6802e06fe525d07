"""Two people decide at once, each on a connection of their own: one decision stands, the other person is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEntry, Role, User
from lib.errors import Invalid
from projects.errors import NotPending, StaleVersion
from projects.models import Project, Submission, SubmissionStatus
from projects.queries import approved_snapshot, pending_submission
from projects.services import (
    approve_submission,
    create_project,
    edit_project,
    reject_submission,
    submit_project,
)
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verbs: list[Callable[[], Any]]) -> list[Any]:
    """What each verb gave or refused, all begun at the same moment."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return verb()
        except Invalid as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.fixture
def second_admin(db: None) -> User:
    return User.objects.create_user("abe@house.example", "x" * 20, full_name="Abe", role=Role.ADMIN, is_approved=True)


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def test_of_two_decisions_one_stands(project: Project, sponsor: User, admin: User, second_admin: User):
    submission = submit_project(by=sponsor, project=project)
    results = at_once(
        [
            lambda: approve_submission(by=admin, submission=submission),
            lambda: reject_submission(by=second_admin, submission=submission, reason="No."),
            lambda: approve_submission(by=second_admin, submission=submission),
            lambda: reject_submission(by=admin, submission=submission, reason="No."),
        ]
    )
    winners = [result for result in results if isinstance(result, Submission)]
    losers = [result for result in results if isinstance(result, NotPending)]
    assert (len(winners), len(losers)) == (1, 3)
    submission.refresh_from_db()
    assert submission.status == winners[0].status
    assert all("no longer waits" in str(loser) for loser in losers)
    decisions = AuditEntry.objects.filter(action__in=("submission.approved", "submission.rejected"))
    assert decisions.count() == 1


def test_submitting_at_once_makes_one_submission(project: Project, sponsor: User):
    results = at_once([lambda: submit_project(by=sponsor, project=project)] * 4)
    assert {result.pk for result in results} == {Submission.objects.get().pk}


def test_an_edit_and_an_approval_at_once_leave_one_story(project: Project, sponsor: User, admin: User):
    approved(project, by=admin)
    project.refresh_from_db()
    first = put(deepcopy(project.inputs), "power.pue", 1.3)
    project = edit_project(by=sponsor, project=project, title="Quay", inputs=first, version=project.version)
    waiting, version = pending_submission(project), project.version
    assert waiting is not None
    later = put(deepcopy(first), "power.pue", 1.35)
    edit, decision = at_once(
        [
            lambda: edit_project(by=sponsor, project=project, title="Quay", inputs=later, version=version),
            lambda: approve_submission(by=admin, submission=waiting),
        ]
    )
    assert not isinstance(edit, StaleVersion)
    now, found = approved_snapshot(project), pending_submission(project)
    assert now is not None
    assert found is not None
    assert found.snapshot.content["power"]["pue"] == 1.35
    assert found.base == now
    if isinstance(decision, NotPending):
        assert now.version == 1
    else:
        assert (now, decision.status) == (waiting.snapshot, SubmissionStatus.APPROVED)
