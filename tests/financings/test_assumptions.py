"""What a financing's cash rests on, in words: each input as entered, and what an empty one stands for."""

from datetime import date
from typing import Any

from engine.deal import Choice, Deal
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from financings.assumptions import BEFORE_TAX, COUNTED, UNCOUNTED, assumptions_of
from tests.engine.deals import PROJECT, SEED_RULES, bent


def told(close: date | None = None, rules: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
    inputs = ProjectInputs.from_dict(bent(PROJECT, {name.replace("__", "."): value for name, value in changes.items()}))
    deal = Deal(
        inputs, StructuringTerms.from_dict(), RuleSet.from_dict(bent(SEED_RULES, rules or {})), Choice.from_dict({})
    )
    return {each.label: each.words for each in assumptions_of(deal, close=close)}


def test_a_plain_project() -> None:
    found = told()
    assert found["Financial close"] == "Not said"
    assert found["Rent steps every"] == "1 year"
    assert (found["Asset management fee"], found["Capex paid"]) == ("1%", "All at close")
    assert found["Tax"] == BEFORE_TAX
    assert "Utilisation" not in found


def test_what_was_entered() -> None:
    found = told(
        construction__close_date="2028-06-30", construction__start_date="2029-01-01", construction__escrow_rate=0.03,
        construction__draw_profile="s_curve", revenue__lease_type="gross", revenue__replacement_reserve_per_kw_amount=12,
    )  # fmt: skip
    assert (found["Financial close"], found["Operations begin"]) == ("30 June 2028", "30 December 2030")
    assert (found["Escrow income"], found["Capex paid"]) == ("3%", "In an S-curve over construction")
    assert found["Replacement reserve"] == "12 per kW and year"
    assert (found["Utilisation"], found["Electricity price, yearly rise"]) == ("100%", "With CPI")


def test_a_document_counts_from_its_own_close() -> None:
    found = told(date(2027, 3, 31))
    assert (found["Operations begin"], found["Lease ends"]) == ("31 March 2029", "31 March 2049")


def test_a_reletting_says_whether_it_counts() -> None:
    expected: dict[str, Any] = {"lease__relet_ratio": 0.8, "lease__relet_years": 5}
    assert "Re-letting" not in told()
    found = told(**expected)
    assert (found["Rent on re-letting after lease end"], found["Void before re-letting"]) == ("80%", "None")
    assert (found["Lease term on re-letting"], found["Re-letting"]) == ("5 years", UNCOUNTED)
    assert told(rules={"general.relet_allowed": True}, **expected)["Re-letting"] == COUNTED
