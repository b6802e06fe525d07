"""What a credit officer retraces: cash, value and cover from the inputs, stress by what it costs, warnings up front."""

import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pdfplumber
import pytest

from documents.facts import PackFacts
from documents.facts.derivation import derivations_of
from documents.facts.stress import loss_lines, losses_of, worst_first
from documents.kinds import kind_of
from documents.kinds.paper import warnings_of
from documents.rendering.pdf import render_pdf
from engine.deal.detail import StressRow
from engine.deal.setting import Scenario
from engine.project.calendar import own_close
from lib.figures import money, times
from tests.documents.deals import BALLOON, FULL, facts_of

pytestmark = pytest.mark.django_db


def words_of(code: str, facts: PackFacts) -> str:
    kind = kind_of(code)
    with pdfplumber.open(BytesIO(kind.make(facts, kind.parts(facts)[0]))) as book:
        return " ".join(" ".join(page.extract_text() for page in book.pages).replace("\xa0", " ").split())


# From the inputs to the ratios


def steps(facts: PackFacts) -> dict[str, Any]:
    return {step.label: step.value for group in derivations_of(facts) for step in group.steps}


def test_a_calculator_comes_from_rent_to_value(facts: PackFacts) -> None:
    """48 MW at a PUE of 1.2 are 40 MW; at 100 a kW and month, 90% let: 43.2m; less 20% costs 34.56m; at 6%: 576m."""
    entered = facts.deal.inputs.to_dict()
    inputs = {
        "power": {**entered["power"], "gross_facility_mw": 48.0, "pue": 1.2},
        "revenue": {**entered["revenue"], "rent_basis": "per_kw_month", "rent_amount": 100.0, "occupancy_ratio": 0.9,
                    "opex_ratio": 0.2, "asset_management_fee_rate": 0.01, "replacement_reserve_per_kw_amount": 5.0},
        "valuation": {},
    }  # fmt: skip
    found = steps(facts_of(facts, FULL, {"capitalisation_rate": 0.06}, inputs))
    assert found["IT load"] == pytest.approx(40.0)
    assert found["Gross revenue"] == pytest.approx(43_200_000.0)
    assert found["Net operating income (NOI)"] == pytest.approx(34_560_000.0)
    assert found["Cash for debt service (CFADS)"] == pytest.approx(34_560_000.0 - 345_600.0 - 200_000.0)
    assert found["Value"] == pytest.approx(576_000_000.0)
    assert found["Haircut value"] == pytest.approx(576_000_000.0 * (1.0 - found["Value haircut"]))
    assert found["Senior loan to value"] == pytest.approx(found["Senior notes"] / 576_000_000.0)
    assert found["Total loan to value"] == pytest.approx(found["All debt"] / 576_000_000.0)


def test_the_ratios_retraced_are_those_of_the_run(facts: PackFacts) -> None:
    found, row = steps(facts), facts.detail.row
    for label, name in (
        ("Senior loan to haircut value", "agency_ltv_ratio"), ("Senior loan to value", "appraisal_ltv_ratio"),
        ("Total loan to haircut value", "total_agency_ltv_ratio"), ("Total loan to value", "total_appraisal_ltv_ratio"),
        ("Loan to cost, internal", "loan_to_cost_ratio"), ("Loan to cost, market", "market_loan_to_cost_ratio"),
        ("Debt yield", "debt_yield_ratio"),
    ):  # fmt: skip
        assert found[label] == pytest.approx(row[name], rel=1e-9), label


@pytest.mark.parametrize("levers", [FULL, BALLOON], ids=["sculpted", "interest only"])
def test_cover_of_year_one_is_that_of_the_run(levers: dict[str, Any], facts: PackFacts) -> None:
    own = facts_of(facts, levers)
    found = steps(own)
    assert found["DSCR, year 1"] == pytest.approx(own.detail.dscr_path[0], rel=1e-9)
    if levers is BALLOON:
        assert found["Notional DSCR, year 1"] == pytest.approx(own.detail.row["notional_dscr_minimum"], rel=1e-9)


def test_the_assumptions_say_every_step_and_every_input(facts: PackFacts) -> None:
    own = facts_of(facts, FULL)
    text = words_of("assumptions", own)
    for group in derivations_of(own):
        for step in group.steps:
            assert step.label in text
            if step.unit == "amount":
                assert money(step.value, own.currency).replace("\xa0", " ") in text, step.label
    for label in (
        "Occupancy",
        "Capitalisation rate",
        "Value haircut",
        "Rent on re-letting",
        "Refinance spread",
        "Base CPI",
    ):
        assert label in text
    assert "_" not in text.replace("__", "")


# Stress by what it costs


def scenario_row(number: int, **changes: Any) -> StressRow:
    base: dict[str, Any] = {
        "scenario": Scenario(number, None, 0.0, 0.0, 0, 0, 0), "base_dscr": 1.5, "stressed_dscr": 1.4, "dscr_degradation_ratio": 0.1, "breach_month": 0,
        "recovery_months": 0, "rating": "BBB", "notches_moved": 0, "flags": (), "balloon_shortfall_amount": 0.0,
        "equity_distribution_amount": 0.0, "defaulted": False,
    }  # fmt: skip
    return StressRow(**{**base, **changes})


def test_a_default_goes_before_a_balloon_and_a_balloon_before_cover() -> None:
    low = scenario_row(1, stressed_dscr=0.9)
    balloon = scenario_row(2, stressed_dscr=3.5, balloon_shortfall_amount=118e6)
    smaller = scenario_row(3, stressed_dscr=1.0, balloon_shortfall_amount=5e6)
    default = scenario_row(4, stressed_dscr=3.5, defaulted=True)
    assert worst_first([low, balloon, smaller, default]) == [default, balloon, smaller, low]


def test_what_is_missed_is_counted_and_the_gravest_is_always_told() -> None:
    rows = (
        scenario_row(1),
        scenario_row(2, flags=("LOCK_UP", "DSRA_DRAW"), notches_moved=2),
        scenario_row(
            3, defaulted=True, balloon_shortfall_amount=1.0, flags=("LOCK_UP", "BALLOON_SHORTFALL"), notches_moved=9
        ),
    )
    assert loss_lines(losses_of(rows)) == [
        "senior notes not paid in full when due in 1 of 3",
        "balloon not refinanced in full in 1 of 3",
        "rating lost by a notch or more in 2 of 3",
        "debt service reserve drawn in 1 of 3",
        "cash trapped in 2 of 3",
    ]
    assert loss_lines(losses_of(rows[:1]))[0] == "senior notes not paid in full when due in 0 of 1"


@pytest.mark.parametrize("code", ["executive_summary", "compliance_report"])
def test_page_one_says_in_how_many_scenarios_senior_is_not_paid(code: str, facts: PackFacts) -> None:
    kind = kind_of(code)
    with pdfplumber.open(BytesIO(kind.make(facts, kind.parts(facts)[0]))) as book:
        first = " ".join(book.pages[0].extract_text().split())
    count = sum(row.defaulted for row in facts.detail.stress)
    assert f"enior notes not paid in full when due in {count} of {len(facts.detail.stress)}" in first


# What must be known before reading on


def test_a_close_that_is_not_the_projects_is_said_on_page_one(facts: PackFacts) -> None:
    own = own_close(facts.deal.inputs)
    assert own is not None
    assert any("Dates count from a close on" in each for each in warnings_of(facts))
    assert not any("Dates count" in each for each in warnings_of(replace(facts, close_date=own)))


def test_a_timetable_that_has_begun_is_said(facts: PackFacts) -> None:
    begun = replace(facts, close_date=facts.as_of.date() + timedelta(days=7))
    early = replace(facts, close_date=date(facts.as_of.year + 3, 6, 30))
    assert any("timetable to this close began" in each for each in warnings_of(begun))
    assert not any("timetable" in each for each in warnings_of(early))


def test_a_failed_gate_is_said_on_every_paper(facts: PackFacts) -> None:
    failed = {**facts.report.verdict, "passed": False, "gate": "Stopped at Gate A"}
    own = replace(facts, report=replace(facts.report, verdict=failed))
    assert "did not pass both gates: stopped at gate a" in words_of("executive_summary", own)
    assert not any("gates" in each for each in warnings_of(facts))


# Page design


def test_a_long_table_begins_below_its_heading() -> None:
    """Half a page is free: the heading stands there with the table's first rows, not both on the next page."""
    rows = "".join(f"<tr><td>row {n}</td></tr>" for n in range(40))
    filler = "".join(f"<p>line {n}</p>" for n in range(20))
    paper = {"title": "T", "project": "P", "organisation": "H", "confidentiality": "C", "version": "Draft", "lineage": "L",
             "is_draft": True, "as_of": "2026-01-05T09:30:00", "close_date": "2027-01-31", "currency": "GBP", "about": [],
             "warnings": []}  # fmt: skip
    content = render_pdf({"paper": paper}, f"{filler}<h2>Long</h2><table>{rows}</table>".encode())
    with pdfplumber.open(BytesIO(content)) as book:
        first = book.pages[0].extract_text()
    assert "Long" in first
    assert "row 5" in first


def test_cover_shown_is_that_of_the_ratio_named(facts: PackFacts) -> None:
    own = facts_of(facts, {**BALLOON, "senior_tenor_years": 7})
    text = words_of("executive_summary", own)
    assert "the lower of interest cover and a notional amortising DSCR" in text
    assert times(own.detail.row["dscr_minimum"]) in text


# Sources in words


def test_no_source_of_the_report_is_a_file_or_a_key(facts: PackFacts) -> None:
    """Constants, keys in snake case, names of files: what is ours and says nothing to a reader outside."""
    text = words_of("compliance_report", facts)
    assert re.findall(r"\b\w+\.(?:json|csv)\b", text) == []
    assert re.findall(r"\b[A-Za-z]+_[A-Za-z_]+\b", text) == []
    assert "Rule book of the source platform" in text
    # Names of the press and addresses of sites say nothing of a limit to a bank: the publication does.
    assert re.findall(r"\b\w+\.(?:org|net|com|co\.uk)\b|Payper|Lexology|Risk\.net|row labels", text) == []
    assert not any(tier in text for tier in ("Diamond", "Gold", "Silver", "Bronze"))


def test_a_limit_that_was_worked_out_is_shown_as_a_result(facts: PackFacts) -> None:
    """A fair coupon has ten decimals; what was set has at most four."""
    sections = facts.report.sections
    odd = replace(sections[0].checks[0], unit="rate", value=0.06, limit=0.062361467478, passed=False)
    own = replace(facts.report, sections=(replace(sections[0], checks=(odd, *sections[0].checks[1:])), *sections[1:]))
    text = words_of("compliance_report", replace(facts, report=own))
    assert "6.00% 6.24%" in text
    assert re.findall(r"\d\.\d{5,}", text) == []


def test_what_fails_stands_on_page_one(facts: PackFacts) -> None:
    sections = facts.report.sections
    failing = replace(sections[0].checks[0], passed=False, label="Capex coverage of the test")
    own = replace(
        facts.report, sections=(replace(sections[0], checks=(failing, *sections[0].checks[1:])), *sections[1:])
    )
    kind = kind_of("compliance_report")
    content = kind.make(replace(facts, report=own), kind.parts(facts)[0])
    with pdfplumber.open(BytesIO(content)) as book:
        first = " ".join(book.pages[0].extract_text().split())
    assert "Capex coverage of the test" in first[first.index("What fails") : first.index("Verdict")]
