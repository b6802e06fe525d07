"""Tax of a project, by hand: the interest limit, losses carried forward, cover and return after it."""

from typing import Any

import numpy as np
import pytest

from engine.deal.choice import Choice
from engine.deal.row import result_row
from engine.deal.structure import Structure, price
from engine.deal.tax import AfterTax, after_tax, tax_years
from engine.deal.terms import Deal
from engine.errors import InputProblems
from engine.measures.cover import DSCR_MINIMUM
from engine.measures.returns import irr_plain
from engine.project import ProjectInputs
from engine.project.inputs import Tax
from engine.ratings import RuleSet
from engine.ratings.scale import rating_label
from engine.terms import StructuringTerms
from tests.engine.deals import OPEN_GATE, PROJECT, SEED_RULES, bent

LEVERS = {"senior_tenor_years": 15, "senior_coupon_rate": 0.06, "senior_dscr": 1.45, "mezzanine": "none"}
STILL = {"base_cpi_rate": 0.0}


def inputs(**tax: Any) -> ProjectInputs:
    return ProjectInputs.from_dict(bent(PROJECT, {f"tax.{name}": value for name, value in tax.items()}))


def built(**tax: Any) -> Structure:
    rules = RuleSet.from_dict(bent(SEED_RULES, OPEN_GATE))
    return price(Deal(inputs(**tax), StructuringTerms.from_dict(STILL), rules, Choice.from_dict(LEVERS)))


def found(structure: Structure) -> AfterTax:
    told = after_tax(structure)
    assert told is not None
    return told


def one_year(ebitda: float, finance: float, cap: float = 0.3) -> float:
    terms = Tax(rate=0.25, allowance_ratio=0.0, allowance_years=1, interest_cap_ratio=cap)
    return tax_years(np.array([ebitda]), np.array([finance]), 0.0, terms)[0].taxable_amount


@pytest.mark.parametrize(("finance", "taxable"), [(29.0, 71.0), (30.0, 70.0), (31.0, 70.0), (-5.0, 105.0)])
def test_interest_is_deducted_up_to_the_limit(finance: float, taxable: float) -> None:
    """Of 100 of EBITDA: below, at and above 30%; income is taxed."""
    assert one_year(100.0, finance) == pytest.approx(taxable)


def test_without_ebitda_no_interest_is_deducted_and_the_loss_is_kept() -> None:
    terms = Tax(rate=0.25, allowance_ratio=0.0, allowance_years=1, interest_cap_ratio=1.0)
    lost, next_year = tax_years(np.array([-20.0, 50.0]), np.array([10.0, 0.0]), 0.0, terms)
    assert (lost.interest_amount, lost.losses_carried_amount) == (0.0, 20.0)
    assert (next_year.loss_used_amount, next_year.tax_amount) == (20.0, 7.5)


def test_no_rate_no_tax() -> None:
    structure = built()
    assert after_tax(structure) is None
    assert after_tax(built(rate=0.0)) is None


def test_cover_after_tax_of_a_level_year() -> None:
    """Flat CFADS, no allowances, the limit binds: tax is 25% of 70% of CFADS, so cover falls by 17.5%."""
    structure = built(rate=0.25, allowance_ratio=0.0, interest_cap_ratio=0.3)
    told, before = found(structure), float(structure.cover[DSCR_MINIMUM])
    cfads = told.years[0].ebitda_amount
    assert cfads == pytest.approx(42_209_640)
    assert told.years[0].tax_amount == pytest.approx(0.25 * 0.7 * cfads)
    assert told.years[0].interest_amount == pytest.approx(0.3 * cfads)
    assert told.dscr_path[0] == pytest.approx(before * 0.825)
    assert told.dscr_minimum == pytest.approx(min(told.dscr_path))


def test_allowances_are_straight_line_over_their_years() -> None:
    """428m of capex, half of it over 10 years: 21.4m a year, nothing in the eleventh."""
    years = found(built(rate=0.25, allowance_ratio=0.5, allowance_years=10)).years
    assert [year.allowance_amount for year in years[8:12]] == pytest.approx([21.4e6, 21.4e6, 0.0, 0.0])


def test_the_return_after_tax_is_of_the_flows_less_tax() -> None:
    structure = built(rate=0.25)
    told, row = found(structure), result_row(structure)
    assert isinstance(row["sponsor_equity_amount"], float)
    flows = np.concatenate((-structure.work.contributions, structure.work.periods[:, 14]))
    flows[0] -= row["sponsor_equity_amount"]
    for year, each in enumerate(told.years):
        flows[structure.deal.resolved.project.construction_months + 12 * (year + 1)] -= each.tax_amount
    assert told.equity_irr_rate == pytest.approx(irr_plain(flows, 12), abs=1e-9)
    assert isinstance(row["sponsor_irr_rate"], float)
    assert told.equity_irr_rate is not None
    assert told.equity_irr_rate < row["sponsor_irr_rate"]


def test_notes_that_wait_are_read_on_the_notional_payment_after_tax_too() -> None:
    """Flat CFADS, 7 years of interest only: of each year's cash less tax, over the level payment of the years of lease."""
    levers = {**LEVERS, "senior_tenor_years": 7, "senior_amortisation": "interest_only"}
    rules = RuleSet.from_dict(bent(SEED_RULES, OPEN_GATE))
    case = inputs(rate=0.25, allowance_ratio=0.0, interest_cap_ratio=0.0)
    structure = price(Deal(case, StructuringTerms.from_dict(STILL), rules, Choice.from_dict(levers)))
    told, rate, months = found(structure), 0.07 / 12, min(300, 12 * case.lease.term_years)
    payment = structure.senior.amount * rate / (1 - (1 + rate) ** -months)
    assert 12 * payment > 0.06 * structure.senior.amount
    assert told.dscr_path == pytest.approx([0.75 * 42_209_640 / (12 * payment)] * 7)


def test_a_rule_sets_cut_of_cash_lowers_no_tax() -> None:
    whole, cut = (
        found(price(Deal(inputs(rate=0.25, interest_cap_ratio=0.0), StructuringTerms.from_dict(STILL),
                         RuleSet.from_dict(bent(SEED_RULES, {**OPEN_GATE, "general.underwritten_cash_ratio": ratio})),
                         Choice.from_dict(LEVERS))))
        for ratio in (1.0, 0.8)
    )  # fmt: skip
    assert [year.tax_amount for year in cut.years] == pytest.approx([year.tax_amount for year in whole.years])


def test_debt_is_sized_before_tax() -> None:
    taxed, plain = result_row(built(rate=0.25)), result_row(built())
    told = {name for name in plain if name.startswith("after_tax_")}
    assert {name: value for name, value in taxed.items() if name not in told} == {
        name: value for name, value in plain.items() if name not in told
    }
    assert {plain[name] for name in told} == {None}
    assert None not in {taxed[name] for name in told}


def test_a_rating_is_lost_where_its_floors_no_longer_hold() -> None:
    assert found(built(rate=0.6, allowance_ratio=0.0)).rating == "NR"


def test_a_rating_is_kept_where_tax_takes_next_to_nothing() -> None:
    """Also one that the tenant caps between two rows of the ladder."""
    structure = built(rate=0.0001)
    before = result_row(structure)["rating_notch"]
    assert isinstance(before, int)
    assert found(structure).rating == rating_label(before)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("rate", -0.01, 0.61),
        ("allowance_ratio", -0.1, 1.1),
        ("allowance_years", 0, 51),
        ("interest_cap_ratio", -0.1, 1.1),
    ],
)
def test_limits_of_the_fields(name: str, low: float, high: float) -> None:
    for beyond in (low, high):
        with pytest.raises(InputProblems) as refused:
            inputs(**{name: beyond})
        assert [problem.place for problem in refused.value.problems] == [f"tax.{name}"]
