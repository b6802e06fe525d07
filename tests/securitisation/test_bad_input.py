"""Bad input by every way in: the form, the API, a tape. Each fault stands at its place, and what is sound is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from financings.models import Financing
from financings.services.type_financing import type_financing
from projects.demo import demo_document
from projects.services import create_project
from ratings.services import seed_market_sets, seed_rule_sets
from securitisation.models import LoanPool, NoteStructure, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.tapes import open_tape, take_tape
from tests.api.cast import Program
from tests.projects.reviewed import approved
from tests.securitisation.cast import HEADER, tape_structure
from tests.securitisation.test_room import form_of

pytestmark = pytest.mark.django_db
LOOP = {"code": "loop", "kind": "any", "of": ["loop"]}
FAULTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "unknown class": ("interest_steps.1.target", "unknown", {"interest_steps": {1: {"target": "Z"}}}),
    "circular": ("triggers.0.of", "circular", {"triggers": [LOOP]}),
    "currency": ("currency", "mixed_currencies", {"currency": "EUR"}),
    "negative": ("classes.0.balance_amount", "out_of_range", {"classes": {0: {"balance_amount": -1.0}}}),
    "no date": ("closing_date", "not_a_date", {"closing_date": "2027-02-30"}),
}


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    return tape_structure(admin)


def changed(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Terms with rows of tables, by number, or whole parts changed."""
    found: dict[str, Any] = json.loads(json.dumps(content))
    for key, change in changes.items():
        if isinstance(change, dict):
            for number, row in change.items():
                found[key][number].update(row)
        else:
            found[key] = change
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_the_api_names_each_fault_at_its_place(structure: NoteStructure, admin: User, fault: str):
    place, code, changes = FAULTS[fault]
    version = latest_version(structure)
    body = {"content": changed(version.content, changes), "behaviour": version.behaviour, "based_on": version.number}
    answer = Program(admin).post(f"structures/{structure.code}/versions", body)
    assert answer.status_code == 422
    told = {(each["code"], each["place"].removeprefix("content.")) for each in answer.json()["problems"]}
    assert (code, place) in told, told
    assert StructureVersion.objects.filter(structure=structure).count() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("interest_steps.1.target", "Z"),
        ("classes.0.balance_amount", "-1"),
        ("terms.closing_date", "2027-02-30"),
    ],
)
def test_the_form_names_each_fault_and_keeps_what_was_typed(
    structure: NoteStructure, admin: User, client: Client, field: str, typed: str
):
    client.force_login(admin)
    sent = form_of(structure)
    assert field in sent
    answer = client.post(reverse("structure-edit", args=[structure.code]), {**sent, field: typed, "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert StructureVersion.objects.filter(structure=structure).count() == 1


def test_the_form_names_triggers_that_wait_for_each_other(structure: NoteStructure, admin: User, client: Client):
    client.force_login(admin)
    sent = form_of(structure)
    code = sent["triggers.0.code"]
    loop = {"triggers.0.kind": "any", "triggers.0.of": code, "do": "save"}
    answer = client.post(reverse("structure-edit", args=[structure.code]), {**sent, **loop})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="triggers.0.of"' in page
    assert "aria-invalid" in page.partition('id="triggers.0.of"')[2].partition(">")[0]


def test_forty_bad_cells_of_ten_thousand_rows_stand_at_their_rows(admin: User, client: Client):
    rows = [f"L{n},GBP,{1000 + n},5%,120,annuity,,,A\n" for n in range(1, 10_001)]
    wrong = ("-5", "GBP", "x", "EUR")
    for k, number in enumerate(range(250, 10_001, 250)):
        cells = rows[number - 1].split(",")
        cells[{0: 2, 1: 3, 2: 4, 3: 1}[k % 4]] = {1: "abc"}.get(k % 4, wrong[k % 4])
        rows[number - 1] = ",".join(cells)
    tape = open_tape(by=admin, name="Many", file_name="many.csv", content=(HEADER + "".join(rows)).encode())
    client.force_login(admin)
    page = client.get(reverse("loan-tape", args=[tape.code])).content.decode()
    names = ("balance_amount", "coupon_rate", "remaining_months", "currency")
    for k, number in enumerate(range(250, 10_001, 250)):
        assert f'name="cell-{number}-{names[k % 4]}"' in page
    assert page.count('name="cell-') == 40
    assert "9,960" in page
    assert len(take_tape(by=admin, tape=tape, leave_out=True).content["loans"]) == 9_960


@pytest.fixture
def two_currencies(admin: User) -> list[Financing]:
    """A financing in sterling, and one of the same campus in yen."""
    seed_rule_sets()
    seed_market_sets()
    inputs = demo_document(timezone.localdate())["inputs"]

    def financing(currency: str) -> Financing:
        made = create_project(by=admin, title=f"{currency} campus", inputs={**inputs, "currency": currency})
        return type_financing(by=admin, project=approved(made, by=admin), levers={})

    return [financing("GBP"), financing("JPY")]


def test_loans_of_two_currencies_make_no_pool_and_stay_chosen(
    two_currencies: list[Financing], admin: User, client: Client
):
    client.force_login(admin)
    sent = {"name": "Two currencies", "financing": [str(each.code) for each in two_currencies]}
    answer = client.post(reverse("structure-new"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "one pool has one currency, these are in GBP and JPY" in page
    assert 'value="Two currencies"' in page
    for financing in two_currencies:
        assert f'value="{financing.code}" checked' in page
    assert not LoanPool.objects.exists()


def test_a_loan_of_another_currency_is_named_in_its_row_and_can_be_left_out(admin: User, client: Client):
    mixed = HEADER + "".join(f"L{n},{'EUR' if n == 3 else 'GBP'},1000,6%,24,annuity,,,\n" for n in range(1, 6))
    tape = open_tape(by=admin, name="Mixed", file_name="mixed.csv", content=mixed.encode())
    client.force_login(admin)
    page = client.get(reverse("loan-tape", args=[tape.code])).content.decode()
    assert "the tape is in GBP, this loan in EUR" in page
    assert 'name="cell-3-currency"' in page
    assert len(take_tape(by=admin, tape=tape, leave_out=True).content["loans"]) == 4
