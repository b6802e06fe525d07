"""The swaps of an issued pack, and of notes on its financing, are trades in reconciliation; from each one sees the other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents.models import Pack
from documents.services.issue_pack import issue_pack
from documents.services.request_pack import request_pack
from financings.models import Financing
from jobs.work import work
from lib.errors import Invalid
from permutations.models import Run
from reconciliation.models import FileState, ReceivedFile
from securitisation.services.book_hedges import book_hedges
from securitisation.services.make_pool import make_pool
from securitisation.services.write_structure import make_structure
from tests import world
from tests.documents.conftest import AXES, worked
from tests.financings.cast import opened
from tests.securitisation.cast import tape_structure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few")]


@pytest.fixture
def hedged(requested: Callable[..., Run]) -> Financing:
    """A financing with an inflation swap of ten years and a total return swap."""
    run = requested(levers={"axes": AXES})
    work(run.code)
    run.refresh_from_db()
    return opened(run)


def issued_pack(admin: User, financing: Financing, organisation: str = "Harbour Bank") -> Pack:
    asked: dict[str, Any] = {"organisation": organisation, "confidentiality": "Private", "enqueue": False}
    draft = worked(request_pack(by=admin, financing=financing, close_date=world.coming(3), **asked))
    return worked(issue_pack(by=admin, pack=draft, enqueue=False))


def hedge_files(code: Any) -> list[ReceivedFile]:
    return list(ReceivedFile.objects.filter(origin_code=code))


def test_an_issued_pack_books_its_swaps_and_its_successor_takes_their_place(
    admin: User, hedged: Financing, client: Client
) -> None:
    pack = issued_pack(admin, hedged)
    [file] = hedge_files(pack.code)
    trades = {each.reference: each.values for each in file.records.all()}
    legs = [f"{pack.number}-ZCIS-{k:02d}" for k in range(1, 11)]
    assert list(trades) == [*legs, f"{pack.number}-TRS"]
    assert (file.state, file.business_date, file.refused_count) == (FileState.READ, pack.close_date, 0)
    assert trades[legs[0]]["side"] == "RECEIVE_FIXED"
    assert trades[legs[0]]["maturity_date"] < trades[legs[1]]["maturity_date"]
    assert len({each["notional"] for name, each in trades.items() if name in legs}) == 1
    assert trades[f"{pack.number}-TRS"]["side"] == "LONG"
    client.force_login(admin)
    page = client.get(reverse("pack", args=[pack.code])).content.decode()
    assert legs[0] in page
    assert reverse("recon-file", args=[file.code]) in page
    assert reverse("pack", args=[pack.code]) in client.get(reverse("recon-file", args=[file.code])).content.decode()

    later = issued_pack(admin, hedged, "Quay Bank")
    assert later.supersedes == pack
    file.refresh_from_db()
    assert (file.state, hedge_files(later.code)[0].state) == (FileState.SUPERSEDED, FileState.READ)


def test_an_insider_without_reconciliation_sees_the_pack_without_its_trades(
    admin: User, hedged: Financing, internal: User, client: Client
) -> None:
    pack = issued_pack(admin, hedged)
    client.force_login(internal)
    assert "ZCIS" not in client.get(reverse("pack", args=[pack.code])).content.decode()


def test_notes_book_the_swaps_of_their_financings_once_and_a_pack_of_one_goes_before(
    admin: User, hedged: Financing, client: Client
) -> None:
    structure = make_structure(by=admin, name="Campus notes", pool=make_pool(by=admin, financings=[str(hedged.code)]))
    client.force_login(admin)
    answer = client.post(reverse("structure-hedges", args=[structure.code]), follow=True)
    assert "11 trades booked in reconciliation." in answer.content.decode()
    [file] = hedge_files(structure.code)
    assert file.record_count == 11
    assert reverse("recon-file", args=[file.code]) in answer.content.decode()
    assert book_hedges(by=admin, structure=structure) == ([file], [])
    pack = issued_pack(admin, hedged)
    file.refresh_from_db()
    assert file.state == FileState.SUPERSEDED
    assert book_hedges(by=admin, structure=structure) == ([], [f"Pack {pack.number}"])
    assert hedge_files(pack.code)[0].state == FileState.READ


def test_a_tape_brings_no_swap(admin: User) -> None:
    with pytest.raises(Invalid, match="no financing"):
        book_hedges(by=admin, structure=tape_structure(admin))
