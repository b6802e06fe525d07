"""Comments on the inputs of a submission: who says what, who hears of it, and how one is settled."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.services import issue_token
from lib.errors import Forbidden, Invalid, NotFound
from notifications.models import Notification
from projects.access import get_comment
from projects.comments import comments_on
from projects.models import NOTE_LENGTH, Project, Submission, SubmissionComment
from projects.services import (
    archive_project,
    comment_on_submission,
    create_project,
    edit_project,
    reject_submission,
    settle_comment,
    submit_project,
)
from tests.projects.cast import put, sound_inputs

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def submission(sponsor: User) -> Submission:
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    return submit_project(by=sponsor, project=project)


def told(person: User) -> list[str]:
    found = Notification.objects.filter(person=person, kind="submission_commented")
    return list(found.order_by("pk").values_list("title", flat=True))


def say(by: User, submission: Submission, text: str = "Where from?", place: str = "power.pue") -> str:
    return str(comment_on_submission(by=by, submission=submission, place=place, text=text).code)


def test_a_comment_on_an_input_is_told_to_the_owner_and_kept_in_the_trail(submission: Submission, admin: User):
    say(admin, submission)
    assert told(submission.project.owner) == ["Quay: a comment on PUE"]
    assert told(admin) == []
    entry = AuditEntry.objects.get(action="submission_comment.made")
    assert entry.after == {"version": 1, "about": "PUE", "text": "Where from?"}


def test_an_answer_is_told_to_who_spoke_and_a_first_word_to_the_administrators(
    submission: Submission, sponsor: User, admin: User, internal: User
):
    say(sponsor, submission, "Lease signed.", place="")
    assert told(admin) == ["Quay: a comment on the whole submission"]
    say(internal, submission)
    say(sponsor, submission, "The supplier's sheet.")
    assert told(internal) == ["Quay: a comment on PUE"]
    assert told(admin) == ["Quay: a comment on the whole submission"]


@pytest.mark.parametrize(
    ("place", "text", "sentence"),
    [
        ("power.pue", "  \n", "Comment: expected a sentence, got nothing."),
        ("power.pue", "x" * (NOTE_LENGTH + 1), "expected at most 4,000 characters, got 4,001"),
        ("power.moon", "Why?", "expected an input of this submission"),
        ("it_load_mw", "Why?", "expected an input of this submission"),
    ],
)
def test_what_is_refused(submission: Submission, admin: User, place: str, text: str, sentence: str):
    with pytest.raises(Invalid, match=sentence):
        say(admin, submission, text, place)


def test_a_comment_of_the_longest_length_is_kept_whole(submission: Submission, admin: User):
    say(admin, submission, "x" * NOTE_LENGTH)
    assert len(submission.comments.get().text) == NOTE_LENGTH


def test_who_settles(submission: Submission, sponsor: User, admin: User, internal: User, other_sponsor: User):
    by_admin, by_internal = (get_comment(sponsor, say(each, submission)) for each in (admin, internal))
    with pytest.raises(NotFound):
        get_comment(other_sponsor, by_admin.code)
    with pytest.raises(Forbidden):
        settle_comment(by=internal, comment=by_admin)
    assert settle_comment(by=internal, comment=by_internal).settled_by == internal
    assert settle_comment(by=sponsor, comment=by_admin).settled_by == sponsor
    settle_comment(by=admin, comment=by_admin)  # a second time changes nothing
    by_admin.refresh_from_db()
    assert by_admin.settled_by == sponsor
    assert AuditEntry.objects.filter(action="submission_comment.settled").count() == 2


def test_what_stays_open_goes_on_to_the_next_submission(submission: Submission, sponsor: User, admin: User):
    settled, left_open = (get_comment(admin, say(admin, submission, text)) for text in ("One", "Two"))
    settle_comment(by=admin, comment=settled)
    reject_submission(by=admin, submission=submission, reason="See the comments.")
    project = Project.objects.get(pk=submission.project.pk)
    inputs = put(dict(project.inputs), "power.pue", 1.31)
    edit_project(by=sponsor, project=project, title="Quay", inputs=inputs, version=project.version)
    second = submit_project(by=sponsor, project=Project.objects.get(pk=project.pk))
    assert [each.comment for each in comments_on(sponsor, second).rows] == [left_open]
    assert [each.comment.text for each in comments_on(sponsor, submission).rows] == ["Two", "One"]


def test_nothing_is_added_once_the_project_is_put_away(submission: Submission, sponsor: User):
    archive_project(by=sponsor, project=submission.project)
    submission.refresh_from_db()
    with pytest.raises(Forbidden, match="archived"):
        say(sponsor, Submission.objects.get(pk=submission.pk))


def test_from_the_row_of_an_input_to_the_comment_and_back(
    submission: Submission, admin: User, sponsor: User, signed_in: SignedIn
):
    review = reverse("admin:projects_submission_change", args=[submission.pk])
    client = signed_in(admin)
    assert 'href="?about=power.pue#say"' in client.get(review).content.decode()
    asked = client.get(review, {"about": "power.pue"}).content.decode()
    assert '<option value="power.pue" selected>PUE</option>' in asked
    url = reverse("submission-comment", args=[submission.code])
    answer = client.post(url, {"place": "power.pue", "text": "A <b>source</b>?", "in_review": "yes"})
    assert answer.headers["Location"] == f"{review}#comments"
    page = signed_in(sponsor).get(reverse("submission-detail", args=[submission.code])).content.decode()
    assert "A &lt;b&gt;source&lt;/b&gt;?" in page
    assert "1 open" in page
    # A sponsor who claims to review lands on a page of his own.
    comment = submission.comments.get()
    settle = reverse("submission-comment-settle", args=[comment.code])
    answer = signed_in(sponsor).post(settle, {"in_review": "yes"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{reverse('submission-detail', args=[submission.code])}#comments"
    assert "Settled by" in answer.content.decode()
    refused = signed_in(sponsor).post(url, {"place": "power.pue", "text": " "}, follow=True).content.decode()
    assert "Nothing was said." in refused


def test_an_open_comment_stands_beside_its_field_until_it_is_settled(
    submission: Submission, admin: User, sponsor: User, signed_in: SignedIn
):
    for place, text in (("power.pue", "Where <i>from</i>?"), ("", "Which lease?"), ("capex.market", "")):
        if text:
            say(admin, submission, text, place)
    client, form = signed_in(sponsor), reverse("project-edit", args=[submission.project.code])
    page = client.get(form).content.decode()
    field = page[page.index('data-field="power__pue"') :].split("data-field=")[1]
    assert "Where &lt;i&gt;from&lt;/i&gt;?" in field
    assert "Which lease?" in page.split("data-field=")[0]
    asked = SubmissionComment.objects.get(place="power.pue")
    answer = reverse("submission-comment", args=[submission.code])
    back = client.post(answer, {"place": "power.pue", "text": "The supplier's sheet.", "in_form": "yes"})
    assert back.headers["Location"] == form
    assert told(admin)[-1] == "Quay: a comment on PUE"
    settle = reverse("submission-comment-settle", args=[asked.code])
    left = client.post(settle, {"in_form": "yes"}, headers={"HX-Request": "true"}).content.decode()
    assert left.count("data-comment=") == 1
    assert client.post(settle, {"in_form": "yes"}).headers["Location"] == form
    page = client.get(form).content.decode()
    assert "Where &lt;i&gt;from" not in page
    assert "The supplier&#x27;s sheet." in page


def test_comments_by_the_api(submission: Submission, admin: User, sponsor: User, other_sponsor: User):
    def calls(person: User) -> Callable[..., Any]:
        _, text = issue_token(by=person, name="Review", scopes=["read", "write"], days=1)

        def call(method: str, path: str, **body: Any) -> Any:
            headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": str(uuid4())}
            return Client().generic(method, f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers)

        return call

    path = f"submissions/{submission.code}/comments"
    made = calls(admin)("POST", path, place="power.pue", text="Where from?")
    assert made.status_code == 201, made.content
    assert calls(admin)("POST", path, place="power.moon", text="?").status_code == 422
    assert calls(other_sponsor)("GET", path).status_code == 404
    [seen] = calls(sponsor)("GET", path).json()["items"]
    assert (seen["place"], seen["text"], seen["settled_at"]) == ("power.pue", "Where from?", None)
    settled = calls(sponsor)("POST", f"comments/{seen['code']}/settle").json()
    assert settled["settled_by"]["email"] == sponsor.email
