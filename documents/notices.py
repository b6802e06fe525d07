"""What follows when a pack comes to its end: whoever waits for it is notified."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from accounts.models import User
from documents.models import DocumentState, Pack, PackStatus
from documents.news import PACK_FAILED, PACK_READY
from jobs.models import JobState
from notifications.services import close_news, notify
from projects.access import keepers_of


def pack_ended(pack: Pack) -> None:
    """Who asked knows how it ended; of an issue also those who keep the project."""
    failed = list(pack.documents.filter(state=DocumentState.FAILED).values_list("title", flat=True))
    if pack.state == JobState.FAILED:
        _notify(pack, PACK_FAILED, "Pack failed", pack.error)
    elif failed:
        _notify(pack, PACK_FAILED, "Pack incomplete", f"Could not be made: {', '.join(failed)}. The others are kept.")
    elif pack.is_issued:
        close_news(kind=PACK_READY, urls=[_page(pack)])
        keepers = keepers_of(pack.financing.project)
        _notify(pack, PACK_READY, f"Pack {pack.number} issued", "Its documents are final.", keepers)
    elif pack.status == PackStatus.DRAFT:
        _notify(pack, PACK_READY, "Pack ready", f"{pack.documents.count()} documents, as a draft to read and issue.")


def _notify(pack: Pack, kind: str, what: str, body: str, keepers: Sequence[User] = ()) -> None:
    people = [pack.issued_by or pack.requested_by, *keepers]
    title = f"{what}: {pack.financing.project.title}"
    notify(to=people, kind=kind, title=title, body=body, url=_page(pack))


def _page(pack: Pack) -> str:
    return reverse("pack", args=[pack.code])
