"""Hedges that this house writes: trades of ours by the room's own intake, matched against what the counterparty confirms."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from reportlab.pdfgen.canvas import Canvas

from documents.facts.hedges import ReturnSwap
from documents.hedge_trades import OPEN_OF_RETURN, hedge_trades
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


def written(*lines: str) -> bytes:
    """A confirmation as a PDF with a text layer."""
    out = io.BytesIO()
    page = Canvas(out)
    for number, line in enumerate(lines):
        page.drawString(60, 780 - 24 * number, line)
    page.save()
    return out.getvalue()


@pytest.mark.parametrize(("spread", "verdict"), [("1.525%", Verdict.TOLERANCE), ("1.725%", Verdict.BREAK)])
def test_the_total_return_swap_of_a_pack_is_matched_against_its_confirmation_on_paper(spread: str, verdict: Verdict):
    seed_reconciliation()
    by = world.ada()
    swap = ReturnSwap(
        share=0.25,
        notional_amount=25_000_000.0,
        coupon_rate=0.055,
        financing_rate=0.04375,
        spread_bps=152.5,
        haircut_ratio=0.1125,
        margin_amount=2_812_500.0,
        maturity_date=date(2031, 6, 1),
        duration_years=4.2,
        years=(),
        shocks=(),
    )
    [trade] = hedge_trades("AN-2026-0001", "GBP", date(2026, 6, 1), None, swap)
    ours = received(origin(), trade)
    paper = written(
        "Confirmation of a Total Return Swap",
        "Trade Reference: AN-2026-0001-TRS",
        "Trade Date: 28 May 2026",
        "Effective Date: 1 June 2026",
        "Termination Date: 1 June 2031",
        "Notional: GBP 25,000,000.00",
        "Total Return Receiver: Atlas Nexus Treasury (fictional)",
        "Total Return Payer: Alpha Bank (fictional)",
        "Reference Asset: XS0000000001",
        "Initial Price: 100.00",
        "Notional Reset: Not applicable",
        "Floating Index: GBP-SONIA 3M",
        f"Spread: {spread}",
    )
    theirs = save_source(by=by, source=Source(name="Paper", role="broker", format="document"))
    [file] = receive_file(by=by, source=theirs, name="trs.pdf", content=paper, business_date=DAY)
    assert file.state == FileState.READ, file.problems
    [record] = file.records.all()
    assert (record.values["product"], record.values["side"], record.values["notional_reset"]) == (
        "trs",
        "LONG",
        "false",
    )
    run = compared(by, define_reconciliation(by=by, name="Paper", what="otc", sources=[ours.source, theirs]))
    [group] = run.match_groups.all()
    assert (group.verdict, group.paired_by) == (verdict, "trade id")
    filled = {each["field"]: each["external"] for each in group.detail["differences"] if each["type"] == "AGREED_LATER"}
    assert filled["underlying"] == "XS0000000001"
    assert set(filled) == set(OPEN_OF_RETURN)
