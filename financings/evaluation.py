"""One financing worked out by the engine of today, each thing once however often a page asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from typing import Any

from engine.deal import Deal, DealDetail, Structure, detail_of, price, result_row
from engine.deal.collateral import collateral
from engine.deal.row import Value
from engine.errors import InputProblems
from engine.permutations import PermutationDetail
from engine.permutations.detail import remedy_target
from engine.permutations.remedies import Remedies, find_remedies
from engine.ratings.repo import RepoAssessment, RepoRules, assess
from engine.stress import ReverseRow, TornadoBar, reverse_stress, tornado
from financings.evidence import Fact, agency_ratings, entries_that_hold, facts_of, shown_facts
from financings.models import Evidence, Financing
from financings.origins import Origin, origins_of
from financings.translate import engine_deal
from lib.errors import Invalid
from ratings.collateral import collateral_rules

KEPT = 32  # financings whose figures a process remembers, about a megabyte each


@dataclass(frozen=True)
class WorkedOut:
    """What follows from a deal alone, each figure worked out when it is first asked for."""

    deal: Deal
    rules: Mapping[str, Any] = field(repr=False)  # the rule set's content

    @cached_property
    def collateral_rules(self) -> RepoRules:
        """What the facilities ask for."""
        return collateral_rules(self.rules)

    @cached_property
    def structure(self) -> Structure:
        """The layers: schedules, paths and every monthly column."""
        try:
            return price(self.deal)
        except InputProblems as error:
            raise Invalid(error.problems) from error

    @cached_property
    def row(self) -> dict[str, Value]:
        """Its result columns."""
        return result_row(self.structure)

    @cached_property
    def detail(self) -> PermutationDetail:
        """Every figure, check and explanation, and what would cure a failure."""
        return detail_with_remedies(self.deal, self.structure)

    @cached_property
    def tornado(self) -> tuple[TornadoBar, ...]:
        """Each driver pushed alone, both ways, the widest first."""
        return tuple(tornado(self.deal))

    @cached_property
    def reverse_stress(self) -> tuple[ReverseRow, ...]:
        """How far each driver alone may go."""
        return reverse_stress(self.deal)


@dataclass(frozen=True)
class _Named:
    content_hash: str
    financing: Financing = field(compare=False)


@lru_cache(maxsize=KEPT)
def _worked_out(named: _Named) -> WorkedOut:
    """Kept for the next page and the next reader: a financing's hash says all that its figures come from."""
    try:
        return WorkedOut(engine_deal(named.financing), named.financing.rule_set.content)
    except InputProblems as error:
        raise Invalid(error.problems) from error


@dataclass(frozen=True)
class Evaluation:
    """A financing and all that follows from it; Invalid where the engine does not take its terms any more."""

    financing: Financing

    @cached_property
    def worked(self) -> WorkedOut:
        """What follows from its terms alone."""
        return _worked_out(_Named(self.financing.content_hash, self.financing))

    @property
    def deal(self) -> Deal:
        """The engine's terms."""
        return self.worked.deal

    @property
    def structure(self) -> Structure:
        """The layers: schedules, paths and every monthly column."""
        return self.worked.structure

    @property
    def row(self) -> dict[str, Value]:
        """Its result columns."""
        return self.worked.row

    @property
    def detail(self) -> PermutationDetail:
        """Every figure, check and explanation, and what would cure a failure."""
        return self.worked.detail

    @cached_property
    def origins(self) -> tuple[Origin, ...]:
        """Where it was found, the earliest first."""
        return origins_of(self.financing)

    @cached_property
    def held(self) -> list[Evidence]:
        """The entry that holds of each fact."""
        return entries_that_hold(self.financing)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact that the rules ask for, with what was entered of it."""
        return facts_of(self.financing, self.held)

    @cached_property
    def collateral(self) -> tuple[RepoAssessment, ...]:
        """Every facility's verdict on the senior notes, with what was shown; empty where there are none."""
        ratings = agency_ratings(self.financing, self.held)
        asset = collateral(self.structure, ratings, shown_facts(self.held))
        return () if asset is None else assess(self.worked.collateral_rules, asset)


def detail_with_remedies(deal: Deal, structure: Structure) -> PermutationDetail:
    """Every figure, check and explanation of a structure, and what would cure a failure."""
    row = result_row(structure)
    found, target = detail_of(structure, row), remedy_target(deal, row)
    remedies = find_remedies(deal, target) if target else Remedies()
    return PermutationDetail(
        **{each.name: getattr(found, each.name) for each in fields(DealDetail)},
        index=0,
        remedies=remedies.singles,
        pair_remedy=remedies.pair,
        remedy_target=target or "",
    )


def evaluations(financings: Iterable[Financing]) -> list[Evaluation]:
    """One for each, in their order."""
    return [Evaluation(financing) for financing in financings]
