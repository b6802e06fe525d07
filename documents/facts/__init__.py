"""What a pack says: one financing in full, gathered once, from which every document takes its figures.

Amounts are in the project's currency, rates are fractions a year, months count from the start of operations.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from documents.facts.checklist import Need, Task, checklist_of
from documents.facts.debt import Tranche, TrancheYear, tranches_of
from documents.facts.hedges import InflationLeg, InflationSwap, ReturnSwap, inflation_swap_of, return_swap_of
from documents.facts.marks import Marks
from engine.deal import Deal
from engine.deal.structure import Structure, price
from engine.deal.tax import AfterTax, after_tax
from engine.permutations import PermutationDetail
from engine.project.calendar import Calendar, calendar_of
from engine.stress.reverse import ReverseRow, reverse_stress
from engine.terms import CashTrap
from financings.compliance import ComplianceReport
from financings.over_raise import over_raise_words

__all__ = ["InflationLeg", "InflationSwap", "Marks", "PackFacts", "ReturnSwap", "Task", "Tranche", "TrancheYear"]


@dataclass(frozen=True)
class PackFacts:
    """Everything a document may say; `row` is what the run that found it stored, with rank, tier and score, else empty.

    `about` says in words which snapshot, rules and engine the figures come from; `as_of` is the moment the inputs were frozen: a pack made again tomorrow says the same.
    """

    deal: Deal
    detail: PermutationDetail
    row: Mapping[str, Any]
    report: ComplianceReport
    title: str
    close_date: date
    as_of: datetime
    about: tuple[tuple[str, str], ...]
    marks: Marks

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return str(self.deal.inputs.currency)

    @property
    def cash_trap(self) -> CashTrap:
        """What traps cash behind the senior notes."""
        return self.deal.terms.cash_trap(ard=self.structure.senior.ard_trap)

    @property
    def over_raise(self) -> str:
        """What an open over-raise means, in a sentence; empty where that lever is closed."""
        return over_raise_words(self.deal.choice.over_raise_ratio, self.deal.rules.gearing_basis)

    @property
    def lineage(self) -> str:
        """The financing, and a short hash of all that the figures come from: two packs that share it say the same."""
        told = json.dumps([self.about, self.close_date.isoformat()], sort_keys=True)
        return (
            f"Financing {self.report.financing['hash'][:8]}, lineage {hashlib.sha256(told.encode()).hexdigest()[:12]}"
        )

    @property
    def sponsor(self) -> str:
        """The company behind the project, empty where nobody said."""
        return self._named("sponsor_name")

    @property
    def location(self) -> str:
        """Town or campus, empty where nobody said."""
        return self._named("location")

    @property
    def operations_date(self) -> date:
        """When construction ends and month 1 begins."""
        return self.calendar.operations

    @property
    def lease_end_date(self) -> date:
        """The end of the lease, which runs from the start of operations."""
        return self.calendar.lease_end

    @cached_property
    def calendar(self) -> Calendar:
        """Which day each month is."""
        return calendar_of(self.deal.inputs, self.close_date)

    @cached_property
    def structure(self) -> Structure:
        """The financing's layers: schedules, paths and every monthly column."""
        return price(self.deal)

    @cached_property
    def after_tax(self) -> AfterTax | None:
        """Cover, rating and return with each year's tax paid; None where the project pays none."""
        return after_tax(self.structure)

    @cached_property
    def tranches(self) -> tuple[Tranche, ...]:
        """Senior, then mezzanine where there is one."""
        return tranches_of(self.structure, self.detail, self.month_date)

    @cached_property
    def inflation_swap(self) -> InflationSwap | None:
        """The inflation swap strip, where there is one."""
        return inflation_swap_of(self.structure, self.month_date)

    @cached_property
    def return_swap(self) -> ReturnSwap | None:
        """The total return swap, where there is one."""
        return return_swap_of(self.structure, self.month_date)

    @cached_property
    def needs(self) -> frozenset[Need]:
        """What the structure has that documents and tasks depend on."""
        senior = self.tranches[0] if self.tranches else None
        has = {
            Need.MEZZANINE: len(self.tranches) > 1,
            Need.INFLATION_SWAP: self.inflation_swap is not None,
            Need.RETURN_SWAP: self.return_swap is not None,
            Need.ANY_SWAP: self.inflation_swap is not None or self.return_swap is not None,
            Need.WRAP: senior is not None and senior.is_wrapped,
            Need.REPO: bool(self.detail.row["repo_verdict"]),
            Need.RESERVE: bool(self.detail.row["dsra_initial_amount"]),
            Need.LAND: self.deal.inputs.land.purchase_amount > 0.0,
        }
        return frozenset(need for need, is_there in has.items() if is_there)

    @cached_property
    def checklist(self) -> tuple[Task, ...]:
        """What has to be done until close, and by when."""
        return checklist_of(self.needs, self.close_date, self.calendar.holidays)

    @cached_property
    def reverse_stress(self) -> tuple[ReverseRow, ...]:
        """How far each driver alone may go until cover, lock-up or a rating breaks; empty where no debt can be sized."""
        return reverse_stress(self.deal)

    def month_date(self, month: int) -> date:
        """The day an operating month ends; month 0 is the start of operations."""
        return self.calendar.month_date(month)

    def _named(self, field: str) -> str:
        return str(self.deal.inputs.to_dict().get("meta", {}).get(field) or "")
