"""Sets up what is compared with what."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from reconciliation.access import CONFIGURE, require_may
from reconciliation.models import Definition, Role, Source, What

BOOKS = {
    What.OTC: {"otc"},
    What.LISTED: {"listed"},
    What.POSITIONS: {"listed", "position"},
    What.NWAY: {"listed"},
    What.CASH: {"cash"},
}


@transaction.atomic
def define_reconciliation(*, by: User, name: str, what: str, sources: Collection[Source]) -> Definition:
    """The definition; Invalid where its sources cannot be compared so."""
    require_may(by, CONFIGURE)
    definition = Definition(name=name, what=what)
    _require_sides(what, sources)
    save_checked(definition)
    definition.sources.set(sources)
    after = {"name": name, "what": what, "sources": sorted(each.name for each in sources)}
    audit.record(by=by, action="reconciliation.defined", target=definition, after=after)
    return definition


def _require_sides(what: str, sources: Collection[Source]) -> None:
    roles = {each.role for each in sources}
    if Role.INTERNAL not in roles or not roles & {Role.BROKER, Role.CCP}:
        raise refuse("sides", "sources", "Sources: expected one of our own book and one of somebody else's.")
    allowed = BOOKS.get(What(what), set()) if what in What.values else set()
    if other := sorted({each.book for each in sources} - allowed):
        raise refuse("books", "sources", f"Sources: {', '.join(other)} is not compared so.")
