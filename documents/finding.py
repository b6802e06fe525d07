"""Packs found by their number, project or addressee."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from documents.access import visible_packs
from lib.finding import MOST_FOUND, Found


def packs(user: User, words: str) -> Iterator[Found]:
    """The packs this person may see, the newest first."""
    project = Q(financing__project__title__icontains=words)
    fits = visible_packs(user).filter(Q(number__icontains=words) | Q(organisation__icontains=words) | project)
    for each in fits.select_related("financing__project").order_by("-created_at")[:MOST_FOUND]:
        note = f"{each.financing.project.title}, {each.get_status_display().lower()}"
        yield Found(each.number or "Draft pack", reverse("pack", args=[each.code]), note)
