"""The pages of packs as forms and addresses alone, without scripts: what each shows to whom."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from documents.models import Pack
from documents.services.issue_pack import issue_pack
from jobs.work import work
from lib.panels import panels_of
from permutations.models import Run
from tests import world
from tests.documents.conftest import worked
from tests.financings.cast import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few")]
SignedIn = Callable[[User], Client]


def text(client: Client, name: str, *args: object, **query: str) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def test_asked_for_followed_and_issued_by_forms(signed_in: SignedIn, admin: User, tiny: Run) -> None:
    client, best = signed_in(admin), opened(tiny)
    address = reverse("pack-new", args=[best.code])
    assert address in text(client, "financing", best.code)
    page = client.get(address).content.decode()
    assert 'type="date"' in page
    terms = {"close_date": f"{world.coming(4)}", "organisation": "Harbour Bank", "confidentiality": "Private"}
    answer = client.post(address, terms)
    pack = Pack.objects.get()
    assert answer.headers["Location"] == reverse("pack", args=[pack.code])
    waiting = text(client, "pack", pack.code)
    assert "Waiting for a worker" in waiting
    assert "Look again" in waiting
    work(pack.code)
    made = text(client, "pack", pack.code)
    assert "Term sheet, Senior secured notes" in made
    assert reverse("pack-issue", args=[pack.code]) in made
    assert "neither the documents nor their hashes can change" in text(client, "pack-issue", pack.code)
    client.post(reverse("pack-issue", args=[pack.code]))
    work(pack.code)
    assert "Links for people without an account" in text(client, "pack", pack.code)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("close_date", "31.02.2027", "Expected a date"),
        ("close_date", "1999-12-31", "Expected a close between 2000 and 2100"),
        ("organisation", "", "This field is required"),
        ("organisation", "x" * 121, "at most 120"),
        ("confidentiality", "a\u202eb", "one line of plain text"),
    ],
)
def test_what_is_typed_wrongly_is_said_at_its_field(
    signed_in: SignedIn, admin: User, tiny: Run, field: str, typed: str, said: str
) -> None:
    terms = {"close_date": "2027-03-31", "organisation": "Harbour Bank", "confidentiality": "Private", field: typed}
    answer = signed_in(admin).post(reverse("pack-new", args=[opened(tiny).code]), terms)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Pack.objects.exists()


def test_a_sponsor_sees_issued_packs_only(
    signed_in: SignedIn, sponsor: User, other_sponsor: User, issued: Pack, ask: Callable[..., Pack]
) -> None:
    later = worked(ask(organisation="Another"))
    client = signed_in(sponsor)
    listed = text(client, "packs-list")
    assert issued.number in listed
    assert str(later.code) not in listed
    assert client.get(reverse("pack", args=[later.code])).status_code == 404
    page = text(client, "pack", issued.code)
    assert "Links for people" not in page
    assert reverse("packs-list") in text(client, "project-detail", issued.financing.project.code)
    slot = client.get(
        reverse("packs-list"), {"project": str(issued.financing.project.code)}, headers={"HX-Request": "true"}
    )
    assert issued.number in slot.content.decode()
    assert "<html" not in slot.content.decode()
    assert issued.number not in text(signed_in(other_sponsor), "packs-list")
    [line] = next(panel for panel in panels_of(sponsor) if panel.title == "Issued packs").lines
    assert issued.number in line.title


def test_both_say_that_one_superseded_the_other(
    signed_in: SignedIn, admin: User, issued: Pack, ask: Callable[..., Pack]
) -> None:
    later = worked(issue_pack(by=admin, pack=worked(ask(organisation="Another")), enqueue=False))
    client = signed_in(admin)
    assert f"{later.number}</a> took its place" in text(client, "pack", issued.code)
    assert "It supersedes" in text(client, "pack", later.code)
    assert client.get(reverse("pack-archive", args=[issued.code])).status_code == 200
    listed = text(client, "packs-list", financing=str(issued.financing.code))
    assert f"superseded by {later.number}" in listed
    assert later.number in text(client, "packs-list", run=issued.origin["run"]["code"])


def test_a_pdf_is_framed_by_this_host_only(signed_in: SignedIn, admin: User, draft: Pack) -> None:
    client = signed_in(admin)
    paper, note = draft.documents.get(kind="contents"), draft.documents.get(kind="note")
    shown = client.get(reverse("document-view", args=[paper.code]))
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert client.get(reverse("pack", args=[draft.code])).headers["X-Frame-Options"] == "DENY"
    assert f'src="{reverse("document-view", args=[paper.code])}"' in text(client, "document", paper.code)
    assert client.get(reverse("document-view", args=[note.code])).status_code == 404
    taken = client.get(reverse("document-file", args=[note.code]))
    assert taken.headers["Content-Disposition"] == 'attachment; filename="note.txt"'


def test_the_list_costs_the_same_for_one_and_for_many(
    signed_in: SignedIn, admin: User, ask: Callable[..., Pack], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(admin)
    ask()
    with django_assert_num_queries(5):
        text(client, "packs-list")
    for number in range(5):
        ask(organisation=f"Bank {number}")
    with django_assert_num_queries(5):
        assert "Bank" not in text(client, "packs-list")
