"""Reading what a person was told."""

from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from accounts.models import User
from lib.errors import NotFound
from notifications.kinds import choices, is_known
from notifications.models import DeclinedMail, Notification

PAGE_SIZE = 25


def unread_count(person: User) -> int:
    """How many notifications this person has not read."""
    return Notification.objects.filter(person=person, read_at=None).count()


def list_notifications(person: User, *, kind: str = "", unread: bool = False, page: str = "1") -> Page[Notification]:
    """A page of what this person was told, newest first."""
    found: QuerySet[Notification] = Notification.objects.filter(person=person)
    if is_known(kind):
        found = found.filter(kind=kind)
    if unread:
        found = found.filter(read_at=None)
    return Paginator(found, PAGE_SIZE).get_page(page)


def get_notification(person: User, code: UUID) -> Notification:
    """The notification, or NotFound where it is not this person's."""
    found = Notification.objects.filter(person=person, code=code).first()
    if found is None:
        raise NotFound("There is no such notification.")
    return found


def mailed_kinds(person: User) -> set[str]:
    """The kinds this person is told of by e-mail too."""
    declined = set(DeclinedMail.objects.filter(person=person).values_list("kind", flat=True))
    return {code for code, _ in choices() if code not in declined}
