"""Hedges that this house writes: trades of ours by the room's own intake, matched against what the counterparty confirms."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from engine.reconciliation.otc import reconcile_otc
from engine.reconciliation.records import Book, record_of
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import Verdict, Weight
from lib.errors import Invalid
from reconciliation.models import FileState, ReceivedFile, Role, Source
from reconciliation.queries import hedges_of, standing_hedges
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.receive_file import receive_file
from reconciliation.services.receive_hedges import SOURCE_NAME, Origin, receive_hedges
from reconciliation.services.save_source import save_source
from reconciliation.services.seed_reconciliation import seed_reconciliation
from tests import world
from tests.reconciliation.cast import DAY, compared
from tests.reconciliation.files import content

pytestmark = pytest.mark.django_db
OPEN = "counterparty trade_date index lag_months initial_index"
# Ours of what Bravo confirms in Q667278_zcis.xml.
SWAP = {
    "product": "zcis",
    "trade_id": "AN-1035",
    "side": "RECEIVE_FIXED",
    "effective_date": "2026-06-01",
    "maturity_date": "2028-06-02",
    "notional": "9000000.00",
    "currency": "GBP",
    "rate": "0.021049",
    "open_terms": OPEN,
}


def origin(name: str = "Pack AN-2026-0001", **more: Any) -> Origin:
    said: dict[str, Any] = {"label": "documents.Pack", "code": uuid4(), "name": name, "about": uuid4()}
    return Origin(**{**said, **more})


def received(where: Origin, *trades: dict[str, str]) -> Any:
    return receive_hedges(by=world.ada(), origin=where, trades=trades, business_date=DAY)


def test_hedges_are_a_file_of_our_own_book_with_what_it_came_from():
    where = origin()
    row = received(where, SWAP)
    assert (row.state, row.record_count, row.channel, row.business_date) == (FileState.READ, 1, "house", DAY)
    assert (row.source.name, row.source.role, row.source.book) == (SOURCE_NAME, Role.INTERNAL, Book.OTC)
    [record] = row.records.all()
    assert {**record.values, "notional": SWAP["notional"]} == SWAP
    assert list(hedges_of("documents.Pack", where.code)) == [row]
    assert row.origin_page == f"/packs/{where.code}/"


def test_the_same_hedges_are_the_same_file_and_others_of_the_project_take_their_place():
    first = origin()
    row = received(first, SWAP)
    assert received(first, SWAP) == row
    later = origin("Pack AN-2026-0002", about=first.about)
    new = received(later, {**SWAP, "notional": "8000000.00"})
    row.refresh_from_db()
    assert (row.state, new.state) == (FileState.SUPERSEDED, FileState.READ)
    assert list(standing_hedges(first.about)) == [new]
    assert received(first, SWAP).state == FileState.SUPERSEDED  # said again, it does not come back
    assert received(origin("Pack AN-2026-0003", about=first.about)) is None
    assert not standing_hedges(first.about).exists()


def test_nothing_but_the_house_writes_into_its_source():
    row = received(origin(), SWAP)
    with pytest.raises(Invalid, match="hedges of packs and notes"):
        receive_file(by=world.ada(), source=row.source, name="x.csv", content=b"product\nswap\n", business_date=DAY)
    with pytest.raises(Invalid, match="by themselves"):
        save_source(by=world.ada(), source=Source(name="Mine", role="internal", book="otc", format="house"))


def confirmed(**changed: str) -> Any:
    """The run of a day on which Bravo confirms the swap in FpML."""
    seed_reconciliation()
    by = world.ada()
    row = received(origin(), {**SWAP, **changed})
    theirs = save_source(by=by, source=Source(name="Confirmations", role="broker", format="fpml"))
    message = content("fpml/Q667278_zcis.xml")
    [file] = receive_file(by=by, source=theirs, name="c.xml", content=message, business_date=DAY)
    assert file.state == FileState.READ
    return compared(by, define_reconciliation(by=by, name="Hedges", what="otc", sources=[row.source, theirs]))


def test_a_confirmation_of_the_hedge_matches_and_fills_what_the_paper_left_open():
    [group] = confirmed().match_groups.all()
    assert (group.verdict, group.paired_by, group.severity) == (Verdict.TOLERANCE, "trade id", "")
    told = {each["field"]: (each["type"], each["external"]) for each in group.detail["differences"]}
    assert set(told) == set(OPEN.split())
    assert told["index"] == ("AGREED_LATER", "UK-RPI")
    assert told["initial_index"] == ("AGREED_LATER", "399.6")


def test_a_confirmation_that_differs_is_a_break():
    run = confirmed(rate="0.022049")
    [group] = run.match_groups.all()
    assert (group.verdict, group.break_types) == (Verdict.BREAK, "PRICE_BREAK")
    assert run.definition.breaks.get().reference.startswith("AN-1035, ")


def test_superseded_hedges_leave_the_next_run():
    run = confirmed()
    file = ReceivedFile.objects.get(channel="house")
    received(origin(about=file.origin_about))
    [group] = compared(world.ada(), run.definition).match_groups.all()
    assert group.verdict == Verdict.MISSING_INTERNAL


def test_only_what_is_open_may_be_filled_by_the_confirmation():
    ours = record_of(Book.OTC, "o", SWAP)
    theirs = record_of(Book.OTC, "t", {**SWAP, "counterparty": "BRAVO", "premium": "5", "open_terms": "rate"})
    [group] = reconcile_otc([ours], [theirs], Terms())
    assert {each.field: each.weight for each in group.differences} == {
        "counterparty": Weight.WARNING,
        "premium": Weight.ERROR,
    }
