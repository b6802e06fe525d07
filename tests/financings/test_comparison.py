"""Financings side by side, of one run and of two projects; the list of them; the workbook."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from financings.comparison import compared
from financings.evaluation import evaluations
from financings.models import Financing, FinancingComparison
from financings.services.type_financing import type_financing
from permutations.models import Run
from projects.models import Project
from projects.services import duplicate_project
from tests.api.cast import Program
from tests.financings.cast import opened
from tests.projects.reviewed import approved

SignIn = Callable[[User], Client]


@pytest.fixture
def elsewhere(project: Project, admin: User) -> Financing:
    """A financing of another project, of Ada's own."""
    copy = approved(duplicate_project(by=admin, project=project), by=admin)
    return type_financing(by=admin, project=copy, levers={"senior_tenor_years": 12}, title="The other campus")


def asked(*financings: Financing) -> list[tuple[str, str]]:
    return [("of", str(each.code)) for each in financings]


def test_from_a_run_to_the_comparison(done: Run, sponsor: User, signed_in: SignIn) -> None:
    best = int(done.summary["best"]["index"])
    answer = signed_in(sponsor).get(reverse("run-compare", args=[done.code]), {"index": [best, 0]}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    for index in (best, 0):
        assert str(opened(done, index)) in page


def test_across_projects_and_who_may(
    best: Financing, elsewhere: Financing, admin: User, sponsor: User, signed_in: SignIn
) -> None:
    query = {"of": [str(best.code), str(elsewhere.code)]}
    page = signed_in(admin).get(reverse("compare"), query).content.decode()
    assert "The other campus" in page
    assert page.count("is-different") > 3
    assert signed_in(sponsor).get(reverse("compare"), query).status_code == 404
    assert signed_in(sponsor).get(reverse("compare-workbook"), query).status_code == 404


def test_the_worst_scenario_is_named(best: Financing, elsewhere: Financing) -> None:
    pair = evaluations([best, elsewhere])
    [line] = [row for _, rows in compared(pair) for row in rows if row.label == "Worst scenario"]
    told = [cell.text for cell, _ in line.cells]
    lowest = [min(each.detail.stress, key=lambda row: row.stressed_dscr or 0.0) for each in pair]
    assert told == list(line.values) == [row.scenario.label for row in lowest]
    assert not any(text.isdigit() for text in told)


def test_what_differs_is_what_differs(best: Financing, done: Run, admin: User) -> None:
    levers = {**best.choice, "equity_irr_rate": 0.3}
    other = type_financing(by=admin, project=best.project, levers=levers, terms=best.terms)
    groups = dict(compared(evaluations([best, other])))
    assert not any(row.differs for row in groups["Terms"])
    assert [row.label for row in groups["Levers"] if row.differs] == ["Equity IRR target"]
    [value] = [row for row in groups["Value"] if row.label == "Day-one value"]
    assert value.differs
    assert [is_best for _, is_best in value.cells].count(True) == 1
    assert value.values == tuple(each.detail.row["day_one_value"] for each in evaluations([best, other]))


@pytest.mark.parametrize(("number", "status"), [(0, 400), (1, 400), (2, 200), (6, 200), (7, 400)])
def test_how_many(number: int, status: int, done: Run, sponsor: User, signed_in: SignIn) -> None:
    chosen = [str(opened(done, index).code) for index in range(number)]
    for name in ("compare", "compare-workbook"):
        assert signed_in(sponsor).get(reverse(name), {"of": chosen}).status_code == status


@pytest.mark.parametrize("noise", ["", "x", "0" * 400, "00000000-0000-4000-8000-000000000000", "<b>"])
def test_nonsense_is_not_there(noise: str, best: Financing, sponsor: User, signed_in: SignIn) -> None:
    answer = signed_in(sponsor).get(reverse("compare"), {"of": [str(best.code), noise]})
    assert answer.status_code == 404


def test_the_workbook_holds_numbers_and_no_formula(
    best: Financing, elsewhere: Financing, admin: User, signed_in: SignIn
) -> None:
    answer = signed_in(admin).get(reverse("compare-workbook"), {"of": [str(best.code), str(elsewhere.code)]})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in book["Comparison"].iter_rows()}
    unit, one, other, differs = rows["Day-one value"][:4]
    assert (unit, differs) == (best.currency, "yes")
    first, second = evaluations([best, elsewhere])
    assert [one, other] == pytest.approx([first.detail.row["day_one_value"], second.detail.row["day_one_value"]])
    assert rows["Figure"][1:3] == [str(best), "The other campus"]
    assert rows["Financing, SHA-256"][1] == best.content_hash
    assert not any(cell.data_type == "f" for row in book["Comparison"].iter_rows() for cell in row)


def test_the_lists(best: Financing, elsewhere: Financing, sponsor: User, admin: User, signed_in: SignIn) -> None:
    client = signed_in(sponsor)
    page = client.get(reverse("financings-list", args=[best.project.code])).content.decode()
    assert str(best) in page
    assert "The other campus" not in page
    assert "Type one financing" not in page
    assert "The other campus" not in client.get(reverse("financings")).content.decode()
    everything = signed_in(admin).get(reverse("financings")).content.decode()
    assert str(best) in everything
    assert "The other campus" in everything
    assert (
        "Type one financing"
        in signed_in(admin).get(reverse("project-detail", args=[best.project.code])).content.decode()
    )


def test_kept_noted_found_again_shared_and_dropped(
    best: Financing, done: Run, sponsor: User, other_sponsor: User, internal: User, signed_in: SignIn
) -> None:
    other = opened(done, 0 if int(done.summary["best"]["index"]) else 1)
    client = signed_in(sponsor)
    kept_at = client.post(reverse("comparison-keep"), {"of": [best.code, other.code], "name": " Two  tenors "})
    kept = FinancingComparison.objects.get()
    assert (kept.name, kept_at.headers["Location"]) == ("Two tenors", reverse("comparison", args=[kept.code]))
    again = client.post(reverse("comparison-keep"), {"of": [best.code, other.code], "name": "Two tenors"}, follow=True)
    assert "you have a comparison called Two tenors" in again.content.decode()
    form = {"name": "Tenors", "note": "For the committee.", "is_starred": "yes"}
    page = client.post(reverse("comparison-note", args=[kept.code]), form, follow=True).content.decode()
    assert "For the committee." in page
    assert str(other) in page
    assert "Tenors" in client.get(reverse("find"), {"q": "committee"}).content.decode()
    assert "Tenors" in client.get(reverse("financings")).content.decode()
    assert "Kept by" in signed_in(internal).get(kept_at.headers["Location"]).content.decode()
    assert signed_in(other_sponsor).get(kept_at.headers["Location"]).status_code == 404
    assert signed_in(internal).post(reverse("comparison-drop", args=[kept.code])).status_code == 403
    client.post(reverse("comparison-drop", args=[kept.code]))
    assert not FinancingComparison.objects.exists()
    told = AuditEntry.objects.filter(action__startswith="financing_comparison").values_list("action", flat=True)
    assert sorted(each.partition(".")[2] for each in told) == ["dropped", "kept", "noted"]


def test_a_program_keeps_and_notes_them(best: Financing, done: Run, sponsor: User, other_sponsor: User) -> None:
    other = opened(done, 0 if int(done.summary["best"]["index"]) else 1)
    program = Program(sponsor, ["read", "write"])
    made = program.post("comparisons/financings", {"of": [str(best.code), str(other.code)], "name": "Pair"}).json()
    address = f"comparisons/financings/{made['code']}"
    noted = program("patch", f"/api/v1/{address}", {"note": "Because."}).json()
    assert (noted["name"], noted["note"], noted["of"]) == ("Pair", "Because.", [str(best.code), str(other.code)])
    assert [each["name"] for each in program.get("comparisons/financings").json()["items"]] == ["Pair"]
    assert program.post("comparisons/financings", {"of": [str(best.code)], "name": "One"}).status_code == 422
    assert Program(other_sponsor, ["read"]).get(address).status_code == 404
