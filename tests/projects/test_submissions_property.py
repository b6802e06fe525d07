"""Whatever people do in whatever order: what was approved stays what it was, and only an approval moves what runs take."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from lib.errors import AtlasError
from projects.models import Project, Snapshot, Submission, SubmissionStatus
from projects.queries import approved_snapshot
from projects.services import (
    approve_submission,
    archive_project,
    complete_project,
    create_project,
    edit_project,
    reject_submission,
    restore_project,
    submit_project,
    take_snapshot,
    withdraw_submission,
)
from tests.projects.cast import put, sound_inputs

pytestmark = pytest.mark.django_db
PEOPLE = ("sponsor", "admin", "internal", "other_sponsor")
STEPS = ("edit", "edit", "retitle", "empty", "submit", "approve", "approve", "reject", "withdraw", "archive", "restore", "complete", "snapshot")  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from((*PEOPLE[:2], *PEOPLE)), st.integers(0, 3)),
    min_size=4,
    max_size=16,
)


def take(step: str, by: User, project: Project, number: int) -> None:
    """One step of the story; `number` chooses among values and earlier submissions."""
    project.refresh_from_db()
    submissions = list(Submission.objects.filter(project=project).order_by("-pk")[:4])
    if step in DECISIONS and submissions:
        DECISIONS[step](by, submissions[number % len(submissions)])
    elif step in EDITS:
        title, inputs = EDITS[step](project, number)
        edit_project(by=by, project=project, title=title, inputs=inputs, version=project.version)
    elif step in VERBS:
        VERBS[step](by=by, project=project)


EDITS: dict[str, Callable[[Project, int], tuple[str, dict[str, Any]]]] = {
    "edit": lambda project, number: (project.title, put(sound_inputs(), "power.pue", (1.2, 1.25, 1.3, 1.35)[number])),
    "retitle": lambda project, number: (f"T{number}", project.inputs),
    "empty": lambda project, number: ("Half", {"country": "UK"}),
}
DECISIONS: dict[str, Callable[[User, Submission], Any]] = {
    "approve": lambda by, submission: approve_submission(by=by, submission=submission),
    "reject": lambda by, submission: reject_submission(by=by, submission=submission, reason="No."),
    "withdraw": lambda by, submission: withdraw_submission(by=by, submission=submission),
}
VERBS: dict[str, Callable[..., Any]] = {
    "submit": submit_project,
    "archive": archive_project,
    "restore": restore_project,
    "complete": complete_project,
    "snapshot": take_snapshot,
}


def decided() -> dict[int, tuple[Any, ...]]:
    """Every decided submission as its row stands."""
    rows = Submission.objects.exclude(status=SubmissionStatus.PENDING)
    return {row["id"]: tuple(row.values()) for row in rows.values()}


def snapshots() -> dict[int, Any]:
    """Every snapshot's content."""
    return {pk: deepcopy(content) for pk, content in Snapshot.objects.values_list("pk", "content")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps)
def test_no_story_changes_what_was_approved(
    story: list[tuple[str, str, int]], sponsor: User, admin: User, internal: User, other_sponsor: User
):
    cast = {"sponsor": sponsor, "admin": admin, "internal": internal, "other_sponsor": other_sponsor}
    with transaction.atomic():
        project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
        for step, who, number in story:
            told, known, before = decided(), snapshots(), approved_snapshot(project)
            try:
                with transaction.atomic():
                    take(step, cast[who], project, number)
                refused = False
            except AtlasError:
                refused = True
            after = approved_snapshot(project)
            assert decided().items() >= told.items()
            assert snapshots().items() >= known.items()
            waiting = Submission.objects.filter(project=project, status=SubmissionStatus.PENDING)
            assert waiting.count() <= 1
            if step != "approve" or refused:
                assert after == before
            elif told != decided():
                assert who == "admin"
            if before is not None:
                assert after is not None
        transaction.set_rollback(True)
