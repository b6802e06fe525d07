"""One structure priced from what is given, with no project and nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from accounts.models import User
from engine.deal import Choice, Deal, price
from engine.errors import InputProblems, Problem
from engine.permutations import PermutationDetail
from engine.project import ProjectInputs
from engine.terms import StructuringTerms
from financings.access import require_can_type
from financings.evaluation import detail_with_remedies
from lib.errors import Invalid
from ratings.models import MarketSet, RuleSet

T = TypeVar("T")


def price_directly(
    *,
    by: User,
    inputs: Mapping[str, Any],
    terms: Mapping[str, Any],
    choice: Mapping[str, Any],
    rule_set: RuleSet,
    market_set: MarketSet | None = None,
) -> PermutationDetail:
    """Every figure and check of the structure; Invalid with every problem, each below the part it is in.

    Coupons are tested against the market set where one is given. Raises Forbidden for those who may not type a financing either.
    """
    require_can_type(by)
    problems: list[Problem] = []
    read_inputs = _read(ProjectInputs.from_dict, inputs, "inputs", problems)
    read_terms = _read(StructuringTerms.from_dict, terms, "terms", problems)
    read_choice = _read(Choice.from_dict, choice, "choice", problems)
    if read_inputs is None or read_terms is None or read_choice is None:
        raise Invalid(problems)
    market = market_set.terms() if market_set else None
    if market is not None and read_inputs.currency not in market.markets:
        message = f"The market set has no market for {read_inputs.currency}, it has {', '.join(market.markets)}."
        raise Invalid([Problem("no_market", "market_set", message)])
    deal = Deal(inputs=read_inputs, terms=read_terms, rules=rule_set.terms(), choice=read_choice, market=market)
    try:
        return detail_with_remedies(deal, price(deal))
    except InputProblems as error:
        raise Invalid(error.problems) from error


def _read(
    reader: Callable[[Mapping[str, Any]], T], given: Mapping[str, Any], part: str, problems: list[Problem]
) -> T | None:
    try:
        return reader(given)
    except InputProblems as error:
        problems += [Problem(each.code, f"{part}.{each.place}".rstrip("."), each.message) for each in error.problems]
        return None
