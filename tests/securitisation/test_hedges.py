"""The issuer's own swaps on a structure: typed, told and compared, run and valued, booked as trades, in the papers and by API."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents.facts.marks import Marks
from documents.rendering.templating import day_short
from engine.errors import InputProblems
from engine.notes.content import read_structure
from lib.errors import Invalid
from lib.figures import amount
from ratings.models import MarketSet
from ratings.services import seed_market_sets, seed_rule_sets
from reconciliation.models import FileState, ReceivedFile
from securitisation import editor
from securitisation.differences import differences
from securitisation.hedging import hedge_lines, issuer_trades
from securitisation.models import NoteStructure, StructureVersion
from securitisation.papers.facts import facts_of
from securitisation.papers.presentation import presentation_of
from securitisation.papers.report import report_of
from securitisation.queries import latest_version
from securitisation.services.book_hedges import book_hedges
from securitisation.services.write_structure import change_structure
from securitisation.translate import engine_deal
from tests.securitisation.cast import finished_run, tape_structure
from tests.securitisation.test_papers import text_of

pytestmark = pytest.mark.django_db
SWAP: dict[str, Any] = {
    "code": "S", "name": "Rate swap", "kind": "rate", "notional_amount": 500_000.0, "fixed_rate": 0.045, "ends_months": 24,
    "counterparty": "Quay Bank",
}  # fmt: skip
INFLATION: dict[str, Any] = {
    "code": "I", "name": "Inflation swap", "kind": "zcis", "side": "receive", "notional_amount": 200_000.0, "fixed_rate": 0.03,
    "inflation_rate": 0.025, "ends_months": 24,
}  # fmt: skip
RETURN: dict[str, Any] = {
    "code": "T", "name": "Return swap", "kind": "trs", "notional_kind": "pool", "notional_ratio": 0.25, "margin_bps": 150.0, "ends_months": 12,
}  # fmt: skip


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    """The proposal for two loans."""
    return tape_structure(admin)


@pytest.fixture
def market(db: None) -> MarketSet:
    """The house's market set, in force."""
    seed_rule_sets()
    (seeded,) = seed_market_sets()
    return seeded


def plain(text: str) -> str:
    """The text with plain spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def with_swaps(by: User, structure: NoteStructure, *swaps: dict[str, Any]) -> StructureVersion:
    """The next version, with swaps paid ahead of everything and an index of 3%."""
    before = latest_version(structure)
    steps = [each for each in before.content["interest_steps"] if each["kind"] != "hedge"]
    lines = [{"kind": "hedge", "target": each["code"], "when": "always"} for each in swaps]
    content = {**before.content, "index_rate": 0.03, "hedges": list(swaps), "interest_steps": [*lines, *steps]}
    return change_structure(by=by, structure=structure, content=content, behaviour=before.behaviour)


def form_of(version: StructureVersion) -> dict[str, str]:
    typed = editor.typed_of(version.content, version.behaviour)
    sent = {f"{name}.{key}": text for name, texts in typed.groups.items() for key, text in texts.items()}
    for key, rows in typed.rows.items():
        sent[f"{key}.count"] = str(len(rows))
        sent |= {f"{key}.{n}.{field}": text for n, row in enumerate(rows) for field, text in row.items()}
    return sent | {"pool": str(version.pool.code), "based_on": str(version.number)}


def test_a_swap_is_typed_told_and_compared(structure: NoteStructure, admin: User, client: Client) -> None:
    client.force_login(admin)
    url, first = reverse("structure-edit", args=[structure.code]), latest_version(structure)
    added = client.post(url, {**form_of(first), "do": "add:hedges"})
    assert "Swap, by its named leg" in added.content.decode()
    row = {
        "code": "S", "name": "Rate swap", "kind": "rate", "side": "pay", "notional_kind": "amount", "notional_amount": "500,000",
        "fixed_rate": "4.5 %", "ends_months": "24", "day_count": "ACT/360",
    }  # fmt: skip
    sent = {**form_of(first), "hedges.count": "1", **{f"hedges.0.{key}": text for key, text in row.items()}}
    refused = client.post(url, {**sent, "do": "save"})
    assert refused.status_code == 422
    assert "No step pays hedge S." in refused.content.decode()
    rows = editor.typed_of(first.content, first.behaviour).rows["interest_steps"]
    steps = [rows[0], {"kind": "hedge", "target": "S", "when": "always"}, *rows[1:]]
    sent |= {f"interest_steps.{n}.{key}": text for n, each in enumerate(steps) for key, text in each.items()}
    assert client.post(url, {**sent, "interest_steps.count": str(len(steps)), "do": "save"}).status_code == 302
    second = latest_version(structure)
    assert ("Hedges of the issuer: S", "Hedge") in {(each.place, each.field) for each in differences(first, second)}
    page = plain(client.get(reverse("structure", args=[structure.code])).content.decode())
    assert "Interest rate swap on GBP 500,000: the issuer pays 4.50% and receives the index" in page
    assert "what the issuer owes net on Rate swap" in page
    assert client.post(url, {**form_of(second), "do": "save"}).status_code == 422  # nothing differs


def test_words_of_each_kind(structure: NoteStructure, admin: User) -> None:
    swap = {**SWAP, "default_months": 12, "termination_amount": -5_000.0}
    basis = {
        **SWAP,
        "code": "B",
        "name": "Basis",
        "kind": "basis",
        "basis_bps": 20.0,
        "side": "receive",
        "notional_kind": "class",
        "notional_class": "A",
    }
    version = with_swaps(admin, structure, swap, INFLATION, {**RETURN, "counterparty": ""}, basis)
    said = {name: plain(words) for name, words in hedge_lines(engine_deal(version).structure)}
    assert "with Quay Bank; the counterparty is assumed to default after" in said["Rate swap"]
    assert said["Rate swap"].endswith("when GBP 5,000 is owed to the issuer")
    assert (
        "pays inflation's growth (2.50% a year in the base case) and receives growth of 3.00% a year, once"
        in said["Inflation swap"]
    )
    assert said["Return swap"].startswith(
        "Total return swap on 25.0% of the pool: the issuer pays interest less losses of it and receives the index + 150 bps"
    )
    assert (
        "on Class A: the issuer pays the index and receives the other index (the index + 20 bps in the base case)"
        in said["Basis"]
    )


def test_a_run_has_what_swaps_cost_and_are_worth(
    structure: NoteStructure, market: MarketSet, admin: User, client: Client
) -> None:
    with_swaps(admin, structure, SWAP, INFLATION, RETURN)
    run = finished_run(admin, structure)
    kept = run.summary["hedges"]
    assert kept["market"] == str(market)
    swap = kept["swaps"][0]
    assert swap["paid_amount"] == pytest.approx(500_000 * 0.015 * 2)
    assert sum(swap["paid"]) == pytest.approx(swap["paid_amount"])
    worth = swap["worth"]
    legs = worth["named_leg_value_amount"] + worth["other_leg_value_amount"]
    assert worth["value_amount"] == pytest.approx(legs)
    assert len(worth["exchanges"]) == 8
    assert {each["of"] for each in kept["swaps"][1]["worth"]["bumps"]} == {"zero rates", "breakevens"}
    client.force_login(admin)
    page = client.get(reverse("notes-run", args=[run.code])).content.decode()
    assert f"Worth to the issuer at closing under {market}" in page
    assert "Return swap: schedule and sensitivities" in page
    payments = client.get(reverse("notes-payments", args=[run.code])).content.decode()
    assert "What the counterparties of hedges pay net is added to the income available" in payments


def test_a_run_without_swaps_says_nothing_of_them(structure: NoteStructure, admin: User, client: Client) -> None:
    run = finished_run(admin, structure)
    assert run.summary["hedges"] is None
    client.force_login(admin)
    assert "Hedges of the issuer" not in client.get(reverse("notes-run", args=[run.code])).content.decode()


def trades_of(file: ReceivedFile) -> dict[str, dict[str, Any]]:
    return {each.reference: each.values for each in file.records.all()}


def test_the_swaps_are_trades_that_reconciliation_reads(structure: NoteStructure, admin: User, client: Client) -> None:
    version = with_swaps(admin, structure, SWAP, INFLATION, RETURN)
    client.force_login(admin)
    answer = client.post(reverse("structure-hedges", args=[structure.code]), follow=True)
    assert "3 trades booked in reconciliation." in answer.content.decode()
    file = ReceivedFile.objects.get(origin_code=structure.code)
    assert (file.refused_count, file.business_date.isoformat()) == (0, version.content["closing_date"])
    name, trades = version.content["code"], trades_of(file)
    swap, inflation, back = (trades[f"{name}-{code}"] for code in "SIT")
    assert (swap["product"], swap["side"], swap["rate"], swap["counterparty"]) == (
        "swap",
        "PAY_FIXED",
        "0.045",
        "Quay Bank",
    )
    assert "counterparty" not in swap["open_terms"]
    assert (inflation["product"], inflation["side"], inflation["notional"]) == ("zcis", "RECEIVE_FIXED", "200000.00")
    assert {"counterparty", "index", "initial_index"} <= set(inflation["open_terms"].split())
    assert (back["product"], back["side"], back["spread"], back["notional"]) == ("trs", "SHORT", "0.015", "250000.00")
    assert book_hedges(by=admin, structure=structure) == ([file], [])


def test_a_later_version_supersedes_the_trades_of_an_earlier(structure: NoteStructure, admin: User) -> None:
    with_swaps(admin, structure, SWAP)
    [first], _ = book_hedges(by=admin, structure=structure)
    with_swaps(admin, structure, {**SWAP, "fixed_rate": 0.04})
    [second], _ = book_hedges(by=admin, structure=structure)
    first.refresh_from_db()
    assert (first.state, second.state) == (FileState.SUPERSEDED, FileState.READ)
    with_swaps(admin, structure)
    assert book_hedges(by=admin, structure=structure) == ([], [])
    second.refresh_from_db()
    assert second.state == FileState.SUPERSEDED


def test_a_structure_without_any_swap_books_none(structure: NoteStructure, admin: User) -> None:
    with pytest.raises(Invalid, match="the issuer has no swap"):
        book_hedges(by=admin, structure=structure)


def test_a_basis_swap_leaves_its_rate_open(structure: NoteStructure, admin: User) -> None:
    basis = {
        **SWAP,
        "kind": "basis",
        "basis_bps": 20.0,
        "margin_bps": 5.0,
        "notional_kind": "class",
        "notional_class": "A",
        "notional_ratio": 0.5,
    }
    version = with_swaps(admin, structure, basis)
    [trade] = issuer_trades(engine_deal(version))
    assert (trade["product"], trade["spread"]) == ("swap", "0.0005")
    assert {"rate", "index"} <= set(trade["open_terms"].split())
    assert float(trade["notional"]) == pytest.approx(0.5 * version.content["classes"][0]["balance_amount"])
    [file], _ = book_hedges(by=admin, structure=structure)
    assert file.refused_count == 0


@pytest.mark.usefixtures("market")
def test_papers_name_the_issuers_swaps(structure: NoteStructure, admin: User) -> None:
    before = with_swaps(admin, structure, SWAP)
    content = json.loads(json.dumps(before.content))
    content["classes"][0]["legal_final_months"] = 30
    change_structure(by=admin, structure=structure, content=content, behaviour=before.behaviour)
    facts = facts_of(finished_run(admin, structure), Marks(), 1)
    [(name, words)] = facts.hedges
    assert name == "Rate swap"
    assert "In the base case GBP 15,000 is paid net; worth " in plain(words)
    finals = [day_short(each["legal_final"]) for each in facts.classes]
    assert finals[0] != finals[1]
    for file, made in (("a.pdf", report_of(facts)), ("a.pptx", presentation_of(facts))):
        said = " ".join(plain(text_of(file, made)).split())
        for part in ("Rate swap", "Quay Bank", "In the base case GBP 15,000 is paid net", *finals):
            assert part in said, (file, part)
    assert "Hedges of the issuer" in said
    assert "Swap counterparties" in said


def test_the_api_takes_and_gives_swaps(structure: NoteStructure, admin: User, client: Client) -> None:
    client.force_login(admin)
    before = latest_version(structure)
    line = {"kind": "hedge", "target": "S"}
    content = {**before.content, "hedges": [SWAP], "interest_steps": [line, *before.content["interest_steps"]]}
    url = f"/api/v1/structures/{structure.code}/versions"
    body = {"content": content, "behaviour": before.behaviour, "based_on": 1}
    faulty = {**body, "content": {**content, "hedges": [{**SWAP, "ends_months": 0}]}}
    refused = client.post(url, json.dumps(faulty), content_type="application/json")
    assert refused.status_code in {400, 422}
    assert "hedges.0.ends_months" in refused.content.decode()
    answer = client.post(url, json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["content"]["hedges"][0]["code"] == "S"
    with pytest.raises(InputProblems):
        read_structure(faulty["content"])


def test_swaps_are_valued_on_a_later_day_under_a_chosen_set(
    structure: NoteStructure, market: MarketSet, admin: User, client: Client
) -> None:
    with_swaps(admin, structure, SWAP, INFLATION)
    run = finished_run(admin, structure)
    client.force_login(admin)
    assert (
        reverse("notes-hedges", args=[run.code]) in client.get(reverse("notes-run", args=[run.code])).content.decode()
    )
    day = run.summary["paths"]["dates"][3]
    page = client.get(reverse("notes-hedges", args=[run.code]), {"on": day, "market_set": str(market.code)})
    told = client.get(f"/api/v1/notes-runs/{run.code}/hedges", {"on": day, "market_set": str(market.code)}).json()
    assert (told["on"], told["market_set"]) == (day, str(market.code))
    at_closing = {each["code"]: each["worth"]["value_amount"] for each in run.summary["hedges"]["swaps"]}
    for swap in told["swaps"]:
        assert swap["worth"]["value_amount"] != at_closing[swap["code"]]
        assert all(each["payment_date"] > day for each in swap["worth"]["exchanges"])
        assert amount(swap["worth"]["value_amount"]) in page.content.decode()
    default = client.get(f"/api/v1/notes-runs/{run.code}/hedges").json()
    assert {each["code"]: each["worth"]["value_amount"] for each in default["swaps"]} == pytest.approx(at_closing)


@pytest.mark.usefixtures("market")
def test_a_day_before_the_closing_or_none_is_refused(structure: NoteStructure, admin: User, client: Client) -> None:
    bare = finished_run(admin, structure)
    with_swaps(admin, structure, SWAP)
    run = finished_run(admin, structure)
    client.force_login(admin)
    for typed, words in (("1999-01-01", "or a day after it"), ("soon", "expected a date")):
        page = client.get(reverse("notes-hedges", args=[run.code]), {"on": typed})
        assert page.status_code == 422
        assert words in page.content.decode()
        assert client.get(f"/api/v1/notes-runs/{run.code}/hedges", {"on": typed}).status_code in {400, 422}
    assert client.get(reverse("notes-hedges", args=[run.code]), {"market_set": "x"}).status_code == 404
    assert client.get(reverse("notes-hedges", args=[bare.code])).status_code == 404
