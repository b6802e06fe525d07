"""The room's verbs and pages: a tape mended and applied, trades approved by a second person, a date paid, figures compared."""

import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from engine.portfolios.compliance import Status
from engine.portfolios.payments import COMBINED, DEFERRAL
from jobs.work import work
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from notifications.models import Notification
from portfolios import demo_documents as documents
from portfolios.access import get_deal
from portfolios.bulk import Do, Edit, edited, effect
from portfolios.models import (
    Basket,
    BasketState,
    ComplianceResult,
    ComplianceRun,
    Deal,
    Payment,
    PoolSnapshot,
    SavedReport,
    TapeImport,
)
from portfolios.news import tell_of_payments
from portfolios.queries import latest_pool, latest_run, papers_of
from portfolios.report import USUAL_COLUMNS, workbook
from portfolios.services.after_default import set_after_default
from portfolios.services.baskets import book_basket, decide_basket, make_basket, set_trades, submit_basket
from portfolios.services.compare_trustee import compare_trustee
from portfolios.services.import_tape import apply_import, leave_out, map_import, mend_import, open_import, pool_defaults
from portfolios.services.pay import Collections, book_payment, defaults_of, next_payment
from portfolios.services.scenarios import request_pool_simulation, save_scenario
from portfolios.services.take_pool import take_pool
from portfolios.tapes import differences, read_import
from portfolios.views.risk import _cell
from tests import libreoffice
from tests.portfolios.cases import REFERENCE, expected, near

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 30)
D = Decimal


def the_run(deal: Deal) -> ComplianceRun:
    run = latest_run(deal)
    assert run is not None
    return run


def the_pool(deal: Deal) -> PoolSnapshot:
    pool = latest_pool(deal)
    assert pool is not None
    return pool


def test_the_demo_deal_shows_the_reference_figures(deal: Deal):
    rows = {row.number: row for row in the_run(deal).test_results.all()}
    for theirs in expected("pool_a_expected")["tests"]:
        ours = rows[theirs["number"]]
        assert near(ours.value, theirs["result"])
        assert ours.status == theirs["status"]


# Tapes


def dirty(deal: Deal, by: User) -> TapeImport:
    content = (REFERENCE / "clo_import_dirty.csv").read_bytes()
    return open_import(by=by, deal=deal, sender="Agent", file_name="dirty.csv", content=content, determination_date=DAY)


def applied(tape: TapeImport, by: User) -> PoolSnapshot:
    given = pool_defaults(latest_pool(tape.deal), tape.deal)
    return apply_import(
        by=by,
        tape=tape,
        principal_cash=D(given["principal_cash"]),
        interest_cash=D(0),
        fx=given["fx"],
        index_rates=given["index_rates"],
    )


def test_a_dirty_tape_is_mended_and_applied_as_a_whole(deal: Deal, analyst: User):
    tape, before = dirty(deal, analyst), the_pool(deal)
    refused = read_import(tape).refused_rows
    with pytest.raises(Invalid, match="Rows 3, 5, 6"):
        applied(tape, analyst)
    assert the_pool(deal) == before
    tape = mend_import(by=analyst, tape=tape, cells={(3, "coupon_spread"): "0.0475", (5, "deal_par_amount"): "1500000"})
    assert read_import(tape).refused_rows == refused - {3, 5}
    for row in sorted(refused - {3, 5}):
        tape = leave_out(by=analyst, tape=tape, row=row, reason="asked the agent")
    pool = applied(tape, analyst)
    assert len(pool.content["assets"]) == 16 - len(refused) + 2
    assert [w["message"] for w in pool.warnings if "review" in w["message"]]
    assert TapeImport.objects.get(pk=tape.pk).corrections[0]["before"] == "475"
    with pytest.raises(Invalid, match="applied"):
        mend_import(by=analyst, tape=tape, cells={})


def test_columns_are_remembered_by_sender(deal: Deal, analyst: User):
    text = "Id,Issuer,Ccy,Par,Defaulted\nX1,I1,USD,100,No\n"
    tape = open_import(
        by=analyst, deal=deal, sender="Bank", file_name="b.csv", content=text.encode(), determination_date=DAY
    )
    assert read_import(tape).absent
    mapping = {
        "Id": "blkrockid",
        "Issuer": "issuer_id",
        "Ccy": "currency",
        "Par": "deal_par_amount",
        "Defaulted": "default_obligation",
    }
    map_import(by=analyst, tape=tape, mapping=mapping)
    again = open_import(
        by=analyst, deal=deal, sender="Bank", file_name="c.csv", content=text.encode(), determination_date=DAY
    )
    assert again.mapping == mapping
    assert read_import(again).assets()[0]["deal_par_amount"] == "100"


def test_the_same_tape_again_changes_nothing_and_is_told(deal: Deal, analyst: User):
    content = (documents.HERE / "pool_a.csv").read_bytes()
    tape = open_import(
        by=analyst, deal=deal, sender="Agent", file_name="a.csv", content=content, determination_date=DAY
    )
    found = differences(the_pool(deal), read_import(tape).assets())
    assert not found.come
    assert not found.go
    assert not found.cells
    with pytest.raises(Invalid, match="already"):
        applied(tape, analyst)


def test_a_rating_that_falls_is_dated_and_told(deal: Deal, analyst: User, manager: User):
    pool = the_pool(deal)
    content = json.loads(json.dumps(pool.content))
    content["assets"][0] |= {"moody_issuer_rating": "Caa1", "country": "Spain"}
    take_pool(by=analyst, deal=deal, content=content, origin="test")
    assert deal.rating_actions.get(asset_id="APA-0001", column="moody_issuer_rating", before="B3").rating == "Caa1"
    assert Notification.objects.filter(person=manager, kind="clo_rating_fell").exists()
    assert Notification.objects.filter(person=manager, kind="clo_test_failed").exists()


@pytest.mark.parametrize(("day", "told"), [(date(2026, 7, 7), 0), (date(2026, 7, 8), 1), (date(2026, 7, 14), 1)])
def test_a_payment_date_that_nears_is_told_once(
    deal: Deal, manager: User, monkeypatch: pytest.MonkeyPatch, day: date, told: int
):
    monkeypatch.setattr("portfolios.news.timezone.localdate", lambda: day)
    assert tell_of_payments() == told
    assert tell_of_payments() == 0
    found = Notification.objects.filter(person=manager, kind="clo_payment_nears")
    assert [each.title for each in found] == [f"{deal}: payment date 15 Jul 2026"] * told


def test_thresholds_move_with_the_recovery_rate(deal: Deal, analyst: User):
    def shown() -> dict[int, tuple[Any, Any]]:
        return {row.number: (row.value, row.threshold) for row in the_run(deal).test_results.all()}

    pool, before = the_pool(deal), shown()
    assets = [{**row, "moodys_recovery_rate_23": "0.45"} for row in pool.content["assets"]]
    take_pool(by=analyst, deal=deal, content={**pool.content, "assets": assets}, origin="test")
    after = shown()
    points = 100 * (D("0.45") - before[33][0])
    moved = {number: after[number][1] - before[number][1] for number in (32, 36)}
    assert moved[32] == pytest.approx(-points * D("0.00065"), abs=D("1e-9"))
    assert points * moved[36] > 0  # recovering more, a pool may be rated lower
    history = [row.threshold for row in ComplianceResult.objects.filter(number=36).order_by("pk")]
    assert history == [before[36][1], after[36][1]]


# Trades


def a_sale(deal: Deal, asset: str = "APA-0003", par: str = "100000") -> dict[str, str]:
    return {"side": "sell", "asset": asset, "par": par, "price_pct": "99.5"}


def test_trades_need_a_second_person_and_become_the_next_pool(deal: Deal, analyst: User, manager: User):
    basket = make_basket(by=analyst, deal=deal, name="Trim")
    basket = set_trades(by=analyst, basket=basket, trades=[a_sale(deal)])
    basket = submit_basket(by=analyst, basket=basket)
    with pytest.raises(Forbidden, match="managers"):
        decide_basket(by=analyst, basket=basket, approve=True)
    assert Notification.objects.filter(person=manager, kind="clo_basket_waits").exists()
    basket = decide_basket(by=manager, basket=basket, approve=True)
    before = the_pool(deal)
    after = book_basket(by=manager, basket=basket)
    assert D(after.content["principal_cash"]) == D(before.content["principal_cash"]) + D("99500")
    assert the_run(deal).snapshot == after
    words = set(AuditEntry.objects.filter(target_code=basket.code).values_list("action", flat=True))
    assert words == {"basket.made", "basket.changed", "basket.submitted", "basket.approved", "basket.booked"}


def test_who_made_the_trades_does_not_approve_them(deal: Deal, manager: User):
    basket = set_trades(by=manager, basket=make_basket(by=manager, deal=deal, name="Own"), trades=[a_sale(deal)])
    with pytest.raises(Forbidden, match="second person"):
        decide_basket(by=manager, basket=submit_basket(by=manager, basket=basket), approve=True)


def test_trades_that_break_a_test_are_not_submitted(deal: Deal, analyst: User):
    euro = next(row for row in deal.pools.get(purpose="candidates").content["assets"] if row["country"] == "Germany")
    buy = {"side": "buy", "asset": euro["blkrockid"], "par": "3000000", "price_pct": "99"}
    basket = set_trades(by=analyst, basket=make_basket(by=analyst, deal=deal, name="Germany"), trades=[buy])
    with pytest.raises(Invalid, match="16 Not US, Canada or UK"):
        submit_basket(by=analyst, basket=basket)
    assert Basket.objects.get(pk=basket.pk).state == BasketState.DRAFT


def test_a_basket_on_an_older_pool_is_not_booked(deal: Deal, analyst: User, manager: User):
    baskets = [
        set_trades(by=analyst, basket=make_basket(by=analyst, deal=deal, name=name), trades=[a_sale(deal)])
        for name in "AB"
    ]
    approved = [
        decide_basket(by=manager, basket=submit_basket(by=analyst, basket=each), approve=True) for each in baskets
    ]
    book_basket(by=manager, basket=approved[0])
    with pytest.raises(Invalid, match="newer pool"):
        book_basket(by=manager, basket=approved[1])


# Payments


def test_a_date_is_paid_once_and_the_next_begins_from_it(deal: Deal, manager: User):
    run = the_run(deal)
    typed = defaults_of(run)
    payment = book_payment(by=manager, run=run, typed=typed)
    assert payment.pay_date == date(2026, 7, 15)
    assert payment.number == 3
    paid = sum(D(line["paid"]) for line in payment.closing["lines"])
    moved = D(payment.closing["principal_cash"]) - D(run.snapshot.content["principal_cash"])
    assert paid + moved == typed.interest_collected
    assert papers_of(deal)["classes"][0]["balance"] == payment.closing["balances"]["A"]
    with pytest.raises(Invalid, match="paid already"):
        book_payment(by=manager, run=the_run(deal), typed=typed)


def test_an_event_of_default_is_shown_and_not_booked(deal: Deal, manager: User):
    pool = the_pool(deal)
    take_pool(by=manager, deal=deal, content={**pool.content, "principal_cash": "0"}, origin="no cash")
    typed = Collections(D("0.0405"), D("1000000"), D("50000"))
    due = next_payment(the_run(deal), typed)
    assert due.run.place.startswith("2026-07-15: B interest")
    assert min(due.run.dates[0].end.balances.values()) >= 0
    with pytest.raises(Invalid, match="Event of default"):
        book_payment(by=manager, run=the_run(deal), typed=typed)


def test_a_deal_that_accelerates_goes_on_in_one_priority(deal: Deal, manager: User, analyst: User, client: Client):
    with pytest.raises(Forbidden):
        set_after_default(by=analyst, deal=deal, accelerates=True)
    take_pool(by=manager, deal=deal, content={**the_pool(deal).content, "principal_cash": "0"}, origin="no cash")
    client.force_login(manager)
    at = reverse("clo-payment-next", args=[deal.code])
    stopped = client.get(at, {"interest_collected": "1,000,000"}).content.decode()
    assert "Payments stop at this date: it is not booked." in stopped
    assert "Book the payment date" not in stopped
    client.post(at, {"after_default": "accelerates"})
    paid = client.post(at, {"interest_collected": "1,000,000"}, follow=True).content.decode()
    assert "from the next date on all proceeds are paid in one priority" in paid
    first = Payment.objects.get(deal=deal)
    assert D(first.closing["deferred"]["B"]) > 0
    assert "the deal stays accelerated" in client.post(at, {"after_default": "stops"}, follow=True).content.decode()
    later = {**the_pool(deal).content, "determination_date": "2026-09-30", "principal_cash": "3000000"}
    take_pool(by=manager, deal=deal, content=later, origin="the next quarter")
    due = next_payment(the_run(deal), Collections(D("0.0405"), D("2000000"), D("50000"))).run.dates[0]
    assert due.is_accelerated
    assert {line.source for line in due.lines} <= {COMBINED, DEFERRAL}
    assert due.begin.deferred["B"] == D(first.closing["deferred"]["B"])
    assert sum(line.paid for line in due.lines) == D("5000000")
    page = client.get(at, {"interest_collected": "2,000,000", "line": "3"}).content.decode()
    assert "All proceeds are paid in one priority" in page
    run = client.get(reverse("clo-scenario", args=[deal.cash_scenarios.all()[0].code])).content.decode()
    assert "one priority</span>" in run


# What is written once, and for whom


def test_pools_and_results_are_written_once(deal: Deal):
    pool = the_pool(deal)
    with pytest.raises(AppendOnlyError):
        pool.save()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE portfolios_poolsnapshot SET origin = 'x' WHERE id = %s", [pool.pk])


def test_a_sponsor_learns_of_no_deal(deal: Deal, sponsor: User, internal: User):
    with pytest.raises(NotFound):
        get_deal(sponsor, deal.code)
    assert get_deal(internal, deal.code) == deal
    with pytest.raises(Forbidden):
        make_basket(by=internal, deal=deal, name="No")


# Simulation, trustee, report


def test_a_simulation_gives_counts_losses_and_the_exact_figures_beside(deal: Deal, analyst: User):
    asked = request_pool_simulation(
        by=analyst, pool=the_pool(deal), terms={"paths": 20_000, "correlation": 0.2}, enqueue=False
    )
    work(asked.code)
    asked.refresh_from_db()
    found = asked.summary
    theirs = next(c for c in expected("clo_default_count_analytic")["cases"] if c["id"] == "MC-5")["expected"]
    assert found["mean_exact"] == pytest.approx(float(theirs["mean"]))
    assert abs(found["mean"] - found["mean_exact"]) < 4 * found["mean_error"]
    assert all(each["agrees"] for each in found["quantiles"])
    assert [each["name"] for each in found["classes"]] == list("ABCDE")
    assert found["tails"][2]["es"] >= found["tails"][2]["var"] >= found["tails"][0]["var"]


def test_a_trustee_file_is_compared_line_by_line(deal: Deal, analyst: User):
    text = 'line,value\n1,96.1972%\nOC B,1.3\nCPA,"500,000,000.00"\n99,1\n2,none\n'
    report = compare_trustee(by=analyst, run=the_run(deal), file_name="t.csv", content=text.encode())
    verdicts = {line["line"]: line["verdict"] for line in report.lines}
    assert (verdicts["1"], verdicts["OC B"], verdicts["CPA"]) == ("agrees", "differs", "agrees")
    assert (verdicts["99"], verdicts["2"], verdicts["3"]) == ("unknown line", "unreadable", "not in the file")


def test_the_workbook_has_live_formulas_with_their_values(deal: Deal, manager: User, client: Client):
    book_payment(by=manager, run=the_run(deal), typed=defaults_of(the_run(deal)))
    client.force_login(manager)
    answer = client.get(reverse("clo-report", args=[deal.code]))
    formulas, values = (openpyxl.load_workbook(io.BytesIO(answer.content), data_only=only) for only in (False, True))
    cells = [cell for sheet in formulas for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert {"Tests", "Coverage", "Assets", "Payment"} <= set(formulas.sheetnames)
    assert len(cells) > 300
    assert values["Tests"]["G5"].value == pytest.approx(0.961971831)
    assert values["Tests"]["H5"].value == "Pass"
    paper = client.get(reverse("clo-paper", args=[deal.code]))
    assert paper.content.startswith(b"%PDF")


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_recalculated_elsewhere_the_report_is_the_engines(deal: Deal, manager: User, tmp_path: Path):
    """Worked out anew by another program: our figures; with a par halved in it, those of the pool with that par."""
    book_payment(by=manager, run=the_run(deal), typed=defaults_of(the_run(deal)))
    pool, written = the_pool(deal), workbook(the_run(deal))
    row = next(row for row in pool.content["assets"] if not row["default_obligation"] and row["country"] == "Germany")
    halved = D(row["deal_par_amount"]) / 2
    (tmp_path / "plain.xlsx").write_bytes(written)
    changed = openpyxl.load_workbook(tmp_path / "plain.xlsx")
    place = next(cells[0].row for cells in changed["Assets"].iter_rows(min_row=5) if cells[0].value == row["blkrockid"])
    changed["Assets"].cell(place, USUAL_COLUMNS.index("own_par") + 1).value = float(halved)
    changed.save(tmp_path / "changed.xlsx")
    out = libreoffice.recalculate([tmp_path / "plain.xlsx", tmp_path / "changed.xlsx"], tmp_path)
    stored = openpyxl.load_workbook(io.BytesIO(written), data_only=True)
    plain, other = (openpyxl.load_workbook(out / name, data_only=True) for name in ("plain.xlsx", "changed.xlsx"))
    for sheet in ("Tests", "Coverage", "Assets", "Payment"):
        ours, theirs = ([[x or None for x in cells] for cells in book[sheet].values] for book in (stored, plain))
        assert theirs == [[pytest.approx(x, rel=1e-12) if isinstance(x, float) else x for x in cells] for cells in ours]
    edits = [Edit("deal_par_amount", Do.SET, str(halved))]
    after = {each.after.rule.number: each.after for each in effect(pool, edited(pool, [row["blkrockid"]], edits))}
    lines = {cells[0]: cells for cells in other["Tests"].iter_rows(min_row=5, values_only=True)}
    for number in (14, 33, 35, 36, 54):
        assert lines[number][4] == pytest.approx(float(after[number].numerator), rel=1e-9), number
        assert lines[number][4] != pytest.approx(float(the_run(deal).test_results.get(number=number).numerator))


def test_a_report_by_choice_holds_what_was_chosen_with_live_formulas(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    at = reverse("clo-saved-reports", args=[deal.code])
    empty = client.post(at, {"name": "Investors"})
    assert empty.status_code == 400
    assert "Sections: choose at least one." in empty.content.decode()
    chosen = {"section": ["quality", "assets"], "column": ["issue", "defaulted", "par", "wal", "own_par"]}
    kept = client.post(at, {"name": "Investors", **chosen}, follow=True)
    assert "Investors is kept." in kept.content.decode()
    report = SavedReport.objects.get()
    answer = client.get(reverse("clo-saved-workbook", args=[report.code]))
    formulas, values = (openpyxl.load_workbook(io.BytesIO(answer.content), data_only=only) for only in (False, True))
    assert formulas.sheetnames[:2] == ["Tests", "Assets"]
    assert not {"Coverage", "Payment"} & set(formulas.sheetnames)
    heads = [cell.value for cell in next(formulas["Assets"].iter_rows(min_row=4, max_row=4))]
    assert heads == ["Issue", "Par", "Par in the deal's currency", "In default", "WAL"]
    rows = {row[0].value: row for row in formulas["Tests"].iter_rows(min_row=5)}
    assert 1 not in rows
    assert rows[35][4].value == '=SUMPRODUCT((Assets!$D$5:$D$204="No")*Assets!$C$5:$C$204*Assets!$E$5:$E$204)'
    assert not str(rows[33][4].value).startswith("=")  # the recovery rate is no column of it
    ours = the_run(deal).test_results.get(number=35)
    assert values["Tests"].cell(rows[35][0].row, 5).value == pytest.approx(float(ours.numerator))
    cells = values["Assets"].iter_rows(min_row=5, max_row=204, values_only=True)
    assert sum(par * wal for _, _, par, default, wal in cells if default == "No") == pytest.approx(
        float(ours.numerator)
    )
    assert client.get(reverse("clo-saved-paper", args=[report.code])).content.startswith(b"%PDF")
    client.post(reverse("clo-saved-report", args=[report.code]), {"name": "Investors", "section": "coverage"})
    assert SavedReport.objects.get().sections == ["coverage"]
    client.post(reverse("clo-saved-report", args=[report.code]), {"do": "delete"})
    assert not SavedReport.objects.exists()


# Pages


PAGES = (
    "clo-deal",
    "clo-pool",
    "clo-imports",
    "clo-baskets",
    "clo-payment-next",
    "clo-scenarios",
    "clo-risk",
    "clo-trustees",
    "clo-notes",
    "clo-saved-reports",
)


def test_every_page_of_a_deal_answers(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    assert "Alder Park" in client.get(reverse("clo-deals")).content.decode()
    for name in PAGES:
        assert client.get(reverse(name, args=[deal.code])).status_code == 200, name
    for number in (1, 16, 37, 38, 54):
        assert client.get(reverse("clo-test", args=[deal.code, number])).status_code == 200, number
    assert client.get(reverse("clo-test", args=[deal.code, 55])).status_code == 404
    assert "Ratings explained" in client.get(reverse("clo-asset", args=[deal.code, 7])).content.decode()
    exported = client.get(reverse("clo-pool-export", args=[deal.code]) + "?format=csv&filter=country|=|Spain")
    assert exported.status_code == 200


def test_a_failing_test_opens_to_its_rows(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    page = client.get(reverse("clo-test", args=[deal.code, 16])).content.decode()
    assert "71,038,732.39" in page
    assert "neither" not in page
    assert len(re.findall(r"APA-\d{4}", page)) > 20


def test_a_tape_from_the_page(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    file = SimpleUploadedFile("dirty.csv", (REFERENCE / "clo_import_dirty.csv").read_bytes())
    typed: dict[str, Any] = {"file": file, "sender": "Agent", "determination_date": "2026-06-30", "purpose": "pool"}
    answer = client.post(reverse("clo-imports", args=[deal.code]), typed, follow=True)
    page = answer.content.decode()
    assert "likely basis points" in page
    assert "05/06/2030 can be read two ways" in page
    address = answer.redirect_chain[-1][0]
    refused = client.post(
        address,
        {"do": "apply", "principal_cash": "1", "interest_cash": "0", "fx": "USD 1", "index_rates": "3M Term SOFR 0.04"},
    )
    assert refused.status_code == 400
    assert "correct them or leave them out" in refused.content.decode()
    client.post(address, {"do": "mend", "cell-3-coupon_spread": "0.0475"})
    assert "475 became 0.0475" in client.get(address).content.decode()


def test_trades_and_payment_from_the_pages(deal: Deal, analyst: User, manager: User, client: Client):
    client.force_login(analyst)
    answer = client.post(reverse("clo-baskets", args=[deal.code]), {"name": "Trim"}, follow=True)
    address = answer.redirect_chain[-1][0]
    bad = client.post(address, {"do": "add", "side": "sell", "asset": "APA-0003", "par": "x", "price": "99"})
    assert bad.status_code == 400
    assert "Par: expected a number, got x." in bad.content.decode()
    client.post(address, {"do": "add", "side": "sell", "asset": "APA-0003", "par": "100,000", "price": "99.5"})
    assert "Holds" in client.get(address).content.decode()
    assert "tried" in client.get(f"{address}candidates/").content.decode()
    client.post(address, {"do": "submit"})
    client.force_login(manager)
    client.post(address, {"do": "approve"})
    assert client.post(address, {"do": "book"}).status_code == 302
    due = reverse("clo-payment-next", args=[deal.code])
    assert "trustee fee" in client.get(f"{due}?line=0").content.decode()
    paid = client.post(due, {}, follow=True)
    assert "What stands afterwards" in paid.content.decode()


def test_what_was_collected_is_typed_as_it_is_shown(deal: Deal, analyst: User, client: Client):
    due = reverse("clo-payment-next", args=[deal.code])
    analyst.number_format = "point_comma"
    analyst.save()
    client.force_login(analyst)
    page = client.get(f"{due}?benchmark=4,5%25&administrative_expenses=1.250,75").content.decode()
    assert "Administrative expenses within the cap" in page
    assert "1.250,75" in page
    refused = client.get(f"{due}?benchmark=x").content.decode()
    assert "Benchmark: expected a number, got x." in refused
    assert 'value="x"' in refused


def test_a_candidate_is_taken_whatever_format_its_reader_types_in(deal: Deal, analyst: User, client: Client):
    analyst.number_format = "point_comma"
    analyst.save()
    client.force_login(analyst)
    answer = client.post(reverse("clo-baskets", args=[deal.code]), {"name": "Trim"}, follow=True)
    address = answer.redirect_chain[-1][0]
    client.post(f"{address}candidates/", {"trade": "sell|APA-0003|100000|99.125"})
    client.post(address, {"do": "add", "side": "sell", "asset": "APA-0004", "par": "100.000", "price": "99,5"})
    trades = Basket.objects.get().trades
    assert [(row["par"], row["price_pct"]) for row in trades] == [("100000", "99.125"), ("100000", "99.5")]
    bad = client.post(f"{address}candidates/", {"trade": "sell|APA-0003|0|99.125"})
    assert bad.status_code == 400
    assert "Par: expected more than nought, got 0." in bad.content.decode()


def test_what_is_concentrated_is_hot_and_nothing_has_no_colour():
    shares = [D(each) for each in ("0", "0.01", "2", "5.9", "6")]
    assert [_cell(share, D(100), D(6))[1] for share in shares] == ["", "heat--5", "heat--3", "heat--0", "heat--0"]


def test_a_scenario_runs_to_its_end_and_every_cell_opens(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    scenario = save_scenario(by=analyst, deal=deal, name="Called", terms={"call_payment": 8})
    page = client.get(reverse("clo-scenario", args=[scenario.code]) + "?date=3&line=4").content.decode()
    assert "A interest" in page
    assert "rate x day fraction" in page
    compared = client.get(reverse("clo-scenarios", args=[deal.code])).content.decode()
    assert "redeemed" in compared


def test_at_most_four_scenarios_stand_side_by_side(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    deal.cash_scenarios.all().delete()
    made = [
        save_scenario(by=analyst, deal=deal, name=f"Run {n}", terms={"cdr": n / 50, "call_payment": 6})
        for n in range(5)
    ]
    at = reverse("clo-scenarios", args=[deal.code])
    told = client.get(at, {"pick": [str(each.code) for each in made]}).context
    assert [each.name for each in told["picked"]] == ["Run 0", "Run 1", "Run 2", "Run 3"]
    rows = {words: values for words, _, values in told["rows"]}
    yields = rows["Yield of the subordinated notes at issue price"]
    assert yields == sorted(yields, reverse=True)
    assert len(set(yields)) == 4
    two = client.get(at, {"pick": [str(made[4].code), str(made[1].code)]}).context["picked"]
    assert [each.name for each in two] == ["Run 1", "Run 4"]


def test_limits_are_versions_with_their_pages(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    page = client.get(the_run(deal).limit_set.get_absolute_url()).content.decode()
    assert "Alder Park limits" in page


def test_the_statuses_of_the_page_are_those_of_the_engine():
    from portfolios.views.shown import BADGES

    assert set(BADGES) == {status.value for status in Status}
