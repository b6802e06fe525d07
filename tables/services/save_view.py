from django.db import transaction
from django.http import QueryDict

from accounts.audit import record
from accounts.models import User
from lib.errors import Forbidden
from lib.verbs import refuse
from tables.addresses import address_of, read_query
from tables.models import QUERY_LENGTH, SavedView
from tables.query import checked
from tables.registry import catalogue_of
from tables.services._shared import save_named, told

MOST_VIEWS = 50


@transaction.atomic
def save_view(*, by: User, kind: str, name: str, address: str) -> SavedView:
    """A view of a kind of table as the address shows it; Invalid where the address or the name has problems."""
    if not by.may_sign_in:
        raise Forbidden("Only people who may sign in keep views.")
    view = SavedView(owner=by, kind=kind, query=_query_text(kind, address))
    # The owner's row, so that two saves at once are counted one after the other.
    User.objects.select_for_update().get(pk=by.pk)
    if SavedView.objects.filter(owner=by, kind=kind).count() >= MOST_VIEWS:
        raise refuse("too_many", "name", f"You keep {MOST_VIEWS} views of this kind of table: delete one first.")
    save_named(view, name)
    record(by=by, action="saved_view.saved", target=view, after=told(view))
    return view


def _query_text(kind: str, address: str) -> str:
    """The address without its page, once its columns and filters are known to be the table's."""
    if len(address) > QUERY_LENGTH:
        raise refuse(
            "too_long", "query", f"This view is too long to keep: {len(address):,} of {QUERY_LENGTH:,} letters."
        )
    catalogue = catalogue_of(kind)
    query = read_query(catalogue, QueryDict(address))
    checked(query, catalogue, catalogue.columns)
    return address_of(query)
