"""Scenarios typed on the page of a run: begun as the base case, refused at their cell, kept for the next run."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.work import work
from securitisation.models import NotesRun, NoteStructure
from securitisation.queries import latest_version
from securitisation.running import run_of
from securitisation.translate import engine_deal
from tests.securitisation.cast import tape_structure

pytestmark = pytest.mark.django_db

GRID = {"cpr_rates": "0%", "cdr_rates": "0%", "yield_shift_bps": "0", "correlation_ratio": "0.2"}
ROW = {
    "scenarios.count": "1",
    "scenarios.0.name": "Recession",
    "scenarios.0.prepayment_kind": "none",
    "scenarios.0.default_kind": "cdr",
    "scenarios.0.default": "6%",
    "scenarios.0.severity_ratio": "50%",
    "scenarios.0.recovery_lag_months": "12",
}


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    return tape_structure(admin)


@pytest.fixture
def desk(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def test_an_added_row_begins_as_the_base_case(structure: NoteStructure, desk: Client):
    url = reverse("notes-run-new", args=[structure.code])
    assert "None." in desk.get(url).content.decode()
    page = desk.post(url, {**GRID, "scenarios.count": "0", "do": "add:scenarios"})
    assert page.status_code == 200
    assert not NotesRun.objects.exists()
    found = {field.of.key: field.typed for field in page.context["table"].rows[0].fields}
    assert (found["name"], found["default_kind"], found["default"]) == ("", "cdr", "0.5")
    assert (found["severity_ratio"], found["recovery_lag_months"]) == ("35", "12")


def test_what_is_wrong_stands_at_its_cell_and_all_that_was_typed_stays(structure: NoteStructure, desk: Client):
    url = reverse("notes-run-new", args=[structure.code])
    for wrong, place in (
        ({"scenarios.0.severity_ratio": "half"}, "severity_ratio"),
        ({"scenarios.0.severity_ratio": "150%"}, "severity_ratio"),
        ({"scenarios.0.name": ""}, "name"),
    ):
        page = desk.post(url, {**GRID, **ROW, **wrong, "do": "run"})
        assert page.status_code == 422
        told = {field.of.key for field in page.context["table"].rows[0].fields if field.problems}
        assert told == {place}
        assert [field.typed for field in page.context["table"].rows[0].fields if field.of.key == "default"] == ["6%"]
    assert not NotesRun.objects.exists()


def test_a_typed_scenario_is_run_and_offered_again(structure: NoteStructure, desk: Client):
    url = reverse("notes-run-new", args=[structure.code])
    desk.post(url, {**GRID, **ROW, "do": "run"})
    run = NotesRun.objects.get()
    assert [each["name"] for each in run.terms["scenarios"]] == ["Recession"]
    work(run.code)
    run.refresh_from_db()
    [found] = run.summary["scenarios"]
    base = {each["code"]: each["loss_amount"] for each in run.summary["classes"]}
    assert all(each["loss_amount"] >= base[each["code"]] - 1e-9 for each in found["classes"])
    assert any(each["loss_amount"] > base[each["code"]] + 1.0 for each in found["classes"])
    rows = desk.get(url).context["table"].rows
    assert [field.typed for field in rows[0].fields if field.of.key in {"name", "default"}] == ["Recession", "6"]


def test_a_run_tells_what_equity_earns(structure: NoteStructure, desk: Client):
    url = reverse("notes-run-new", args=[structure.code])
    desk.post(url, {**GRID, "scenarios.count": "0", "do": "run"})
    run = NotesRun.objects.get()
    work(run.code)
    run.refresh_from_db()
    deal = engine_deal(latest_version(structure))
    equity = run.summary["equity"]
    reserve, notes = deal.structure.reserve.initial_amount, deal.structure.notes_amount
    assert equity["amount"] == pytest.approx(1_000_000.0 + reserve - notes)
    paid = run_of(deal, deal.behaviour).residual
    assert equity["paid_amount"] == pytest.approx(float(paid.sum()))
    worth = sum(amount / (1.0 + equity["yield_rate"]) ** (k / 4.0) for k, amount in enumerate(paid, start=1))
    assert worth == pytest.approx(equity["amount"], rel=1e-9)
    page = desk.get(reverse("notes-run", args=[run.code])).content.decode()
    assert "Equity puts in" in page
