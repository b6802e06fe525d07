"""Runs found by their name, note or project."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from lib.finding import MOST_FOUND, Found
from permutations.access import visible_runs
from permutations.models import RunComparison
from permutations.queries import run_lines


def runs(user: User, words: str) -> Iterator[Found]:
    """The runs this person may see, the newest first."""
    fits = Q(given_name__icontains=words) | Q(note__icontains=words) | Q(project__title__icontains=words)
    for each in run_lines(visible_runs(user).filter(fits))[:MOST_FOUND]:
        note = f"{each.project.title}, {each.evaluated_count:,} permutations"
        yield Found(each.name, reverse("run-detail", args=[each.code]), note)


def comparisons(user: User, words: str) -> Iterator[Found]:
    """The comparisons of runs that this person keeps."""
    fits = RunComparison.objects.filter(Q(name__icontains=words) | Q(note__icontains=words), owner=user)
    for each in fits[:MOST_FOUND]:
        yield Found(each.name, reverse("run-comparison", args=[each.code]), f"{len(each.codes)} runs")
