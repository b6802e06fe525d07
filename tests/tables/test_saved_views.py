"""Views that people keep of a kind of table: saved, renamed, shared, deleted; each with its entry, none for outsiders."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid, NotFound
from tables.access import get_view, get_view_to_change
from tables.models import QUERY_LENGTH, SavedView
from tables.queries import views_of
from tables.registry import register
from tables.services import save_view as saving
from tables.services.delete_view import delete_view
from tables.services.rename_view import rename_view
from tables.services.save_view import save_view
from tables.services.share_view import share_view
from tests.tables.toys import TOYS

pytestmark = pytest.mark.django_db

CHEAP = "column=number&column=name&filter=price_amount|<=|5&sort=-name&page=3&size=25"
KEPT = "column=number&column=name&filter=price_amount%7C%3C%3D%7C5&sort=-name&size=25"


@pytest.fixture(autouse=True)
def _toys() -> None:
    register(TOYS)


@pytest.fixture
def cheap(sponsor: User) -> SavedView:
    return save_view(by=sponsor, kind="toys", name="  Cheap  toys ", address=CHEAP)


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("sequence")


def test_a_view_keeps_filters_columns_and_order_but_no_page(cheap: SavedView, sponsor: User):
    assert (cheap.name, cheap.query, cheap.is_shared) == ("Cheap toys", KEPT, False)
    assert views_of(sponsor, "toys") == [cheap]
    assert views_of(sponsor, "results") == []
    entry = last_entry()
    assert (entry.action, entry.actor, entry.target_code) == ("saved_view.saved", sponsor, cheap.code)
    assert entry.after == {"name": "Cheap toys", "kind": "toys", "query": KEPT, "is_shared": False}


def test_filters_as_typed_are_kept_in_the_terms_of_the_table(sponsor: User):
    typed = "filter-column=margin_ratio&filter-operator=>%3D&filter-value=25"
    assert "margin_ratio%7C%3E%3D%7C0.25" in save_view(by=sponsor, kind="toys", name="A", address=typed).query


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("", CHEAP, "give the view a name"),
        (" \t\n", CHEAP, "give the view a name"),
        ("x" * 81, CHEAP, "expected up to 80 characters, got 81"),
        ("Cheap toys", CHEAP, "you have a view called Cheap toys"),
        ("Other", "column=nope", "has no column 'nope'"),
        ("Other", "filter=price_amount|<=|much", "expected a number"),
        ("Other", "filter-column=nope&filter-operator=x&filter-value=1", "There is no column"),
        ("Other", "page=x", "expected a whole number"),
        ("Other", "a" * (QUERY_LENGTH + 1), "too long to keep"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(cheap: SavedView, sponsor: User, name: str, address: str, words: str):
    with pytest.raises(Invalid, match=words):
        save_view(by=sponsor, kind="toys", name=name, address=address)
    assert SavedView.objects.count() == 1


def test_a_kind_that_no_room_has_is_not_found(sponsor: User):
    with pytest.raises(NotFound):
        save_view(by=sponsor, kind="elves", name="A", address="")


def test_as_many_views_as_a_person_may_keep(sponsor: User, other_sponsor: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(saving, "MOST_VIEWS", 2)
    for name in "AB":
        save_view(by=sponsor, kind="toys", name=name, address="")
    with pytest.raises(Invalid, match="delete one first"):
        save_view(by=sponsor, kind="toys", name="C", address="")
    assert save_view(by=other_sponsor, kind="toys", name="A", address="").name == "A"


def test_a_view_gets_another_name(cheap: SavedView, sponsor: User):
    other = save_view(by=sponsor, kind="toys", name="Other", address="")
    with pytest.raises(Invalid, match="you have a view called Other"):
        rename_view(by=sponsor, view=cheap, name="Other")
    assert rename_view(by=sponsor, view=other, name="Other").name == "Other"
    assert rename_view(by=sponsor, view=cheap, name="Bargains").name == "Bargains"
    entry = last_entry()
    assert (entry.action, entry.before, entry.after) == (
        "saved_view.renamed", {"name": "Cheap toys"}, {"name": "Bargains"},
    )  # fmt: skip


def test_a_shared_link_opens_for_others_and_changes_for_nobody_else(
    cheap: SavedView, sponsor: User, other_sponsor: User
):
    with pytest.raises(NotFound):
        get_view(other_sponsor, "toys", cheap.code)
    with pytest.raises(NotFound):
        get_view_to_change(other_sponsor, cheap.code)
    share_view(by=sponsor, view=cheap, is_shared=True)
    assert (last_entry().action, last_entry().after) == ("saved_view.shared", {"is_shared": True})
    assert get_view(other_sponsor, "toys", cheap.code) == cheap
    assert views_of(other_sponsor, "toys") == []
    with pytest.raises(Forbidden):
        get_view_to_change(other_sponsor, cheap.code)
    for write in (
        lambda: rename_view(by=other_sponsor, view=cheap, name="Mine"),
        lambda: share_view(by=other_sponsor, view=cheap, is_shared=False),
        lambda: delete_view(by=other_sponsor, view=cheap),
    ):
        with pytest.raises(Forbidden):
            write()
    share_view(by=sponsor, view=cheap, is_shared=False)
    with pytest.raises(NotFound):
        get_view(other_sponsor, "toys", cheap.code)


def test_a_view_is_of_its_kind_of_table_only(cheap: SavedView, sponsor: User):
    for kind, code in (("results", cheap.code), ("toys", uuid4()), ("toys", "no code"), ("toys", "")):
        with pytest.raises(NotFound):
            get_view(sponsor, kind, code)


def test_a_deleted_view_leaves_its_entry(cheap: SavedView, sponsor: User):
    delete_view(by=sponsor, view=cheap)
    assert not SavedView.objects.exists()
    entry = last_entry()
    assert entry.action == "saved_view.deleted"
    assert entry.before is not None
    assert entry.before["query"] == KEPT


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "\\\\x", ""]
)
def test_the_way_back_leads_nowhere_else(back: str, sponsor: User, signed_in: Callable[[User], Client]):
    answer = signed_in(sponsor).post(reverse("view-save", args=["toys"]), {"name": "A", "query": "", "back": back})
    assert answer.headers["Location"] == reverse("home")
    assert SavedView.objects.get().name == "A"
