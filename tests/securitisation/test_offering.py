"""Notes issued here and a CLO: offered, taken with ratings and their source, tried in a basket, told on the asset's page."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid, NotFound
from portfolios.baskets import tried
from portfolios.issued import IssuedNote, get_issued, issued_notes
from portfolios.models import Deal, Purpose, TakenNote
from portfolios.queries import latest_pool
from portfolios.services.baskets import make_basket, set_trades
from portfolios.services.take_note import take_note
from portfolios.services.take_pool import take_pool
from securitisation.models import NoteStructure
from securitisation.queries import last_result, latest_version
from tests.portfolios.cast import small_deal
from tests.securitisation.cast import finished_run, tape_structure

pytestmark = pytest.mark.django_db
ASKED = {
    "country": "UK", "moodys_industry": "Telecommunications", "s_p_industry": "", "moodys_rating_21": "Ba2",
    "moodys_rating_warf": "Ba2", "moodys_recovery_rate_23": "0.45", "s_p_facility_rating": "BB", "market_value": "98.5",
}  # fmt: skip


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    return tape_structure(admin)


@pytest.fixture
def deal(admin: User) -> Deal:
    """With a rate for pounds."""
    deal = small_deal(admin)
    pool = latest_pool(deal)
    assert pool is not None
    if "GBP" not in pool.content["fx"]:
        content = {**pool.content, "fx": {**pool.content["fx"], "GBP": "1.25"}}
        take_pool(by=admin, deal=deal, content=content, origin="a rate for pounds")
    return deal


def senior(by: User, structure: NoteStructure) -> IssuedNote:
    return next(note for note in issued_notes(by) if note.code.startswith(str(structure.code)))


def test_a_class_is_offered_once_its_run_is_done_to_those_who_see_structures(
    structure: NoteStructure, admin: User, sponsor: User
):
    assert issued_notes(admin) == []
    finished_run(admin, structure)
    version = latest_version(structure)
    run = last_result(version)
    assert run is not None
    note, terms, result = senior(admin, structure), version.content["classes"][0], run.summary["classes"][0]
    assert note.balance == Decimal(str(terms["balance_amount"]))
    assert float(note.coupon) == pytest.approx(result["coupon_rate"], abs=1e-7)
    assert float(note.wal or 0) == pytest.approx(result["wal_years"], abs=1e-4)
    assert note.content_hash == version.content_hash
    assert issued_notes(sponsor) == []
    with pytest.raises(NotFound):
        get_issued(sponsor, note.code)


def test_a_class_is_taken_and_tried_with_its_provenance(
    structure: NoteStructure, deal: Deal, admin: User, client: Client
):
    finished_run(admin, structure)
    note = senior(admin, structure)
    before = latest_pool(deal, Purpose.CANDIDATES)
    assert before is not None
    taken = take_note(by=admin, deal=deal, note=note, asked=ASKED, source="Agency's letter")
    row = taken.content["assets"][-1]
    assert len(taken.content["assets"]) == len(before.content["assets"]) + 1
    assert (row["blkrockid"], row["structured_finance"], row["s_p_facility_rating"]) == (note.asset_id, True, "BB")
    assert row["country"]
    kept = TakenNote.objects.get(deal=deal, asset_id=note.asset_id)
    assert kept.content_hash == latest_version(structure).content_hash
    assert AuditEntry.objects.filter(action="note.taken", target_code=taken.code).exists()
    basket = make_basket(by=admin, deal=deal, name="Own notes")
    buy = {"side": "buy", "asset": note.asset_id, "par": "100000", "price_pct": "98.5"}
    basket = set_trades(by=admin, basket=basket, trades=[buy])
    assert any(asset.blkrockid == note.asset_id and asset.structured_finance for asset in tried(basket).pool.assets)
    client.force_login(admin)
    page = client.get(reverse("clo-notes", args=[deal.code]) + f"?note={note.code}").content.decode()
    assert kept.provenance in page
    assert "Agency&#x27;s letter" in page
    pool = latest_pool(deal)
    assert pool is not None
    held = {**pool.content, "assets": [row, *pool.content["assets"]]}
    take_pool(by=admin, deal=deal, content=held, origin="with the class")
    assert f"Issued here: {kept.provenance}." in client.get(reverse("clo-asset", args=[deal.code, 1])).content.decode()


def test_cells_are_read_as_a_tapes(structure: NoteStructure, deal: Deal, admin: User, internal: User):
    finished_run(admin, structure)
    note = senior(admin, structure)
    with pytest.raises(Invalid, match="likely percent"):
        take_note(by=admin, deal=deal, note=note, asked={**ASKED, "moodys_recovery_rate_23": "45"}, source="Letter")
    with pytest.raises(Invalid, match="no rating of this agency"):
        take_note(by=admin, deal=deal, note=note, asked={**ASKED, "moodys_rating_warf": "BB"}, source="Letter")
    with pytest.raises(Invalid, match="say where"):
        take_note(by=admin, deal=deal, note=note, asked=ASKED, source=" ")
    with pytest.raises(Forbidden):
        take_note(by=internal, deal=deal, note=note, asked=ASKED, source="Letter")
    assert not TakenNote.objects.exists()


def test_what_was_taken_is_written_once(structure: NoteStructure, deal: Deal, admin: User):
    finished_run(admin, structure)
    take_note(by=admin, deal=deal, note=senior(admin, structure), asked=ASKED, source="Letter")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE portfolios_takennote SET source = 'x'")


def test_the_page_takes_a_class(structure: NoteStructure, deal: Deal, admin: User, client: Client):
    finished_run(admin, structure)
    note = senior(admin, structure)
    client.force_login(admin)
    at = reverse("clo-notes", args=[deal.code])
    refused = client.post(at, {"note": note.code, **ASKED, "market_value": "x", "source": "Letter"})
    assert refused.status_code == 400
    assert 'value="x"' in refused.content.decode()
    done = client.post(at, {"note": note.code, **ASKED, "source": "Letter"}, follow=True)
    assert "is among the candidates" in done.content.decode()
    assert client.get(at, {"note": "nobody"}).status_code == 404
