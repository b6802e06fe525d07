"""Financings found by their title or project."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from financings.access import visible_financings
from financings.models import FinancingComparison
from lib.finding import MOST_FOUND, Found


def financings(user: User, words: str) -> Iterator[Found]:
    """The financings this person may see, the newest first."""
    fits = visible_financings(user).filter(Q(title__icontains=words) | Q(project__title__icontains=words))
    for each in fits.select_related("project").order_by("-pk")[:MOST_FOUND]:
        yield Found(str(each), reverse("financing", args=[each.code]), each.project.title)


def comparisons(user: User, words: str) -> Iterator[Found]:
    """The comparisons of financings that this person keeps."""
    fits = FinancingComparison.objects.filter(Q(name__icontains=words) | Q(note__icontains=words), owner=user)
    for each in fits[:MOST_FOUND]:
        yield Found(each.name, reverse("comparison", args=[each.code]), f"{len(each.codes)} financings")
