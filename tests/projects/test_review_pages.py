"""The review on a project's pages: what Sofia reads and may press at each stage."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from projects.models import Project, Submission, SubmissionStatus
from projects.queries import pending_submission
from projects.services import create_project, edit_project, reject_submission, submit_project
from tests.projects.cast import form_data, put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


@pytest.fixture
def sofia(signed_in: SignedIn, sponsor: User) -> Client:
    return signed_in(sponsor)


def page_of(client: Client, thing: Project | Submission) -> str:
    name = "project-detail" if isinstance(thing, Project) else "submission-detail"
    return str(client.get(reverse(name, args=[thing.code])).content.decode())


def edited(project: Project, by: User, path: str, value: Any) -> None:
    project.refresh_from_db()
    inputs = put(dict(project.inputs), path, value)
    edit_project(by=by, project=project, title=project.title, inputs=inputs, version=project.version)


def test_submitting_from_the_page(sofia: Client, project: Project):
    page = page_of(sofia, project)
    url = reverse("project-submit", args=[project.code])
    assert 'data-review="not_submitted"' in page
    assert f'href="{url}"' in page
    assert "Note to the administrators" in sofia.get(url).content.decode()
    response = sofia.post(url, {"note": "Figures from the lease."}, follow=True)
    page = response.content.decode()
    assert 'data-review="waiting"' in page
    assert "Submitted as version 1" in page
    again = sofia.post(url, follow=True).content.decode()
    assert "wait for review already, as version 1" in again
    assert "Figures from the lease." in page_of(sofia, project.submissions.get())


def test_the_confirmation_lists_what_deserves_a_second_look(sofia: Client, sponsor: User):
    inputs = put(sound_inputs(), "capex.market.lines", {"build": 1e6})
    project = create_project(by=sponsor, title="Odd", inputs=inputs)
    page = sofia.get(reverse("project-submit", args=[project.code])).content.decode()
    assert page.count("data-warning") >= 1


def test_a_draft_says_what_is_missing_and_has_no_button(sofia: Client, sponsor: User):
    draft = create_project(by=sponsor, title="Half", inputs={"country": "UK"})
    url = reverse("project-submit", args=[draft.code])
    assert "Complete the inputs" in sofia.get(url).content.decode()
    response = sofia.post(url)
    assert response.status_code == 422
    assert "Submit for review</button>" not in response.content.decode()
    assert url not in page_of(sofia, draft)


def test_a_rejection_is_read_where_the_project_is(sofia: Client, project: Project, sponsor: User, admin: User):
    submission = submit_project(by=sponsor, project=project)
    reject_submission(by=admin, submission=submission, reason="The rent\nhas <no> source.")
    page = page_of(sofia, project)
    assert 'data-review="rejected"' in page
    assert "The rent<br>has &lt;no&gt; source." in page
    assert "Submit again" in page


def test_a_change_request_shows_old_and_new_with_units(
    sofia: Client, project: Project, sponsor: User, admin: User, signed_in: SignedIn
):
    approved(project, by=admin)
    assert "Version 1 is approved" in page_of(sofia, project)
    edited(project, sponsor, "power.pue", 1.31)
    assert "A change request waits for review" in page_of(sofia, project)
    request = pending_submission(project)
    assert request is not None
    page = page_of(sofia, request)
    assert page.count('data-path="power.pue"') == 1
    assert 'data-path="it_load_mw"' in page
    assert 'data-path="power.gross_facility_mw"' not in page
    everything = sofia.get(reverse("submission-detail", args=[request.code]), {"all": "yes"}).content.decode()
    assert 'data-path="power.gross_facility_mw"' in everything
    assert "Approve or reject" not in page
    assert "Approve or reject" in page_of(signed_in(admin), request)


def test_saving_says_that_a_change_request_was_made(sofia: Client, project: Project, admin: User):
    approved(project, by=admin)
    data = form_data(project, power__pue="1.31", action="save")
    response = sofia.post(reverse("project-edit", args=[project.code]), data, follow=True)
    assert "waiting for review as a change request" in response.content.decode()


def test_withdrawing(sofia: Client, project: Project, sponsor: User, internal: User, signed_in: SignedIn):
    submission = submit_project(by=sponsor, project=project)
    url = reverse("submission-withdraw", args=[submission.code])
    assert url in page_of(sofia, submission)
    assert url not in page_of(signed_in(internal), submission)
    assert "Withdrawn." in sofia.post(url, follow=True).content.decode()
    submission.refresh_from_db()
    assert submission.status == SubmissionStatus.WITHDRAWN
    assert "no longer waits" in sofia.post(url, follow=True).content.decode()


def test_an_edit_after_submitting_is_offered_for_review(sofia: Client, project: Project, sponsor: User):
    first = submit_project(by=sponsor, project=project)
    edited(project, sponsor, "power.pue", 1.31)
    page = page_of(sofia, project)
    assert "The inputs were changed since" in page
    second = submit_project(by=sponsor, project=project)
    assert reverse("submission-detail", args=[second.code]) in page_of(sofia, first)


def test_a_page_costs_the_same_for_any_number_of_submissions(
    sofia: Client, project: Project, sponsor: User, admin: User, django_assert_num_queries: Any
):
    approved(project, by=admin)
    url = reverse("project-detail", args=[project.code])
    sofia.get(url)
    with django_assert_num_queries(8):
        sofia.get(url)
    for step in range(1, 8):
        edited(project, sponsor, "power.pue", 1.2 + step / 100)
    with django_assert_num_queries(8):
        sofia.get(url)
