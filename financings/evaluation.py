"""One financing worked out by the engine of today, each thing once however often a page asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

from engine.deal import Deal, DealDetail, Structure, detail_of, price, result_row
from engine.deal.collateral import collateral
from engine.deal.row import Value
from engine.errors import InputProblems
from engine.permutations import PermutationDetail
from engine.permutations.detail import remedy_target
from engine.permutations.remedies import Remedies, find_remedies
from engine.ratings.repo import RepoAssessment, assess
from financings.evidence import Fact, agency_ratings, entries_that_hold, facts_of, shown_facts
from financings.models import Evidence, Financing
from financings.origins import Origin, origins_of
from financings.translate import engine_deal
from lib.errors import Invalid
from ratings.collateral import collateral_rules


@dataclass(frozen=True)
class Evaluation:
    """A financing and all that follows from it; Invalid where the engine does not take its terms any more."""

    financing: Financing

    @cached_property
    def deal(self) -> Deal:
        """The engine's terms."""
        try:
            return engine_deal(self.financing)
        except InputProblems as error:
            raise Invalid(error.problems) from error

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
        return () if asset is None else assess(collateral_rules(self.financing.rule_set.content), asset)


def detail_with_remedies(deal: Deal, structure: Structure) -> PermutationDetail:
    """Every figure, check and explanation of a structure, and what would cure a failure."""
    row = result_row(structure)
    found, target = detail_of(structure, row), remedy_target(deal, row)
    remedies = find_remedies(deal, target) if target else Remedies()
    return PermutationDetail(
        **{field.name: getattr(found, field.name) for field in fields(DealDetail)},
        index=0,
        remedies=remedies.singles,
        pair_remedy=remedies.pair,
        remedy_target=target or "",
    )


def evaluations(financings: Iterable[Financing]) -> list[Evaluation]:
    """One for each, in their order."""
    return [Evaluation(financing) for financing in financings]
