"""One tranche sized on a path of CFADS: capacity, balance, schedule, proceeds. Model book, section 5.

Rates are monthly, months count from the start of operations.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.book.algebra import (
    NO_LIMIT,
    Column,
    Expr,
    Operand,
    annuity,
    both,
    cell,
    either,
    expr,
    is_blank,
    largest,
    least,
    lowest,
    same,
    total,
    when,
)
from engine.book.rows import Row, Section

MONTHS, BUILDING = Column("months"), Column("building")
MONTH, LAST = MONTHS("month"), cell("lease_months")


@dataclass(frozen=True, slots=True)
class Tranche:
    """What sizing reads of a tranche."""

    code: str
    label: str
    rate: Expr
    all_in_rate: Expr
    later_rate: Expr
    refinance_rate: Expr
    maturity: Expr
    held: Operand
    sweeps: Expr
    capacity: Expr
    exists: Expr
    limit: Expr

    def __getitem__(self, name: str) -> Expr:
        """A figure of the tranche."""
        return cell(f"{self.code}_{name}")

    def column(self, name: str) -> Expr:
        """A column of the tranche, at the month."""
        return MONTHS(f"{self.code}_{name}")

    def opening(self, name: str) -> Expr:
        """A column of the tranche, at the end of the month before."""
        return MONTHS.before(f"{self.code}_{name}")

    def is_kind(self, kind: str) -> Expr:
        """TRUE for this amortisation."""
        return same(self["amortisation"], kind)

    def section(self) -> Section:
        """The figures of the tranche."""
        return Section(self.label, (*self._terms(), *self._balance(), *self._close()))

    def columns(self) -> tuple[Row, ...]:
        """The columns of the tranche."""
        return (*self._capacity(), *self._schedule())

    def _row(self, name: str, label: str, formula: Operand, unit: str = "amount") -> Row:
        return Row(f"{self.code}_{name}", label, expr(formula), unit)

    def _terms(self) -> tuple[Row, ...]:
        # What a balloon's interest needs, and a sculpted profile's first repayment.
        borne = when(self.is_kind("sculpted"), self["held"] + 1, self["held"])
        borne = when(self.is_kind("interest_only"), self["maturity"], borne)
        return (
            self._row("rate", "Coupon a month", self.rate, "factor"),
            self._row("all_in", "Coupon and premium a month", self.all_in_rate, "factor"),
            self._row("later_rate", "Coupon a month after maturity", self.later_rate, "factor"),
            self._row("refinance_rate", "Refinancing a month", self.refinance_rate, "factor"),
            self._row("maturity", "Maturity", self.maturity, "months"),
            self._row("held", "Interest only", least(self.held, self["maturity"] - 1), "months"),
            self._row("count", "Repaying", self["maturity"] - self["held"], "months"),
            self._row("borne", "Months whose interest must be covered", borne, "months"),
        )

    def _balance(self) -> tuple[Row, ...]:
        span = {
            name: MONTHS.span(f"{self.code}_{name}", 1) for name in ("straight", "value", "least", "bearable", "after")
        }
        after = lowest(span["after"]) * annuity(self["refinance_rate"], self["tail"])
        by_kind = when(
            self.is_kind("annuity"), lowest(span["least"]) * annuity(self["all_in"], self["count"]),
            when(self.is_kind("straight_line"), lowest(span["straight"]),
                 when(self.is_kind("sculpted"), total(span["value"]), self["refinanced"])),
        )  # fmt: skip
        sized = when(self.exists, largest(least(by_kind, lowest(span["bearable"])), 0), 0.0)
        shrunk = when(self["sized"] > 0, self["balance"] / largest(self["sized"], 1e-9), 1.0)
        return (
            self._row("tail", "Months after maturity", LAST - self["maturity"], "months"),
            self._row("refinanced", "A refinancing would carry", when(self["tail"] > 0, largest(after, 0), 0.0)),
            self._row("sized", "Carried by CFADS", sized),
            self._row("balance", "Balance at the start of operations", least(self["sized"], self.limit)),
            self._row("shrunk", "Share of its capacity used", shrunk, "share"),
        )

    def _close(self) -> tuple[Row, ...]:
        """What the tranche brings in at close, and what construction interest costs."""
        cover, months, built = self["cover"], self["cover_months"], cell("project_months")
        paid = when(is_blank(months), built, least(months, built))
        capitalised = same(cover, "capitalised")
        grown = self["balance"] / BUILDING.last(f"{self.code}_owed")
        interest = self["all_in"] * self["balance"] * total(BUILDING.span(f"{self.code}_funded", 1))
        return (
            self._row("covered", "Construction interest covered", when(same(cover, "none"), 0.0, paid), "months"),
            self._row("proceeds", "Proceeds at close", when(capitalised, grown, self["balance"])),
            self._row("prefunded", "Interest pre-funded", when(capitalised, 0.0, interest)),
        )

    def _column(self, name: str, label: str, formula: Expr, group: str = "", opening: Expr | None = None) -> Row:
        return Row(f"{self.code}_{name}", f"{self.label}: {label}", formula, opening=opening, group=group)

    def _capacity(self) -> tuple[Row, ...]:
        can, held, all_in = self.column("capacity"), self["held"], self["all_in"]
        repaying = both(held < MONTH, self["maturity"] >= MONTH)
        unit = 1 / self["count"] + all_in * (1 - (MONTH - held - 1) / self["count"])
        bearable = when(both(self["borne"] >= MONTH, all_in > 0), can / all_in, NO_LIMIT)
        after = both(self["maturity"] < MONTH, MONTH <= LAST)
        return (
            self._column("capacity", "capacity", when(MONTH <= LAST, self.capacity, 0.0), f"{self.label}, sizing"),
            self._column("straight", "carried, straight line", when(repaying, can / unit, NO_LIMIT)),
            self._column("value", "value of capacity", when(repaying, can * (1 + all_in) ** (held - MONTH), 0.0)),
            self._column("least", "capacity while repaying", when(repaying, can, NO_LIMIT)),
            self._column("bearable", "carried by interest", bearable),
            self._column("after", "capacity after maturity", when(after, can, NO_LIMIT)),
        )

    def _schedule(self) -> tuple[Row, ...]:
        opening, closing = self.opening("schedule"), self.column("schedule")
        swept = both(self.sweeps, both(same(MONTH, LAST), self["maturity"] < LAST))
        rate = when(self["maturity"] >= MONTH, self["rate"], self["later_rate"])
        service = opening * rate + when(swept, 0.0, opening - closing)
        return (
            self._column("schedule", "scheduled balance", self._closing(), f"{self.label}, schedule", self["balance"]),
            self._column("service", "scheduled service", service),
        )

    def _closing(self) -> Expr:
        """Scheduled balance at the end of a month, by kind."""
        balance, opening, left = self["balance"], self.opening("schedule"), self["maturity"] - MONTH
        level = balance * annuity(self["all_in"], left) / annuity(self["all_in"], self["count"])
        straight = balance * left / self["count"]
        used = self.column("capacity") * self["shrunk"] - opening * self["all_in"]
        sculpted = opening - least(largest(used, 0), opening)
        repaying = when(self.is_kind("annuity"), level, when(self.is_kind("straight_line"), straight, sculpted))
        amortised = when(self["held"] >= MONTH, balance, when(self["maturity"] > MONTH, repaying, 0.0))
        return when(self.is_kind("interest_only"), self._bullet(), amortised)

    def _bullet(self) -> Expr:
        """The balance of a balloon: refinanced as an annuity to lease end, or standing for the sweep until then."""
        balance, rate = self["balance"], self["refinance_rate"]
        level = balance * annuity(rate, LAST - MONTH) / annuity(rate, largest(self["tail"], 1))
        stands = either(self.sweeps, same(MONTH, self["maturity"]))
        after = when(MONTH >= LAST, 0.0, when(stands, balance, level))
        return when(self["maturity"] > MONTH, balance, after)
