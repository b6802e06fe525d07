"""What of packs is on start pages."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from documents.access import visible_packs
from documents.models import Pack, PackStatus
from lib.panels import Line, Panel, first_rows

PACK_COLUMNS = (
    *("code", "number", "state", "status", "created_at", "issued_at"),
    *("financing__project__title", "financing__title", "financing__content_hash", "superseded_by__status"),
)


def issued_packs(user: User) -> Panel:
    """Packs that are final."""
    found = _packs(user).filter(status=PackStatus.ISSUED)
    packs, count = first_rows(found.order_by("-issued_at"))
    return Panel(
        "Issued packs",
        tuple(_pack_line(pack) for pack in packs),
        "No pack has been issued yet. Administrators make packs of financings and issue them.",
        count,
        "All packs",
        reverse("packs-list"),
    )


def packs_to_issue(user: User) -> Panel:
    """Drafts that wait to be read and issued, and those under way or failed."""
    found = _packs(user).filter(status__in=[PackStatus.DRAFT, PackStatus.ISSUING])
    packs, count = first_rows(found.order_by("-created_at"))
    return Panel(
        "Packs to issue",
        tuple(_pack_line(pack) for pack in packs),
        "No draft of a pack waits.",
        count,
        "All packs",
        reverse("packs-list"),
        is_urgent=True,
    )


def _packs(user: User) -> QuerySet[Pack]:
    related = ("financing__project", "superseded_by")
    return visible_packs(user).select_related(None).select_related(*related).only(*PACK_COLUMNS)


def _pack_line(pack: Pack) -> Line:
    address = reverse("pack", kwargs={"code": pack.code})
    title = f"{pack.number} {pack.financing.project.title}".strip()
    at = pack.issued_at or pack.created_at
    return Line(title, address, str(pack.financing), pack.standing, pack.standing_words, at)
