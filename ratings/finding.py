"""Rule sets and market sets found by name or family."""

from collections.abc import Iterator
from itertools import chain

from django.db.models import Q

from accounts.models import User
from lib.finding import MOST_FOUND, Found
from ratings.models import MarketSet, RuleSet
from records.access import visible_versions


def rules(user: User, words: str) -> Iterator[Found]:
    """The versions this person may read, the newest of each kind first."""
    fits = Q(name__icontains=words) | Q(family__icontains=words)
    listed = (visible_versions(user, model).filter(fits) for model in (RuleSet, MarketSet))
    for each in chain.from_iterable(found.defer("content").order_by("-pk")[:MOST_FOUND] for found in listed):
        yield Found(str(each), each.get_absolute_url(), f"{each.kind.noun}, {each.get_status_display().lower()}")
