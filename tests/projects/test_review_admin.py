"""The review pages of the administration: see what waits, decide one or many, never touch a row."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from permutations.services.request_run import request_run
from projects.models import Submission, SubmissionStatus
from projects.queries import pending_submission
from projects.services import create_project, edit_project, submit_project, withdraw_submission
from ratings.services import seed_market_sets, seed_rule_sets
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db
LIST = "/admin/projects/submission/"


@pytest.fixture
def ada(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def waiting(sponsor: User) -> list[Submission]:
    """Three first submissions."""
    projects = [create_project(by=sponsor, title=f"Quay {n}", inputs=sound_inputs()) for n in range(3)]
    return [submit_project(by=sponsor, project=project) for project in projects]


@pytest.fixture
def change(sponsor: User, admin: User) -> Submission:
    """A change request: another PUE and half the rent."""
    project = approved(create_project(by=sponsor, title="<b>Hill</b>", inputs=sound_inputs()), by=admin)
    inputs = put(put(sound_inputs(), "power.pue", 1.31), "revenue.rent_amount", 80.0)
    edit_project(by=sponsor, project=project, title=project.title, inputs=inputs, version=1)
    found = pending_submission(project)
    assert found is not None
    return found


def url_of(submission: Submission) -> str:
    return reverse("admin:projects_submission_change", args=[submission.pk])


def text(response: Any) -> str:
    return str(response.content.decode())


def status_of(submission: Submission) -> str:
    return str(Submission.objects.values_list("status", flat=True).get(pk=submission.pk))


def act(client: Client, action: str, submissions: list[Submission], **data: str) -> Any:
    chosen = {"action": action, "_selected_action": [s.pk for s in submissions], **data}
    return client.post(LIST, chosen, follow=True)


def test_the_list_says_what_waits_and_what_it_changes(ada: Client, change: Submission, waiting: list[Submission]):
    page = text(ada.get(LIST))
    assert "4 wait, the oldest since" in page
    assert "2 inputs" in page
    assert re.search(r"NOI −\d+\.\d%, IT load", page)
    assert "<b>Hill" not in page
    assert page.index("Quay 0") < page.index("Quay 2") < page.index("Approved")


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("kind=change", "Hill", "Quay"),
        ("kind=first&status__exact=pending", "Quay", "Hill"),
        ("country=UK", "Quay", "No Such"),
        ("country=US", "0 submissions", "Quay 0"),
        ("age=today", "Quay", "No Such"),
        ("age=older", "0 submissions", "Quay 0"),
        ("q=Hill sofia", "Hill", "Quay"),
        ("q=sofia", "Quay 2", "No Such"),
    ],
)
def test_filters_and_search(
    ada: Client, change: Submission, waiting: list[Submission], query: str, shown: str, hidden: str
):
    page = text(ada.get(f"{LIST}?{query}"))
    body = page[page.index('id="changelist-form"') :] if shown != "0 submissions" else page
    assert shown in page
    assert hidden not in body.split('id="changelist-filter"')[0]


@pytest.mark.parametrize("query", ["kind=x", "country='", "age=%00", "q=%00", "p=9999", "o=99", "status__exact=%27"])
def test_nonsense_in_the_address_breaks_nothing(ada: Client, change: Submission, query: str):
    assert ada.get(f"{LIST}?{query}", follow=True).status_code in {200, 400}


def test_the_list_costs_the_same_for_one_and_for_many(
    ada: Client, change: Submission, sponsor: User, django_assert_max_num_queries: Any
):
    for number in range(12):
        project = create_project(by=sponsor, title=f"More {number}", inputs=sound_inputs())
        submit_project(by=sponsor, project=project)
    with django_assert_max_num_queries(14):
        ada.get(LIST)


def test_the_page_holds_what_a_decision_needs(ada: Client, change: Submission):
    page = text(ada.get(url_of(change)))
    assert 'data-path="power.pue"' in page
    assert 'data-path="year_one.noi_amount"' in page
    assert reverse("submission-impact", args=[change.code]) in page
    assert page.count("<tr aria-current") == 1
    assert 'name="verdict" value="approve"' in page
    assert "<b>Hill" not in page
    assert 'data-path="power.gross_facility_mw"' in text(ada.get(url_of(change), {"all": "yes"}))


def test_approving_on_the_page(ada: Client, change: Submission, admin: User):
    page = text(ada.post(url_of(change), {"verdict": "approve", "reason": "Agreed."}, follow=True))
    assert "version 2: approved." in page
    change.refresh_from_db()
    assert (change.status, change.reason, change.decided_by) == (SubmissionStatus.APPROVED, "Agreed.", admin)
    assert 'name="verdict"' not in page


def test_rejecting_on_the_page_needs_words(ada: Client, change: Submission):
    refused = ada.post(url_of(change), {"verdict": "reject", "reason": " "})
    assert refused.status_code == 422
    assert "tells the sponsor what to change" in text(refused)
    assert status_of(change) == "pending"
    ada.post(url_of(change), {"verdict": "reject", "reason": "Too low."})
    assert status_of(change) == "rejected"


@pytest.mark.parametrize(
    "data", [{}, {"verdict": "delete"}, {"status": "approved"}, {"verdict": "approve", "reason": "x" * 5000}]
)
def test_what_is_no_decision_changes_nothing(ada: Client, change: Submission, data: dict[str, str]):
    assert ada.post(url_of(change), data).status_code == 422
    assert status_of(change) == "pending"


def test_a_decision_too_late_is_told(ada: Client, waiting: list[Submission], sponsor: User):
    withdraw_submission(by=sponsor, submission=waiting[0])
    page = text(ada.post(url_of(waiting[0]), {"verdict": "approve"}, follow=True))
    assert "no longer waits for review" in page
    assert status_of(waiting[0]) == "withdrawn"


@pytest.mark.parametrize(("action", "done"), [("approve_selected", "approved"), ("reject_selected", "rejected")])
def test_many_are_decided_one_by_one(ada: Client, waiting: list[Submission], sponsor: User, action: str, done: str):
    asked = text(act(ada, action, waiting))
    assert "Quay 1, version 1" in asked
    assert {status_of(s) for s in waiting} == {"pending"}
    withdraw_submission(by=sponsor, submission=waiting[1])
    page = text(act(ada, action, waiting, verdict=action.partition("_")[0], reason="As discussed."))
    assert [status_of(s) for s in waiting] == [done, "withdrawn", done]
    assert page.count(f"version 1: {done}.") == 2
    assert "Quay 1, version 1: This submission no longer waits" in page


def test_many_are_not_rejected_without_a_reason(ada: Client, waiting: list[Submission]):
    page = text(act(ada, "reject_selected", waiting, verdict="reject", reason=""))
    assert "tells the sponsor what to change" in page
    assert {status_of(s) for s in waiting} == {"pending"}


def test_rows_are_never_edited_as_such(ada: Client, change: Submission):
    assert ada.get(f"{LIST}add/").status_code == 403
    assert ada.post(f"{LIST}{change.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "Delete" not in text(ada.get(LIST)).split("changelist-form")[1].split("</select>")[0]


def test_somebody_elses_number_is_not_there(ada: Client):
    for number in ("999999", "x", "0"):
        assert ada.get(f"{LIST}{number}/change/", follow=True).status_code == 200


def test_after_approval_the_next_one_is_at_hand(ada: Client, waiting: list[Submission]):
    page = text(ada.post(url_of(waiting[0]), {"verdict": "approve"}, follow=True))
    assert url_of(waiting[1]) in page


def test_a_project_run_before_is_offered_again(ada: Client, change: Submission, project_was_run: None):
    page = text(ada.post(url_of(change), {"verdict": "approve"}, follow=True))
    assert f"{reverse('run-new', args=[change.project.code])}?from=last" in page


@pytest.fixture
def project_was_run(change: Submission, admin: User) -> None:
    """A run of what was approved before."""
    seed_rule_sets()
    seed_market_sets()
    request_run(by=admin, project=change.project, levers={"axes": {"senior_dscr": [1.3, 1.4]}}, enqueue=False)
