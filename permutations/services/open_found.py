"""Opens a structure that a search found: from here on it is a financing like any other, and known to come from there."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from financings.models import Financing
from financings.services.open_financing import open_financing
from lib.errors import NotFound
from permutations.access import get_search
from permutations.models import Search
from permutations.translate import values_with


def open_found(*, by: User, search: Search, number: int) -> Financing:
    """The financing; raises NotFound for outsiders and for what the search did not find."""
    search = get_search(by, search.code)
    points = search.summary.get("points", [])
    if not 0 <= number < len(points):
        raise NotFound("This search found no such structure.")
    with transaction.atomic():
        opened = open_financing(by=by, **values_with(search.run, points[number]))
        search.financings.add(opened)
    return opened
