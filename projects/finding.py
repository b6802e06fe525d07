"""Projects found by title, sponsor or place."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from lib.finding import MOST_FOUND, Found
from projects.access import visible_projects


def projects(user: User, words: str) -> Iterator[Found]:
    """The projects this person may read, the last edited first."""
    place = Q(inputs__meta__location__icontains=words) | Q(inputs__meta__sponsor_name__icontains=words)
    fits = visible_projects(user).filter(Q(title__icontains=words) | place)
    for each in fits.select_related("owner").order_by("-updated_at")[:MOST_FOUND]:
        yield Found(each.title, reverse("project-detail", args=[each.code]), str(each.owner))
