"""One tranche sized on a path of CFADS: capacity, balance, schedule, proceeds. Model book, section 5."""

from __future__ import annotations

from dataclasses import dataclass

from documents.live_model.algebra import Expr, Operand, both, either, is_blank, largest, least, same, total, when
from documents.live_model.book import Grid, ListSheet
from documents.live_model.inputs import Inputs
from documents.live_model.operations import MONTHS, Operations

# Stands where a month sets no limit; a spreadsheet has no infinity.
NO_LIMIT = 1e99


@dataclass(frozen=True, slots=True)
class TrancheTerms:
    """What sizing reads of a tranche; rates are monthly, months count from the start of operations."""

    code: str
    label: str
    amortisation: Expr
    rate: Expr
    all_in_rate: Expr
    later_rate: Expr
    refinance_rate: Expr
    maturity: Expr
    held: Operand
    sweeps: Expr
    limit: Expr | None = None


class Tranche:
    """A tranche under construction on the sheets of debt and months."""

    def __init__(self, sheet: ListSheet, operations: Operations, terms: TrancheTerms, exists: Expr) -> None:
        self.sheet, self.operations, self.terms = sheet, operations, terms
        self.months: Grid = operations.months
        self.last = operations["lease_months"]
        self.exists = exists
        self.cells: dict[str, Expr] = {}
        sheet.heading(terms.label)
        self.rate = self._figure("rate", "Coupon a month", terms.rate, "factor")
        self.all_in = self._figure("all_in", "Coupon and premium a month", terms.all_in_rate, "factor")
        self.later = self._figure("later_rate", "Coupon a month after maturity", terms.later_rate, "factor")
        self.refinance = self._figure("refinance_rate", "Refinancing a month", terms.refinance_rate, "factor")
        self.maturity = self._figure("maturity", "Maturity", terms.maturity, "months")
        self.held = self._figure("held", "Interest only", least(terms.held, self.maturity - 1), "months")
        self.count = self._figure("count", "Repaying", self.maturity - self.held, "months")

    def __getitem__(self, name: str) -> Expr:
        return self.cells[name]

    def column(self, name: str) -> str:
        """The months' column of this tranche."""
        return f"{self.terms.code}_{name}"

    def is_kind(self, kind: str) -> Expr:
        """TRUE for this amortisation."""
        return same(self.terms.amortisation, kind)

    def size(self, capacity: list[Expr]) -> None:
        """Balance and schedule on a capacity for debt service by month."""
        self._write_capacity(capacity)
        self._write_balance()
        self._write_schedule()

    def close(self, inputs: Inputs) -> None:
        """What the tranche brings in at close, and what construction interest costs."""
        cover, months = inputs[f"{self.terms.code}_cover"], inputs[f"{self.terms.code}_cover_months"]
        built = inputs["project_months"]
        paid = when(is_blank(months), built, least(months, built))
        covered = self._figure(
            "covered", "Construction interest covered", when(same(cover, "none"), 0.0, paid), "months"
        )
        capitalised = same(cover, "capitalised")
        grown = self["balance"] / (1 + self.all_in) ** covered
        self._figure("proceeds", "Proceeds at close", when(capitalised, grown, self["balance"]))
        interest = covered * self.all_in * self["balance"]
        self._figure("prefunded", "Interest pre-funded", when(capitalised, 0.0, interest))

    def _figure(self, name: str, label: str, formula: Operand, unit: str = "amount") -> Expr:
        self.cells[name] = self.sheet.figure(f"{self.terms.code}_{name}", label, formula, unit)
        return self.cells[name]

    def _write_capacity(self, capacity: list[Expr]) -> None:
        names = {
            "capacity": "capacity",
            "straight": "carried, straight line",
            "value": "value of capacity",
            "least": "capacity while repaying",
            "bearable": "carried by interest",
            "after": "capacity after maturity",
        }
        for at, (name, label) in enumerate(names.items()):
            self.months.column(
                self.column(name),
                f"{self.terms.label}: {label}",
                "amount",
                f"{self.terms.label}, sizing" if at == 0 else "",
            )
        borne = when(
            self.is_kind("interest_only"), self.maturity, when(self.is_kind("sculpted"), self.held + 1, self.held)
        )
        borne = self._figure("borne", "Months whose interest must be covered", borne, "months")
        for m in range(1, MONTHS + 1):
            self._write_capacity_of(m, capacity[m - 1], borne)

    def _write_capacity_of(self, m: int, capacity: Expr, borne: Expr) -> None:
        month, put = self.months.at("month", m), self.months.put
        can = put(self.column("capacity"), m, when(month <= self.last, capacity, 0.0))
        repaying = both(month > self.held, month <= self.maturity)
        unit = 1 / self.count + self.all_in * (1 - (month - self.held - 1) / self.count)
        put(self.column("straight"), m, when(repaying, can / unit, NO_LIMIT))
        put(self.column("value"), m, when(repaying, can * (1 + self.all_in) ** (self.held - month), 0.0))
        put(self.column("least"), m, when(repaying, can, NO_LIMIT))
        put(self.column("bearable"), m, when(month <= borne, can / self.all_in, NO_LIMIT))
        put(self.column("after"), m, when(both(month > self.maturity, month <= self.last), can, NO_LIMIT))

    def _write_balance(self) -> None:
        span = {
            name: self.months.span(self.column(name), 1) for name in ("straight", "value", "least", "bearable", "after")
        }
        level = least(span["least"]) * annuity_factor(self.all_in, self.count)
        tail = self._figure("tail", "Months after maturity", self.last - self.maturity, "months")
        after = least(span["after"]) * annuity_factor(self.refinance, tail)
        refinanced = self._figure("refinanced", "A refinancing would carry", when(tail > 0, largest(after, 0), 0.0))
        by_kind = when(
            self.is_kind("annuity"), level,
            when(self.is_kind("straight_line"), least(span["straight"]),
                 when(self.is_kind("sculpted"), total(span["value"]), refinanced)),
        )  # fmt: skip
        sized = when(self.exists, largest(least(by_kind, least(span["bearable"])), 0), 0.0)
        sized = self._figure("sized", "Carried by CFADS", sized)
        limit = self.terms.limit
        balance = sized if limit is None else least(sized, limit)
        self._figure("balance", "Balance at the start of operations", balance)
        shrunk = when(sized > 0, self["balance"] / largest(sized, 1e-9), 1.0)
        self._figure("shrunk", "Share of its capacity used", shrunk, "share")

    def _write_schedule(self) -> None:
        self.months.column(
            self.column("schedule"), f"{self.terms.label}: scheduled balance", "amount", f"{self.terms.label}, schedule"
        )
        self.months.column(self.column("service"), f"{self.terms.label}: scheduled service")
        self.months.put(self.column("schedule"), 0, self["balance"])
        for m in range(1, MONTHS + 1):
            month = self.months.at("month", m)
            opening = self.months.at(self.column("schedule"), m - 1)
            closing = self.months.put(self.column("schedule"), m, self._closing(m, month, opening))
            swept = both(self.terms.sweeps, same(month, self.last), self.last > self.maturity)
            rate = when(month <= self.maturity, self.rate, self.later)
            self.months.put(self.column("service"), m, opening * rate + when(swept, 0.0, opening - closing))

    def _closing(self, m: int, month: Expr, opening: Expr) -> Expr:
        """Scheduled balance at the end of a month, by kind."""
        balance, left = self["balance"], self.maturity - month
        annuity = balance * (1 - (1 + self.all_in) ** (-left)) / (1 - (1 + self.all_in) ** (-self.count))
        straight = balance * left / self.count
        used = self.months.at(self.column("capacity"), m) * self["shrunk"] - opening * self.all_in
        sculpted = opening - least(largest(used, 0), opening)
        repaying = when(self.is_kind("annuity"), annuity, when(self.is_kind("straight_line"), straight, sculpted))
        amortised = when(month <= self.held, balance, when(month < self.maturity, repaying, 0.0))
        return when(self.is_kind("interest_only"), self._bullet(month), amortised)

    def _bullet(self, month: Expr) -> Expr:
        """The balance of a balloon: refinanced as an annuity to lease end, or standing for the sweep until then."""
        balance, tail = self["balance"], self["tail"]
        annuity = (
            balance
            * (1 - (1 + self.refinance) ** (month - self.last))
            / (1 - (1 + self.refinance) ** (-largest(tail, 1)))
        )
        after = when(
            month >= self.last, 0.0, when(either(self.terms.sweeps, same(month, self.maturity)), balance, annuity)
        )
        return when(month < self.maturity, balance, after)


def annuity_factor(rate: Expr, count: Expr) -> Expr:
    """Value of one unit a month for `count` months."""
    return (1 - (1 + rate) ** (-count)) / rate
