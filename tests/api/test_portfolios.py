"""A CLO by the API: a tape mended and applied, trades tried, approved by a second person and booked, a date paid."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Role, User
from portfolios import demo_documents as documents
from portfolios.access import MANAGER
from portfolios.models import Deal, TapeImport
from portfolios.queries import latest_pool, latest_run
from portfolios.services.take_pool import take_pool
from tests import world
from tests.api.cast import ROOT, Program, codes
from tests.portfolios.cast import small_deal
from tests.securitisation.cast import finished_run, tape_structure

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def deal(admin: User) -> Deal:
    return small_deal(admin)


@pytest.fixture
def manager(db: None) -> User:
    person = world.person("mara@desk.example", "Mara Manager", Role.SPONSOR)
    person.further_roles = [MANAGER]
    person.save()
    return person


def sent_tape(program: Program, deal: Deal) -> Any:
    """Seven of pool A's assets, the spread of the third typed in basis points."""
    head, *rows = (documents.HERE / "pool_a.csv").read_text().splitlines(keepends=True)[:8]
    place = head.split(",").index("Coupon Spread") if "Coupon Spread" in head.split(",") else None
    assert place is not None, head
    cells = rows[2].split(",")
    cells[place] = "475"
    rows[2] = ",".join(cells)
    file = SimpleUploadedFile("a.csv", (head + "".join(rows)).encode())
    address = f"{ROOT}clo-deals/{deal.code}/tapes"
    return program.client.post(
        address, {"file": file, "sender": "Agent", "determination_date": "2026-06-30"}, headers=program.headers
    )


def test_a_tape_is_sent_mended_and_applied(deal: Deal, admin: User):
    program, before = Program(admin), latest_run(deal)
    told = sent_tape(program, deal)
    assert told.status_code == 201, told.content
    tape = told.json()
    assert tape["refused_rows"] == [3]
    found = [problem for problem in tape["problems"] if problem["refuses"]]
    assert [(each["row"], each["column"]) for each in found] == [(3, "coupon_spread")]
    refused = program.post(f"clo-tapes/{tape['code']}/apply")
    assert refused.status_code == 422
    assert "refused_rows" in codes(refused)
    mended = program.post(
        f"clo-tapes/{tape['code']}/cells", {"cells": [{"row": 3, "column": "coupon_spread", "value": "0.0475"}]}
    )
    assert mended.json()["refused_rows"] == []
    pool = program.post(f"clo-tapes/{tape['code']}/apply")
    assert pool.status_code == 201, pool.content
    assert len(program.get(f"clo-pools/{pool.json()['code']}").json()["content"]["assets"]) == 7
    assert TapeImport.objects.get(code=tape["code"]).corrections[0]["before"] == "475"
    assert latest_run(deal) != before


def test_every_test_is_read_and_opened_to_its_rows(deal: Deal, admin: User):
    program, run = Program(admin), latest_run(deal)
    assert run is not None
    told = program.get(f"clo-test-runs/{run.code}").json()
    rows = {row.number: row for row in run.test_results.all()}
    assert [each["number"] for each in told["tests"]] == sorted(rows)
    for each in told["tests"]:
        assert each["status"] == rows[each["number"]].status
        assert round(D(each["numerator"]), 8) == rows[each["number"]].numerator
    assert [each["name"] for each in told["coverage"]] == list("ABCDE")
    opened = program.get(f"clo-test-runs/{run.code}/tests/16").json()
    assert sum(D(row["amount"]) for row in opened["rows"]) == D(opened["numerator"])
    history = program.get(f"clo-deals/{deal.code}/tests/16/history").json()["items"]
    assert [each["run"] for each in history] == [str(run.code)]
    assert program.get(f"clo-test-runs/{run.code}/tests/55").status_code == 404


def test_many_assets_are_edited_at_once(deal: Deal, admin: User):
    program, run = Program(admin), latest_run(deal)
    assert run is not None
    at = f"clo-pools/{run.snapshot.code}/edits"
    edits = [{"column": "market_value", "do": "multiply", "value": "0.5"}, {"column": "coupon_spread", "value": "475"}]
    tried = program.post(f"{at}/try", {"assets": ["APA-0003", "APA-0004"], "edits": edits}).json()
    assert [(cell["asset"], cell["column"]) for cell in tried["cells"]] == [
        ("APA-0003", "market_value"),
        ("APA-0004", "market_value"),
    ]
    assert {p["column"] for p in tried["refused"]} == {"coupon_spread"}
    assert len(tried["changes"]) == len(run.test_results.all())
    edits = edits[:1]
    made = program.post(at, {"assets": ["APA-0003"], "edits": edits, "reason": "Marked down."})
    assert made.status_code == 201, made.content
    assert made.json()["number"] == 2
    again = program.post(at, {"assets": ["APA-0003"], "edits": edits, "reason": "Again."})
    assert codes(again) == {"stale"}


def test_trades_are_tried_searched_approved_by_another_and_booked(deal: Deal, admin: User, manager: User):
    asks, decides = Program(admin), Program(manager)
    sale = {"side": "sell", "asset": "APA-0003", "par": "1000", "price_pct": "99"}
    tried = asks.post(f"clo-deals/{deal.code}/trades/try", {"trades": [sale]}).json()
    assert len(tried["changes"]) == len(latest_run(deal).test_results.all())  # type: ignore[union-attr]  # it has one
    assert D(tried["principal_cash"]) == D("500990")
    assert not deal.baskets.exists()
    oversold = asks.post(f"clo-deals/{deal.code}/trades/try", {"trades": [{**sale, "par": "999999999"}]})
    assert codes(oversold) == {"oversold"}
    basket = asks.post(f"clo-deals/{deal.code}/baskets", {"name": "Trim", "trades": [sale]})
    assert basket.status_code == 201, basket.content
    at = f"clo-baskets/{basket.json()['code']}"
    found = asks.post(f"{at}/search", {"par": "1000", "weights": {"32": 1}}).json()["items"]
    assert len(found) == 6
    assert [each["holds"] for each in found] == sorted((each["holds"] for each in found), reverse=True)
    submitted = asks.post(f"{at}/submit")
    assert submitted.status_code == 200, submitted.content
    assert asks.post(f"{at}/approve").status_code == 403
    assert decides.post(f"{at}/approve").json()["state"] == "approved"
    booked = decides.post(f"{at}/book").json()
    assert booked["number"] == 2
    assert D(decides.get(f"clo-pools/{booked['code']}").json()["content"]["principal_cash"]) == D("500990")


def test_a_date_is_worked_out_and_booked_once(deal: Deal, admin: User):
    program = Program(admin)
    due = program.get(f"clo-deals/{deal.code}/payments/next?interest_collected=1000000").json()
    assert due["pay_date"] == "2026-07-15"
    assert due["default_at"] == ""
    booked = program.post(f"clo-deals/{deal.code}/payments", {"interest_collected": "1000000"})
    assert booked.status_code == 201, booked.content
    told = booked.json()
    assert told["lines"] == due["lines"]
    assert {name: D(amount) for name, amount in told["balances"].items()} == {
        name: D(amount) for name, amount in due["balances"].items()
    }
    again = program.post(f"clo-deals/{deal.code}/payments", {"interest_collected": "1000000"})
    assert codes(again) == {"paid"}


def test_a_scenario_is_run_and_a_report_taken_away(deal: Deal, admin: User):
    program = Program(admin)
    kept = program.post(f"clo-deals/{deal.code}/scenarios", {"name": "Called", "terms": {"call_payment": 6}})
    assert kept.status_code == 201, kept.content
    outcome = program.get(f"clo-scenarios/{kept.json()['code']}/outcome").json()
    assert outcome["ending"] == "redeemed"
    paid = sum(D(line["paid"]) for each in outcome["dates"] for line in each["lines"] if line["what"] == "A interest")
    assert paid == D(outcome["interest"]["A"])
    for form, head in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        assert program.get(f"clo-deals/{deal.code}/report?form={form}").content.startswith(head)


def test_a_saved_report_and_a_class_of_notes_by_the_api(deal: Deal, admin: User):
    program = Program(admin)
    saved = program.post(f"clo-deals/{deal.code}/reports", {"name": "Short", "sections": ["coverage"]})
    assert saved.status_code == 201, saved.content
    book = program.get(f"clo-deals/{deal.code}/report?saved={saved.json()['code']}").content
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames == ["Coverage", "Provenance"]
    none = program.post(f"clo-deals/{deal.code}/reports", {"name": "None", "sections": []})
    assert "required" in codes(none)
    pool = latest_pool(deal)
    assert pool is not None
    take_pool(by=admin, deal=deal, content={**pool.content, "fx": {**pool.content["fx"], "GBP": "1.25"}}, origin="GBP")
    finished_run(admin, tape_structure(admin))
    note = program.get(f"clo-deals/{deal.code}/notes").json()["items"][0]
    asks = {"note": note["code"], "cells": {"moodys_rating_warf": "Ba2"}, "source": "Letter"}
    taken = program.post(f"clo-deals/{deal.code}/notes", asks)
    assert taken.status_code == 201, taken.content
    assert deal.taken_notes.get().content_hash == note["content_hash"]


def test_the_pools_payment_dates_are_those_to_come(deal: Deal, admin: User):
    told = Program(admin).get(f"clo-deals/{deal.code}").json()
    assert date.fromisoformat(told["payment_dates"][0]) == date(2026, 7, 15)
