from collections.abc import Iterable

from accounts.models import User
from notifications.models import TITLE_LENGTH, Kind, Notification


def notify(*, to: Iterable[User], kind: Kind, title: str, body: str = "", url: str = "") -> list[Notification]:
    """What each of these people was told; call it in the transaction of what it tells of."""
    told = [
        Notification(person=person, kind=kind, title=title[:TITLE_LENGTH], body=body, url=url)
        for person in to
        if person.may_sign_in
    ]
    return Notification.objects.bulk_create(told)
