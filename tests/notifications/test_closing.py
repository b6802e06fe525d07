"""News that asks somebody to decide is read by itself once that is decided, whoever decided it."""

import pytest
from django.urls import reverse

from accounts import signals
from accounts.models import User
from notifications.models import Notification
from notifications.news import ACCOUNT_WAITING
from notifications.services import close_news, notify
from projects.models import Project
from projects.news import SUBMISSION_WAITING
from projects.services import approve_submission, create_project, edit_project, submit_project
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def unread(kind: str) -> int:
    return Notification.objects.filter(kind=kind, read_at=None).count()


def test_only_what_tells_of_it_is_closed(admin: User, internal: User) -> None:
    for person, url in ((admin, "/a/"), (internal, "/a/"), (admin, "/b/")):
        notify(to=[person], kind=SUBMISSION_WAITING, title="Waits", url=url)
    notify(to=[admin], kind=ACCOUNT_WAITING, title="Asks", url="/a/")
    assert close_news(kind=SUBMISSION_WAITING, urls=["/a/"]) == 2
    assert (unread(SUBMISSION_WAITING), unread(ACCOUNT_WAITING)) == (1, 1)
    assert not Notification.objects.filter(kind=SUBMISSION_WAITING, url="/a/", mail_due_at__isnull=False).exists()


def test_a_decided_submission_waits_for_nobody(project: Project, sponsor: User, admin: User) -> None:
    submission = submit_project(by=sponsor, project=project)
    assert unread(SUBMISSION_WAITING) == 1
    approve_submission(by=admin, submission=submission)
    assert unread(SUBMISSION_WAITING) == 0


def test_news_of_one_that_was_replaced_waits_for_its_successor(project: Project, sponsor: User, admin: User) -> None:
    approved(project, by=admin)
    for rent in (101, 102):
        project.refresh_from_db()
        inputs = put(project.inputs, "revenue.rent_amount", rent)
        edit_project(by=sponsor, project=project, title="Quay", inputs=inputs, version=project.version)
    assert unread(SUBMISSION_WAITING) == 1
    approve_submission(by=admin, submission=project.submissions.get(status="pending"))
    assert unread(SUBMISSION_WAITING) == 0


@pytest.mark.parametrize("decided", [signals.approved, signals.declined])
def test_a_decided_registration_asks_nobody(decided: object, sponsor: User, admin: User) -> None:
    url = reverse("admin:accounts_user_change", args=[sponsor.pk])
    notify(to=[admin], kind=ACCOUNT_WAITING, title="Asks", url=url)
    decided.send(sender=User, user=sponsor, by=admin, reason="")  # type: ignore[attr-defined]
    assert unread(ACCOUNT_WAITING) == 0
