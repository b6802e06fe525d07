"""What people are told, in the portal and by e-mail."""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from atlasnexus.worker import WarmWorker
from documents.news import PACK_READY
from notifications.kinds import choices
from notifications.models import Notification
from notifications.outbox import QUEUE_NAME, send, sweep
from notifications.queries import unread_count
from notifications.services import choose_mails, mark_read, notify, send_mail
from permutations.news import RUN_FAILED, RUN_FINISHED

SignedIn = Callable[[User], Client]
TITLE = "Run finished: <b>Campus</b>"

pytestmark = pytest.mark.django_db


class ClosedPostOffice(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("Connection unexpectedly closed")


@pytest.fixture
def told(sponsor: User) -> Notification:
    """Sofia is told of a run."""
    return notify(to=[sponsor], kind=RUN_FINISHED, title=TITLE, body="It found 3.", url="/projects/")[0]


def later(notification: Notification, **passed: float) -> None:
    """Some time has passed since the mail was due."""
    notification.refresh_from_db()
    assert notification.mail_due_at
    notification.mail_due_at -= timedelta(**passed)
    notification.save()


def test_each_is_told_once_and_nobody_who_may_not_sign_in(sponsor: User, internal: User):
    internal.is_active = False
    told = notify(to=[sponsor, internal, sponsor], kind=RUN_FAILED, title="Run\nfailed")
    assert [(each.person, each.title) for each in told] == [(sponsor, "Run failed")]


def test_the_mail_says_it_in_text_and_in_html(told: Notification, settings: Any):
    settings.ATLASNEXUS_URL = "https://atlas.example/"
    assert send_mail(told.code)
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    link = f"https://atlas.example/notifications/{told.code}/"
    assert (message.to, message.subject) == (["sofia@sponsor.example"], TITLE)
    assert TITLE in message.body
    assert link in message.body
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert "Run finished: &lt;b&gt;Campus&lt;/b&gt;" in str(html)
    assert link in str(html)


def test_a_job_run_twice_sends_one_mail(told: Notification):
    assert send_mail(told.code)
    assert not send_mail(told.code)
    assert len(mail.outbox) == 1
    told.refresh_from_db()
    assert told.sent_at
    assert told.mail_due_at is None


def test_a_mail_that_somebody_is_sending_is_left_alone(told: Notification):
    Notification.objects.update(mail_due_at=timezone.now() + timedelta(minutes=10))
    assert not send_mail(told.code)
    assert not mail.outbox


def test_a_closed_mail_server_is_tried_again_ever_later(told: Notification, settings: Any):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.ClosedPostOffice"
    pauses = []
    for _ in range(3):
        assert not send_mail(told.code)
        told.refresh_from_db()
        assert told.mail_due_at
        pauses.append(round((told.mail_due_at - timezone.now()).total_seconds() / 60))
        later(told, minutes=pauses[-1] + 1)
    assert pauses == [1, 2, 4]
    settings.EMAIL_BACKEND = backend
    assert sweep() == 1
    assert len(mail.outbox) == 1


def test_a_mail_is_given_up_in_the_end(told: Notification, settings: Any):
    settings.EMAIL_BACKEND = f"{__name__}.ClosedPostOffice"
    Notification.objects.update(mail_attempts=11)
    assert not send_mail(told.code)
    told.refresh_from_db()
    assert told.mail_due_at is None
    assert told.sent_at is None


def test_the_sweep_leaves_the_queue_the_first_chance(told: Notification):
    assert sweep() == 0
    later(told, seconds=11)
    assert sweep() == 1
    assert sweep() == 0


@pytest.mark.django_db(transaction=True)
def test_without_redis_the_verb_succeeds_and_the_sweep_sends(sponsor: User):
    with transaction.atomic():
        [told] = notify(to=[sponsor], kind=RUN_FINISHED, title="Run finished")
    later(told, seconds=11)
    assert sweep() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_after_the_commit(sponsor: User, redis_queue: Any):
    from django_rq import get_queue

    queue = get_queue(QUEUE_NAME)
    with transaction.atomic():
        [told] = notify(to=[sponsor], kind=RUN_FINISHED, title="Run finished")
        assert queue.count == 0
    WarmWorker([queue], connection=queue.connection).work(burst=True)
    told.refresh_from_db()
    assert told.sent_at
    assert [message.subject for message in mail.outbox] == ["Run finished"]
    assert not send(str(told.code))


def test_somebody_who_left_gets_no_mail(told: Notification, sponsor: User):
    User.objects.filter(pk=sponsor.pk).update(is_active=False)
    assert not send_mail(told.code)
    assert not mail.outbox
    assert sweep() == 0


def test_a_declined_kind_stays_in_the_portal(sponsor: User, signed_in: SignedIn):
    client = signed_in(sponsor)
    client.post(reverse("notification-settings"), {"kind": ["run_failed"]})
    [finished] = notify(to=[sponsor], kind=RUN_FINISHED, title="Run finished")
    [failed] = notify(to=[sponsor], kind=RUN_FAILED, title="Run failed")
    assert (finished.mail_due_at, bool(failed.mail_due_at)) == (None, True)
    assert unread_count(sponsor) == 2
    entry = AuditEntry.objects.get(action="notifications.mails_chosen")
    assert entry.after
    assert "run_failed" in entry.after["by_mail"]
    assert "run_finished" not in entry.after["by_mail"]


def test_choosing_the_same_again_is_no_news(sponsor: User):
    choose_mails(by=sponsor, kinds=[code for code, _ in choices()])
    assert not AuditEntry.objects.exists()


def test_the_bell_counts_what_is_unread(
    told: Notification, sponsor: User, signed_in: SignedIn, django_assert_num_queries: Any
):
    client = signed_in(sponsor)
    assert 'data-unread="1"' in client.get(reverse("notifications")).content.decode()
    with django_assert_num_queries(3):  # session, person, count
        client.get(reverse("notifications-bell"))
    mark_read(by=sponsor)
    assert "data-unread" not in client.get(reverse("notifications-bell")).content.decode()


def test_opening_reads_it_and_leads_to_the_thing(told: Notification, sponsor: User, signed_in: SignedIn):
    response = signed_in(sponsor).get(reverse("notification-open", args=[told.code]))
    assert response.headers["Location"] == "/projects/"
    assert unread_count(sponsor) == 0


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_no_notification_leads_elsewhere(url: str, sponsor: User, signed_in: SignedIn):
    [told] = notify(to=[sponsor], kind=PACK_READY, title="Pack ready", url=url)
    response = signed_in(sponsor).get(reverse("notification-open", args=[told.code]))
    assert response.headers["Location"] == reverse("notifications")


def test_somebody_elses_is_not_there(told: Notification, internal: User, signed_in: SignedIn, sponsor: User):
    client = signed_in(internal)
    assert client.get(reverse("notification-open", args=[told.code])).status_code == 404
    assert client.post(reverse("notification-read", args=[told.code])).status_code == 404
    client.post(reverse("notifications-read-all"))
    assert unread_count(sponsor) == 1


def test_the_list_is_filtered_and_costs_the_same_for_many(
    sponsor: User, signed_in: SignedIn, django_assert_num_queries: Any
):
    client = signed_in(sponsor)
    for number in range(30):
        notify(to=[sponsor], kind=RUN_FAILED if number % 2 else RUN_FINISHED, title=f"Number {number}")
    with django_assert_num_queries(5):  # session, person, count and rows of the list, count of the bell
        page = client.get(reverse("notifications"), {"kind": "run_failed"}).content.decode()
    assert "Number 29" in page
    assert "Number 28" not in page
    first = Notification.objects.get(title="Number 29")
    client.post(reverse("notification-read", args=[first.code]))
    unread = client.get(reverse("notifications"), {"unread": "yes"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in unread
    assert "Number 29" not in unread
    assert "Number 28" in unread
