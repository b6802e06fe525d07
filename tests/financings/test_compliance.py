"""The compliance report: every check with its limit's own source, and the same facts as the financing's page."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from engine.stress import run_scenarios
from financings.compliance import ComplianceReport
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.services.request_simulation import request_simulation
from jobs.work import work
from permutations.models import Run
from permutations.results import rows_of
from ratings.seeding import load_document
from ratings.services.scenario_sets import create_scenario_set, share_scenario_set
from tests.financings.cast import opened, report_of

SignIn = Callable[[User], Client]


@pytest.fixture
def report(best: Financing) -> ComplianceReport:
    return report_of(best)


def first_index(run: Run, gate: int) -> int:
    rows = rows_of(run, range(run.evaluated_count))
    return next(index for index in sorted(rows) if rows[index]["gate"] == gate)


def test_it_says_under_what_it_was_judged(report: ComplianceReport, done: Run) -> None:
    rules = done.rule_set
    assert (report.rule_set["family"], report.rule_set["version"], report.rule_set["hash"]) == (
        rules.family,
        rules.version,
        rules.content_hash,
    )
    assert report.snapshot["hash"] == done.snapshot.content_hash
    assert report.engine_version == done.engine_version
    assert report.verdict["rank"] == 1
    assert report.verdict["passed"]
    assert (report.jurisdiction, report.currency) == ("UK", "GBP")


def test_every_limit_is_the_reference_rows_with_its_source(report: ComplianceReport) -> None:
    content: dict[str, Any] = load_document("uk_eu_us_v2.json")["content"]
    rows = {row["rating"]: row for row in content["criteria"] if row["jurisdiction"] == "UK"}
    fields = ("dscr_minimum", "dscr_average", "max_advance_ratio", "max_tenor_years", "llcr", "icr")
    sections = {section.code.removeprefix("rating_"): section for section in report.sections}
    assert set(rows) < set(sections)
    for rating, row in rows.items():
        checks = {check.code: check for check in sections[rating].checks}
        for number, field in enumerate(fields, start=1):
            check, said = checks[f"criterion_{number}"], row["sources"][field]
            assert (check.limit, check.provenance, check.source) == (row[field], said["provenance"], said["source"])
            assert isinstance(check.value, float | int)
            expected = check.value / row[field] - 1 if number in (1, 2, 5, 6) else 1 - check.value / row[field]
            assert check.headroom_ratio == pytest.approx(expected, abs=1e-12)
            assert check.passed == (expected >= -1e-9)
        assert sections[rating].passed == all(check.passed for check in list(checks.values())[:8])


def test_no_check_is_without_provenance(done: Run) -> None:
    for gate in (0, 1, 2):
        report = report_of(opened(done, first_index(done, gate)))
        for section in report.sections:
            assert all(check.provenance and check.source for check in section.checks), section.title


def test_what_binds_is_the_judged_ratings_own(report: ComplianceReport) -> None:
    (judged,) = [section for section in report.sections if section.is_judged]
    assert judged.title.endswith(report.verdict["judged_at"])
    (binding,) = [check for check in judged.checks if check.is_binding]
    assert report.binding == binding
    numeric = [check.headroom_ratio for check in judged.checks if check.headroom_ratio is not None]
    assert binding.headroom_ratio == min(numeric)


def test_a_failure_says_why_and_what_would_cure_it(done: Run) -> None:
    report = report_of(opened(done, first_index(done, 1)))
    assert not report.verdict["passed"]
    assert report.verdict["reason"]
    assert report.remediation.target_rating == done.terms["minimum_rating"]
    assert report.remediation.cures
    for move in report.remediation.single_moves:
        assert move.move_steps > 0


def test_what_stops_at_gate_a_fails_there(done: Run) -> None:
    report = report_of(opened(done, first_index(done, 0)))
    (gate_a,) = [section for section in report.sections if section.code == "gate_a"]
    assert not gate_a.passed
    assert any(not check.passed for check in gate_a.checks)
    assert report.verdict["gate"] == "Stopped at Gate A"
    assert report.verdict["reason"]


def test_stress_and_collateral_are_in_it(report: ComplianceReport, done: Run) -> None:
    metrics = done.summary["best"]["metrics"]
    assert report.stress.scenario_count == sum(report.stress.rating_counts.values()) > 1
    assert report.stress.worst_dscr == pytest.approx(metrics["worst_stressed_dscr"])
    assert report.stress.notches_lost == metrics["notches_lost"]
    assert "Bank of England" in {item.bank for item in report.repo}
    assert all(check.source for item in report.repo for check in item.criteria)


def finite(node: Any) -> bool:
    if isinstance(node, dict):
        return all(finite(value) for value in node.values())
    if isinstance(node, list):
        return all(finite(value) for value in node)
    return not isinstance(node, float) or math.isfinite(node)


@pytest.mark.parametrize("gate", [0, 1, 2])
def test_page_and_file_agree(done: Run, sponsor: User, signed_in: SignIn, gate: int) -> None:
    financing = opened(done, first_index(done, gate))
    client = signed_in(sponsor)
    file = client.get(reverse("compliance-data", args=[financing.code]))
    data = json.loads(file.content)
    assert data == report_of(financing).as_dict()
    assert finite(data)
    page = client.get(reverse("compliance", args=[financing.code])).content.decode()
    assert done.rule_set.content_hash in page
    for section in data["sections"]:
        assert (escape(section["title"]) in page) == bool(section["checks"])
    detail = client.get(reverse("financing", args=[financing.code])).content.decode()
    assert reverse("compliance", args=[financing.code]) in detail
    assert "Rule book of the source platform: longest tenor, two years before the lease ends" in detail


def test_the_rating_stands_in_each_agencys_letters(report: ComplianceReport) -> None:
    letters = {"AAA": "Aaa", "AA": "Aa2", "A": "A2", "A-": "A3", "BBB": "Baa2", "BBB-": "Baa3", "BB": "Ba2"}
    rating = report.verdict["rating"]
    assert report.rating_symbols == {"S&P": rating, "Moody's": letters[rating], "Fitch": rating}


def test_the_latest_simulation_is_in_the_report(best: Financing, done: Run, admin: User) -> None:
    assert report_of(best).simulation is None
    for seed in (1, 2):
        made = request_simulation(by=admin, financing=best, terms={"paths": 100, "seed": seed}, enqueue=False)
        work(made.code)
    request_simulation(by=admin, financing=best, terms={"paths": 100, "seed": 3}, enqueue=False)
    other = request_simulation(
        by=admin,
        financing=opened(done, done.summary["best"]["index"] - 1 or 1),
        terms={"paths": 100, "seed": 4},
        enqueue=False,
    )
    work(other.code)
    found = report_of(best).simulation
    made.refresh_from_db()
    assert found
    assert (found.seed, found.paths, found.code) == (2, 100, str(made.code))
    assert found.below_one_ratio == made.summary["below_one"]["mean"]
    assert [t.default_probability for t in found.tranches] == [
        t["default_probability"]["mean"] for t in made.summary["tranches"]
    ]


def test_sets_of_scenarios_are_evaluated_for_their_readers(
    best: Financing, admin: User, sponsor: User, internal: User, signed_in: SignIn
) -> None:
    mine = create_scenario_set(by=sponsor, name="Mine", scenarios=[{"name": "Late", "delay_months": 6}])
    shared = create_scenario_set(by=admin, name="House", scenarios=[{"name": "Dear", "opex_overrun_ratio": 0.2}])
    hidden = create_scenario_set(by=admin, name="Hidden", scenarios=[{"name": "Slow", "delay_months": 3}])
    share_scenario_set(by=admin, scenario_set=shared, is_shared=True)
    url = reverse("compliance-data", args=[best.code])

    def sets(person: User, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(signed_in(person).get(url, asked).content)["scenario_sets"]
        return found

    assert [each["name"] for each in sets(sponsor)] == ["Mine"]
    assert sets(internal) == []
    asked = sets(sponsor, set=[str(shared.code), str(hidden.code), "none"])
    assert [each["name"] for each in asked] == ["House"]
    assert sets(sponsor, set="none") == []
    (late,) = run_scenarios(Evaluation(best).deal, mine.terms()).outcomes
    (line,) = sets(sponsor)[0]["scenarios"]
    assert (line["name"], line["dscr_minimum"], line["rating"]) == ("Late", late.dscr_minimum, late.rating)
    page = signed_in(sponsor).get(reverse("compliance", args=[best.code])).content.decode()
    assert "Scenarios: Mine" in page
