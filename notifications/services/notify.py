from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notifications.models import TITLE_LENGTH, DeclinedMail, Notification
from notifications.outbox import enqueue_mails
from notifications.signals import people_told


def notify(*, to: Iterable[User], kind: str, title: str, body: str = "", url: str = "") -> list[Notification]:
    """What each of these people was told, once each; call it in the transaction of what it tells of."""
    people = {person.pk: person for person in to if person.may_sign_in}
    declined = set(DeclinedMail.objects.filter(person__in=people, kind=kind).values_list("person", flat=True))
    line, now = " ".join(title.split())[:TITLE_LENGTH], timezone.now()
    told = Notification.objects.bulk_create(
        Notification(
            person=person,
            kind=kind,
            title=line,
            body=body,
            url=url,
            mail_due_at=None if pk in declined else now,
        )
        for pk, person in people.items()
    )
    due = [str(each.code) for each in told if each.mail_due_at]
    transaction.on_commit(partial(enqueue_mails, due))
    people_told.send(Notification, told=told)
    return told
