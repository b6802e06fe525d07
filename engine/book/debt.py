"""One tranche sized on a path of CFADS: capacity, caps, balance, schedule, proceeds. Model book, section 5.

Rates are monthly, months count from the start of operations. What its capacity carries is scaled to what the caps leave.
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
from engine.debt.kinds import BY_DSCR, BY_REFINANCING, NOT_SIZED

# Slack where an amount sits exactly on a limit.
SLACK = 1e-9
# The longest term of the level payment that an interest-only note is read on.
NOTIONAL_MONTHS = 300
MONTHS, BUILDING = Column("months"), Column("building")
MONTH, LEASE_END, LAST = MONTHS("month"), cell("lease_months"), cell("last_month")
RELET_FROM, LET_UNTIL = cell("relet_from"), cell("let_until")
IS_RELET = LET_UNTIL > RELET_FROM
ALWAYS = expr(True)


def flag(name: str, label: str, condition: Expr, group: str = "") -> Row:
    """A column of 0 and 1: when something is so. Formulas read it in the place of the condition."""
    return Row(name, label, when(condition, 1.0, 0.0), "count", group=group)


def on(name: str) -> Expr:
    """TRUE in months in which the flag is 1."""
    return same(MONTHS(name), 1)


FLAGS = (
    flag("in_lease", "In the lease", MONTH <= LEASE_END, "Flags"),
    flag("in_void", "In the void after it", both(LEASE_END < MONTH, MONTH <= RELET_FROM)),
    flag("in_relet", "In the lease after that", both(RELET_FROM < MONTH, MONTH <= LET_UNTIL)),
)


def after_maturity(code: str, rate: Expr, tail: Expr) -> Expr:
    """What the least capacity after maturity refinances, as an annuity to lease end."""
    return when(tail > 0, largest(lowest(MONTHS.span(f"{code}_after", 1)) * annuity(rate, tail), 0), 0.0)


def with_relet(code: str, rate: Expr, maturity: Expr, alone: Expr) -> Expr:
    """What it refinances with the lease after it: an annuity of that one's, less the void's costs, at their worth then.

    No more than the first lease's interest bears, no less than that lease alone.
    """
    spans = {name: MONTHS.span(f"{code}_{name}", 1) for name in ("after", "again", "void")}
    let_again = largest(lowest(spans["again"]), 0) * annuity(rate, LET_UNTIL - RELET_FROM)
    worth = let_again * (1 + rate) ** (maturity - RELET_FROM) + total(spans["void"])
    borne = when(rate > 0, lowest(spans["after"]) / rate, NO_LIMIT)
    return when(both(IS_RELET, maturity < LEASE_END), largest(alone, least(alone + worth, borne)), alone)


def late_capacity(code: str, label: str, can: Expr, rate: Expr, maturity: Expr, group: str = "") -> tuple[Row, ...]:
    """A capacity after maturity, by month: in the lease, on re-letting, and of the void at the maturity's worth."""
    in_lease = both(maturity < MONTH, on("in_lease"))
    again = both(maturity < LEASE_END, on("in_relet"))
    void = both(maturity < LEASE_END, on("in_void"))
    return (
        Row(f"{code}_after", f"{label} after maturity", when(in_lease, can, NO_LIMIT), group=group),
        Row(f"{code}_again", f"{label} on re-letting", when(again, can, NO_LIMIT)),
        Row(f"{code}_void", f"{label} of the void, worth at maturity",
            when(void, least(can, 0) * (1 + rate) ** (maturity - MONTH), 0.0)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on a balance, and the code of what binds with it."""

    name: str
    label: str
    code: int
    balance: Expr


@dataclass(frozen=True, slots=True)
class Tranche:
    """What sizing reads of a tranche; `spent` is what a unit adds to the uses beside fees and interest.

    A balance of no more than `dust` is none.
    """

    code: str
    label: str
    kind: Expr
    rate: Expr
    all_in_rate: Expr
    later_rate: Expr
    refinance_rate: Expr
    maturity: Expr
    held: Operand
    sweeps: Expr
    capacity: Expr
    exists: Expr
    alone: Expr
    refinanced: Expr
    by_refinancing: Expr
    spent: Expr
    caps: tuple[Cap, ...]
    dust: Operand = 0.0

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
        return same(self["kind"], kind)

    def section(self) -> Section:
        """The figures of the tranche."""
        return Section(self.label, (*self._terms(), *self._close(), *self._caps(), *self._balance()))

    def columns(self) -> tuple[Row, ...]:
        """The columns of the tranche."""
        return (*self._flags(), *self._capacity(), *self._schedule())

    def is_on(self, name: str) -> Expr:
        """TRUE in months in which the tranche's flag is 1."""
        return on(f"{self.code}_{name}")

    def _row(self, name: str, label: str, formula: Operand, unit: str = "amount") -> Row:
        return Row(f"{self.code}_{name}", label, expr(formula), unit)

    def _terms(self) -> tuple[Row, ...]:
        # What a balloon's interest needs.
        borne = when(self.is_kind("interest_only"), self["maturity"], self["held"])
        standing = when(self.is_kind("interest_only"), 1.0, when(self.is_kind("partial"), cell("balloon_ratio"), 0.0))
        return (
            self._row("kind", "Amortisation", self.kind, ""),
            self._row("balloon_share", "Share that stands at maturity", standing, "share"),
            self._row("rate", "Coupon a month", self.rate, "factor"),
            self._row("all_in", "Coupon and premium a month", self.all_in_rate, "factor"),
            self._row("later_rate", "Coupon a month after maturity", self.later_rate, "factor"),
            self._row("refinance_rate", "Refinancing a month", self.refinance_rate, "factor"),
            self._row("maturity", "Maturity", self.maturity, "months"),
            self._row("held", "Interest only", least(self.held, self["maturity"] - 1), "months"),
            self._row("count", "Repaying", self["maturity"] - self["held"], "months"),
            self._row("borne", "Months whose interest must be covered", borne, "months"),
            self._row("tail", "Months after maturity", LEASE_END - self["maturity"], "months"),
            self._row("alone", "The lease alone would carry refinanced", self.alone),
            self._row("refinanced", "A refinancing would carry", self.refinanced),
            *self._sized(),
        )

    def _sized(self) -> tuple[Row, ...]:
        """What CFADS carries, by how it is repaid."""
        span = {
            name: MONTHS.span(f"{self.code}_{name}", 1)
            for name in ("straight", "value", "least", "bearable", "sculptable")
        }
        share, level = self["balloon_share"], self["carried_level"]
        # The balloon's own value is no part of what the payments repay.
        partial = least(
            level / (1 - share * (1 + self["all_in"]) ** (-self["count"])),
            when(share > 0, self["refinanced"] / largest(share, 1e-9), NO_LIMIT),
        )
        by_kind = when(
            either(self.is_kind("annuity"), self.is_kind("cash_sweep")), level,
            when(self.is_kind("straight_line"), lowest(span["straight"]),
                 when(self.is_kind("sculpted"), self["carried_sculpted"],
                      when(self.is_kind("partial"), self["carried_partial"], self["refinanced"]))),
        )  # fmt: skip
        carried = largest(least(self["carried_kind"], lowest(span["bearable"])), 0)
        return (
            self._row("carried_level", "Carried by level payments", lowest(span["least"]) * annuity(self["all_in"], self["count"])),
            self._row("carried_partial", "Carried by them above a balloon", when(self.is_kind("partial"), partial, 0.0)),
            self._row("carried_sculpted", "Carried sculpted to cash", least(total(span["value"]), lowest(span["sculptable"]))),
            self._row("carried_kind", "Carried as it is repaid", by_kind),
            self._row("sized", "Carried by CFADS", carried if self.exists is ALWAYS else when(self.exists, carried, 0.0)),
        )  # fmt: skip

    def _close(self) -> tuple[Row, ...]:
        """What a unit of the balance brings in at close and adds to the uses."""
        cover, months, built = self["cover"], self["cover_months"], cell("project_months")
        paid = when(is_blank(months), built, least(months, built))
        capitalised = same(cover, "capitalised")
        brought = when(capitalised, 1 / BUILDING.last(f"{self.code}_owed"), 1.0)
        spent = self["interest_unit"] + cell("structuring_fee_rate") * self["proceeds_unit"] + self.spent
        return (
            self._row("covered", "Construction interest covered", when(same(cover, "none"), 0.0, paid), "months"),
            self._row("proceeds_unit", "Proceeds at close, a unit", brought, "factor"),
            self._row("interest_unit", "Interest pre-funded, a unit",
                      when(capitalised, 0.0, self["all_in"] * total(BUILDING.span(f"{self.code}_funded", 1))), "factor"),
            self._row("spent_unit", "Costs at close, a unit", spent, "factor"),
        )  # fmt: skip

    def _caps(self) -> tuple[Row, ...]:
        """Each limit in its order, and what of them binds: the last that takes anything away."""
        own = when(
            both(self.by_refinancing, self["sized"] * self["balloon_share"] >= self["refinanced"] * (1 - SLACK)),
            BY_REFINANCING, BY_DSCR,
        )  # fmt: skip
        bound, left = when(self["sized"] <= 0, NOT_SIZED, own), self["sized"]
        rows = []
        for cap in self.caps:
            limit = self[f"cap_{cap.name}"]
            rows.append(self._row(f"cap_{cap.name}", f"Limit: {cap.label}", cap.balance))
            bound, left = when(left > largest(limit, 0), cap.code, bound), least(left, largest(limit, 0))
        return (
            *rows,
            self._row("capped", "Left by the limits", left),
            self._row(
                "balance", "Balance at the start of operations", when(self["capped"] <= self.dust, 0.0, self["capped"])
            ),
            self._row("sized_by", "Sized by, as a code", bound, "count"),
        )

    def _balance(self) -> tuple[Row, ...]:
        shrunk = when(self["sized"] > 0, self["balance"] / largest(self["sized"], 1e-9), 1.0)
        level = self["balance"] / annuity(self["refinance_rate"], least(NOTIONAL_MONTHS, LEASE_END))
        refinanced = both(self["balloon_share"] > 0, same(self.sweeps, False))
        more = self["balance"] * self["balloon_share"] > largest(self["alone"], 0) * (1 + SLACK)
        beyond = both(both(refinanced, IS_RELET), more)
        return (
            self._row("shrunk", "Share of its capacity used", shrunk, "share"),
            self._row("proceeds", "Proceeds at close", self["balance"] * self["proceeds_unit"]),
            self._row("prefunded", "Interest pre-funded", self["balance"] * self["interest_unit"]),
            self._row("notional", "Notional level payment a month", when(self.is_kind("interest_only"), level, 0.0)),
            self._row("beyond", "Refinanced beyond the lease", when(beyond, 1.0, 0.0), "count"),
        )

    def _column(self, name: str, label: str, formula: Expr, group: str = "", opening: Expr | None = None) -> Row:
        return Row(f"{self.code}_{name}", f"{self.label}: {label}", formula, opening=opening, group=group)

    def _flags(self) -> tuple[Row, ...]:
        """When the tranche is outstanding as agreed, repays, bears interest alone, matures."""
        held, maturity = self["held"], self["maturity"]
        stands = either(held >= MONTH, both(self.is_kind("interest_only"), maturity > MONTH))
        told = (
            ("in_term", "to maturity", maturity >= MONTH),
            ("is_repaying", "repaying", both(held < MONTH, maturity >= MONTH)),
            ("stands", "interest only", stands),
            ("is_before", "before the month of maturity", maturity > MONTH),
            ("matures", "month of maturity", same(MONTH, maturity)),
        )
        group = f"{self.label}, flags"
        return tuple(
            flag(f"{self.code}_{name}", f"{self.label}: {label}", condition, group if at == 0 else "")
            for at, (name, label, condition) in enumerate(told)
        )

    def _capacity(self) -> tuple[Row, ...]:
        can, held, all_in = self.column("capacity"), self["held"], self["all_in"]
        repaying = self.is_on("is_repaying")
        unit = 1 / self["count"] + all_in * (1 - (MONTH - held - 1) / self["count"])
        bearable = when(both(self["borne"] >= MONTH, all_in > 0), can / all_in, NO_LIMIT)
        # In no month may interest exceed capacity: the balance is what has been paid of it and that month's interest.
        paid = MONTHS.so_far(f"{self.code}_value") - self.column("value")
        sculptable = paid + can / all_in * (1 + all_in) ** (held - MONTH + 1)
        return (
            self._column("capacity", "capacity", when(MONTH <= LAST, self.capacity, 0.0), f"{self.label}, sizing"),
            self._column("straight", "carried, straight line", when(repaying, can / unit, NO_LIMIT)),
            self._column("value", "value of capacity", when(repaying, can * (1 + all_in) ** (held - MONTH), 0.0)),
            self._column("sculptable", "carried, sculpted", when(both(repaying, all_in > 0), sculptable, NO_LIMIT)),
            self._column("least", "capacity while repaying", when(repaying, can, NO_LIMIT)),
            self._column("bearable", "carried by interest", bearable),
            *late_capacity(self.code, f"{self.label}: capacity", can, self["refinance_rate"], self["maturity"]),
        )

    def _schedule(self) -> tuple[Row, ...]:
        """The balance that capacity carries, the part of it that the caps leave, and its service with any premium."""
        opening, closing = self.opening("schedule"), self.column("schedule")
        swept = both(self.sweeps, both(same(MONTH, LEASE_END), self["maturity"] < LEASE_END))
        late = both(same(self["beyond"], 1), same(self.is_on("in_term"), False))
        beyond = self.column("on_lease") + self.column("on_relet")
        scheduled = when(late, beyond, self.column("carried") * self["shrunk"])
        later = self["later_rate"] + self["all_in"] - self["rate"]
        rate = when(self.is_on("in_term"), self["all_in"], later)
        return (
            self._column("amortised", "balance by its schedule", self._amortised(), f"{self.label}, schedule"),
            self._column("bullet", "balloon from maturity", self._bullet()),
            self._column("carried", "balance carried", self._closing(), "", self["sized"]),
            self._column("on_lease", "beyond the lease: carried by the lease", when(late, self._on_lease(), 0.0)),
            self._column("on_relet", "beyond the lease: carried by the next", when(late, self._on_relet(), 0.0)),
            self._column("schedule", "scheduled balance", scheduled, "", self["balance"]),
            self._column("service", "scheduled service", opening * rate + when(swept, 0.0, opening - closing)),
        )

    def _closing(self) -> Expr:
        """Balance carried at the end of a month, by kind; what repays by cash reads the month before."""
        opening = self.opening("carried")
        used = self.column("capacity") - opening * self["all_in"]
        sculpted = opening - least(largest(used, 0), opening)
        repaying = when(self.is_kind("sculpted"), sculpted, self.column("amortised"))
        amortised = when(self.is_on("is_before"), repaying, self.column("bullet"))
        return when(self.is_on("stands"), self["sized"], amortised)

    def _amortised(self) -> Expr:
        """Balance of a straight line, else of an annuity on what is repaid beside interest alone on the balloon."""
        balance, left, share = self["sized"], self["maturity"] - MONTH, self["balloon_share"]
        repaid_to = annuity(self["all_in"], left) / annuity(self["all_in"], self["count"])
        straight, level = balance * left / self["count"], balance * (share + (1 - share) * repaid_to)
        return when(self.is_on("is_before"), when(self.is_kind("straight_line"), straight, level), 0.0)

    def _bullet(self) -> Expr:
        """A balloon from maturity: refinanced as an annuity to lease end, or standing for the sweep until then."""
        balance, rate = self["sized"] * self["balloon_share"], self["refinance_rate"]
        level = balance * annuity(rate, LEASE_END - MONTH) / annuity(rate, largest(self["tail"], 1))
        stands = either(self.sweeps, self.is_on("matures"))
        is_there = both(self["balloon_share"] > 0, MONTH < LEASE_END)
        from_maturity = both(is_there, same(self.is_on("is_before"), False))
        return when(from_maturity, when(stands, balance, level), 0.0)

    def _on_lease(self) -> Expr:
        """What the lease carries alone of a balloon refinanced beyond it, repaid in it."""
        rate, left = self["refinance_rate"], largest(LEASE_END - MONTH, 0)
        return largest(self["alone"], 0) * annuity(rate, left) / annuity(rate, largest(self["tail"], 1))

    def _on_relet(self) -> Expr:
        """The rest of it, grown until it is let again, repaid by then's rent."""
        rate, rest = self["refinance_rate"], self["balance"] * self["balloon_share"] - largest(self["alone"], 0)
        grown = rest * (1 + rate) ** (least(MONTH, RELET_FROM) - self["maturity"])
        left = annuity(rate, largest(LET_UNTIL - MONTH, 0)) / annuity(rate, largest(LET_UNTIL - RELET_FROM, 1))
        return grown * when(MONTH > RELET_FROM, left, 1.0)
