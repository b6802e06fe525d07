"""Forty questions of a credit officer, answered from the papers of three packs with the engine's own figures."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from documents.facts import PackFacts
from documents.facts.stress import worst_first
from documents.kinds.wording import rate_words
from engine.project.derive import it_load_mw, monthly_rent_amount, operating_year
from engine.stress import DRIVERS
from lib.figures import agreed, amount, millions, money, percent, share, times
from lib.figures import in_unit as figure_in
from lib.text import day_words
from projects.models import Project
from projects.services import create_project
from tests.documents.conftest import facts_of_best
from tests.documents.test_what_readers_retrace import words_of
from tests.permutations.conftest import small_run, worked
from tests.projects.cast import put
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db

DOC = Path(__file__).parents[2] / "docs" / "credit-checklist.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
PAPERS = {
    "Executive summary": "executive_summary", "Term sheet, senior": "term_sheet", "Assumptions": "assumptions",
    "Compliance report": "compliance_report", "Waterfall summary": "waterfall_summary",
}  # fmt: skip
REACH = 2_600  # characters of text behind the place within which the answer must stand
CLOSE = date(2027, 1, 29)
BARE: dict[str, Any] = {
    "senior_tenor_years": [7, 10, 15], "senior_coupon_rate": [0.055, 0.065, 0.075], "senior_dscr": [1.3, 1.5, 1.8, 2.2], "mezzanine": ["none"],
    "zcis_tenor_years": [0], "trs_share": [0.0], "equity_irr_rate": [0.08, 0.12],
}  # fmt: skip


def elsewhere(of: Project, title: str, sponsor: User, admin: User, **changes: Any) -> Project:
    inputs = dict(of.inputs)
    for path, value in changes.items():
        put(inputs, path.replace("__", "."), value)
    return approved(create_project(by=sponsor, title=title, inputs=inputs), by=admin)


@pytest.fixture
def packs(
    kept: dict[str, Any], facts: PackFacts, project: Project, sponsor: User, admin: User, smallest_chunk: int
) -> dict[str, PackFacts]:
    """What three packs say: the demo's, sculpted with all there is; a balloon; an annuity."""
    if "three packs" not in kept:
        eu = elsewhere(
            project,
            "Quay",
            sponsor,
            admin,
            country="EU",
            currency="EUR",
            capex_currency="EUR",
            revenue__rent_amount=150.0,
        )
        us = elsewhere(
            project,
            "Mesa",
            sponsor,
            admin,
            country="US",
            currency="USD",
            capex_currency="USD",
            revenue__rent_amount=175.0,
            lease__term_years=20,
        )
        balloon = worked(
            small_run(eu, smallest_chunk, levers={"axes": {**BARE, "senior_amortisation": ["interest_only"]}})
        )
        annuity = worked(small_run(us, smallest_chunk, levers={"axes": {**BARE, "senior_amortisation": ["annuity"]}}))
        kept["three packs"] = {
            "sculpted": facts,
            "balloon": facts_of_best(balloon, CLOSE),
            "annuity": facts_of_best(annuity, CLOSE),
        }
    found: dict[str, PackFacts] = kept["three packs"]
    return found


def year_of(f: PackFacts) -> Any:
    choice = f.deal.choice
    return operating_year(f.deal.inputs, choice.rent_per_kw_month, choice.opex_ratio, choice.pue)


def swap_of(f: PackFacts) -> list[str]:
    swap = f.inflation_swap
    return ["None."] if swap is None else [money(swap.notional_amount, f.currency)]


def return_of(f: PackFacts) -> list[str]:
    swap = f.return_swap
    return ["None."] if swap is None else [money(swap.notional_amount, f.currency)]


def interest_until_operations(f: PackFacts) -> list[str]:
    found = f.tranches[0].prefunded_amount
    return [money(found, f.currency)] if found else ["Paid by the sponsor"]


def refused(f: PackFacts) -> list[str]:
    """The first check that fails of those that decide, if any does."""
    judged = next((rating for rating in f.detail.ratings if rating.rating == f.detail.judged_rating), None)
    failed = [check for check in (*f.detail.gate_a_checks, *(judged.checks if judged else ())) if not check.passed]
    return [failed[0].label] if failed else []


def how_far(f: PackFacts) -> list[str]:
    """For each driver that traps cash at all, how far it goes until then."""
    found = [row for row in f.reverse_stress if row.target == "lock_up" and row.amount]
    return [figure_in(row.amount, DRIVERS[row.driver].unit) for row in found]


def told_cover(f: PackFacts) -> list[str]:
    row, ard = f.detail.row, f.tranches[0].ard
    return [times(ard.cover_ratio if ard else row["llcr"]), times(row["plcr"]), times(row["icr"])]


def total(f: PackFacts, part: str) -> str:
    return amount(sum(line.amount for line in getattr(f.detail, part)))


REPAID = {
    "sculpted": "Sculpted to cash flow",
    "interest_only": "Interest only, with a balloon",
    "annuity": "Level debt service",
}
ANSWERS: dict[int, Callable[[PackFacts], list[str]]] = {
    1: lambda f: [millions(f.detail.row["senior_amount"], f.currency)],
    2: lambda f: [share(f.detail.row["total_appraisal_ltv_ratio"])],
    3: lambda f: [share(f.detail.row["total_agency_ltv_ratio"])],
    4: lambda f: [share(f.detail.row["loan_to_cost_ratio"]), share(f.detail.row["market_loan_to_cost_ratio"])],
    5: lambda f: [times(f.detail.row["total_dscr_minimum"])],
    6: lambda f: [f.tranches[0].rating or "None"],
    7: lambda f: [total(f, "sources"), *(amount(line.amount) for line in f.detail.uses if line.amount)],
    8: lambda f: [part for t in f.tranches for part in (amount(t.amount), agreed(t.coupon_rate, "rate"))],
    9: lambda f: [f"not paid in full when due in {sum(row.defaulted for row in f.detail.stress)} of {len(f.detail.stress)}"],
    10: lambda f: [times(worst_first(f.detail.stress)[0].stressed_dscr)],
    11: how_far,
    12: lambda f: [times(f.detail.row["dscr_minimum"]), times(f.detail.row["dscr_average"])],
    13: lambda f: [money(f.tranches[0].amount, f.currency), money(f.tranches[0].proceeds_amount, f.currency)],
    14: lambda f: [day_words(f.close_date), day_words(f.operations_date)],
    15: lambda f: [day_words(f.tranches[0].maturity_date), day_words(f.lease_end_date)],
    16: lambda f: [amount(f.tranches[0].ard.wal_years if f.tranches[0].ard else f.tranches[0].wal_years, 1)],
    17: lambda f: [agreed(f.tranches[0].coupon_rate, "rate"), rate_words(f.deal.resolved.terms.unfixed_ratio)],
    18: lambda f: ["Monthly in arrear", day_words(f.calendar.close), "Modified following"],
    19: interest_until_operations,
    20: lambda f: [REPAID[f.tranches[0].amortisation]],
    21: lambda f: ["The amount is"],
    22: lambda f: [amount(f.tranches[0].amount)],
    23: told_cover,
    24: lambda f: [share(f.detail.row["equity_ratio"]), "released at close"],
    25: lambda f: [part for level, of in f.cash_trap.steps for part in (agreed(level, "times"), agreed(of, "share"))],
    26: lambda f: [money(f.detail.row["dsra_initial_amount"], f.currency)] if f.detail.row["dsra_initial_amount"] else ["None."],
    27: lambda f: ["Ahead of", "equity", *([money(f.tranches[1].amount, f.currency)] if len(f.tranches) > 1 else [])],
    28: swap_of,
    29: return_of,
    30: lambda f: [money(f.structure.stack.fee_amount, f.currency)],
    31: lambda f: ["Non-payment", "insolvency", "DSCR below [1.00]x"],
    32: lambda f: [figure_in(monthly_rent_amount(f.deal.inputs, f.deal.choice.rent_per_kw_month, f.deal.choice.pue) / (it_load_mw(f.deal.inputs, f.deal.choice.pue) * 1000.0), "factor")],
    33: lambda f: [share(f.deal.inputs.revenue.occupancy_ratio), money(-year_of(f).opex_amount, f.currency)],
    34: lambda f: [money(year_of(f).noi_amount, f.currency), money(year_of(f).cfads_amount, f.currency)],
    35: lambda f: [percent(f.deal.terms.capitalisation_rate), money(f.structure.cash.value_amount, f.currency), money(f.structure.cash.agency_value_amount, f.currency)],
    36: lambda f: [share(f.detail.row["debt_yield_ratio"])],
    37: lambda f: [times(f.detail.dscr_path[0]), times(f.detail.row["dscr_minimum"])],
    38: refused,
    39: lambda f: [f.detail.binding.label if f.detail.binding else "None"],
    40: lambda f: ["Cash in", "Cash out", amount(float(sum(f.detail.years["gross_income"])))],
}  # fmt: skip


def questions() -> list[tuple[int, str, str, str]]:
    found = [(int(number), *rest) for number, *rest in ROW.findall(DOC.read_text())]
    return [(number, asked, paper, place) for number, asked, paper, place in found]


def test_there_are_forty_and_each_has_an_answer_that_is_looked_for() -> None:
    assert [number for number, *_ in questions()] == list(range(1, 41)) == sorted(ANSWERS)
    assert {paper for *_, paper, _ in questions()} == set(PAPERS)


@pytest.mark.parametrize("name", ["sculpted", "balloon", "annuity"])
def test_paper_alone_answers_every_question(name: str, packs: dict[str, PackFacts]) -> None:
    own = packs[name]
    texts = {paper: words_of(code, own) for paper, code in PAPERS.items()}
    unanswered = []
    for number, asked, paper, place in questions():
        text, answers = texts[paper], [plain(answer) for answer in ANSWERS[number](own)]
        places = [found.start() for found in re.finditer(re.escape(place), text)]
        if not any(all(answer in text[at : at + REACH] for answer in answers) for at in places):
            near = text[places[0] : places[0] + 200] if places else "the place is not there"
            unanswered.append(f"{number}. {asked} {answers} not at {paper}, {place}: {near}")
    assert not unanswered, "\n".join(unanswered)


def plain(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def test_the_three_packs_differ(packs: dict[str, PackFacts]) -> None:
    assert [each.tranches[0].amortisation for each in packs.values()] == ["sculpted", "interest_only", "annuity"]
    assert len({each.deal.inputs.country for each in packs.values()}) == 3
    assert [len(each.tranches) for each in packs.values()] == [2, 1, 1]
