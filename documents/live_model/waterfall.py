"""The monthly priority of payments. Model book, section 9.

Gross income, costs, hedges and wrap, senior interest, senior principal, DSRA, margin call, mezzanine interest and
principal, sweep, cash trap, equity: each paid from what the ones before it left.
"""

from __future__ import annotations

from documents.live_model.algebra import Expr, both, largest, least, pick, same, when
from documents.live_model.book import Grid
from documents.live_model.operations import MONTHS
from documents.live_model.structure import Structure

# A ratio this close to its threshold meets it.
THRESHOLD_SLACK = 1e-9
COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("test_cash", "Cash for senior service", "amount", "Tests"),
    ("test_service", "Scheduled senior service", "amount", ""),
    ("cash_so_far", "Cash so far", "amount", ""),
    ("due_so_far", "Service so far", "amount", ""),
    ("dscr", "DSCR", "times", ""),
    ("trailing_dscr", "DSCR, trailing", "times", ""),
    ("trapped_share", "Share trapped", "share", ""),
    ("costs", "Costs due", "amount", "Operation and hedges"),
    ("opex", "Costs paid", "amount", ""),
    ("hedge_due", "Hedges and arrears due", "amount", ""),
    ("hedge_received", "Hedges received", "amount", ""),
    ("hedge_paid", "Hedges paid", "amount", ""),
    ("wrap_premium", "Wrap premium paid", "amount", ""),
    ("trap_released", "Trap released", "amount", ""),
    ("margin_returned", "TRS margin returned", "amount", ""),
    ("senior_cash", "Cash for senior", "amount", "Senior"),
    ("interest_due", "Interest due", "amount", ""),
    ("principal_due", "Principal due", "amount", ""),
    ("interest_paid", "Interest from cash", "amount", ""),
    ("principal_paid", "Principal from cash", "amount", ""),
    ("interest_drawn", "Interest from DSRA", "amount", ""),
    ("principal_drawn", "Principal from DSRA", "amount", ""),
    ("senior_deferred", "Interest deferred", "amount", ""),
    ("senior_unpaid", "Senior unpaid", "amount", ""),
    ("dsra_released", "DSRA released", "amount", "Reserve and margin"),
    ("dsra_top_up", "DSRA topped up", "amount", ""),
    ("dsra_balance", "DSRA balance", "amount", ""),
    ("margin_call", "Margin call paid", "amount", ""),
    ("arrears", "Hedges and premium in arrears", "amount", ""),
    ("mezz_cash", "Cash for mezzanine", "amount", "Mezzanine"),
    ("mezz_due", "Interest due", "amount", ""),
    ("mezz_interest", "Interest paid", "amount", ""),
    ("mezz_principal", "Principal paid", "amount", ""),
    ("mezz_balance", "Balance", "amount", ""),
    ("mezz_deferred", "Interest deferred", "amount", ""),
    ("swept", "Swept to senior", "amount", "Equity"),
    ("senior_balance", "Senior balance", "amount", ""),
    ("cash_trapped", "Cash trapped", "amount", ""),
    ("trap_balance", "Trap balance", "amount", ""),
    ("equity", "Equity distribution", "amount", ""),
)


def write_waterfall(structure: Structure) -> Grid:
    """The columns of payments, month by month."""
    months = structure.operations.months
    for column in COLUMNS:
        months.column(*column)
    opening: dict[str, Expr | float] = {
        "cash_so_far": 0.0, "due_so_far": 0.0, "senior_deferred": 0.0, "mezz_deferred": 0.0, "arrears": 0.0, "trap_balance": 0.0,
        "senior_balance": structure.senior["balance"], "mezz_balance": structure.mezz["balance"],
        "dsra_balance": months.at("dsra_target", 0),
    }  # fmt: skip
    for name, amount in opening.items():
        months.put(name, 0, amount)
    for m in range(1, MONTHS + 1):
        _test_month(structure, m)
    for m in range(1, MONTHS + 1):
        _test_trailing(structure, m)
        _Month(structure, m).pay()
    return months


def _test_month(structure: Structure, m: int) -> None:
    """DSCR of the month on scheduled service, before anyone is paid."""
    months, senior = structure.operations.months, structure.senior
    month, opening, closing = (
        months.at("month", m),
        months.at("senior_schedule", m - 1),
        months.at("senior_schedule", m),
    )
    carry = when(month <= senior.maturity, _carry(structure), 0.0)
    cash = months.put("test_cash", m, months.at("cfads", m) + months.at("swap", m) + opening * carry)
    sweeping = both(structure["sweeps"], month > senior.maturity)
    principal = when(sweeping, 0.0, opening - closing)
    service = months.put(
        "test_service", m, opening * (_senior_rate(structure, month) + structure["wrap_rate"]) + principal
    )
    months.put("cash_so_far", m, months.at("cash_so_far", m - 1) + cash)
    months.put("due_so_far", m, months.at("due_so_far", m - 1) + service)
    months.put("dscr", m, when(service > structure["rounding"], cash / service, ""))


def _test_trailing(structure: Structure, m: int) -> None:
    """DSCR of the lock-up's window, and the share of the residual it traps."""
    months, inputs = structure.operations.months, structure.inputs
    month = months.at("month", m)
    before = largest(month - inputs["lock_up_window_months"], 0) + 1
    due = months.at("due_so_far", m) - pick(months.span("due_so_far"), before)
    covered = months.at("cash_so_far", m) - pick(months.span("cash_so_far"), before)
    trailing = months.put("trailing_dscr", m, when(due > structure["rounding"], covered / due, ""))
    steps = [when(trailing < level * (1 - THRESHOLD_SLACK), share, 0.0) for level, share in inputs.lock_up]
    # The last month keeps nothing back.
    held = when(same(month, structure.operations["lease_months"]), 0.0, largest(*steps))
    months.put("trapped_share", m, held)


def _carry(structure: Structure) -> Expr:
    operations = structure.operations
    return structure["trs_carry"] + structure.inputs["trs_share"] * (operations["passed_on"] - operations["shock"])


def _senior_rate(structure: Structure, month: Expr) -> Expr:
    """Monthly coupon of the month: unfixed coupons rise with the scenario, a refinancing is priced at its rates."""
    operations, senior = structure.operations, structure.senior
    later = senior.later + when(structure["sweeps"], operations["passed_on"], operations["shock"])
    return when(month <= senior.maturity, senior.rate + operations["passed_on"], later)


class _Month:
    """One month's payments, in their order."""

    def __init__(self, structure: Structure, m: int) -> None:
        self.structure, self.m = structure, m
        self.months = structure.operations.months
        self.month = self.months.at("month", m)
        self.matures = same(self.month, structure.senior.maturity)

    def pay(self) -> None:
        """Every column of the month."""
        cash = self._operate()
        cash = self._release(cash)
        cash = self._pay_senior(cash)
        cash = self._keep_reserve(cash)
        cash = self._pay_mezz(cash)
        self._distribute(cash)

    def at(self, name: str) -> Expr:
        return self.months.at(name, self.m)

    def before(self, name: str) -> Expr:
        return self.months.at(name, self.m - 1)

    def put(self, name: str, formula: Expr) -> Expr:
        return self.months.put(name, self.m, formula)

    def _operate(self) -> Expr:
        """Costs, then hedges and premium; what cannot be paid is owed next month, without interest."""
        structure, income = self.structure, self.at("income")
        costs = self.put("costs", income - self.at("cfads"))
        paid = self.put("opex", least(income, costs))
        carry = when(self.month <= structure.senior.maturity, _carry(structure), 0.0)
        net = self.at("swap") + self.before("senior_balance") * carry
        due = self.put("hedge_due", largest(-net, 0) + self.before("arrears"))
        received = self.put("hedge_received", largest(net, 0))
        hedge = self.put("hedge_paid", least(income - paid + received, due))
        left = income - paid + received - hedge
        wrap = self.put("wrap_premium", least(left, self.before("senior_balance") * structure["wrap_rate"]))
        return left - wrap

    def _release(self, cash: Expr) -> Expr:
        structure = self.structure
        trap = self.put("trap_released", when(same(self.at("trapped_share"), 0), self.before("trap_balance"), 0.0))
        back = largest(structure["margin"] - structure["margin_loss"], 0)
        margin = self.put("margin_returned", when(self.matures, back, 0.0))
        return self.put("senior_cash", cash + trap + margin)

    def _pay_senior(self, cash: Expr) -> Expr:
        """Interest, then principal, each from cash and then from the reserve; interest not paid earns interest."""
        senior, rate = self.structure.senior, _senior_rate(self.structure, self.month)
        owed, reserve = self.before("senior_balance"), self.before("dsra_balance")
        interest = self.put("interest_due", owed * rate + self.before("senior_deferred") * (1 + rate))
        scheduled = self.at("senior_schedule")
        share = when(self.month < senior.maturity, 1.0, self.structure["refinanced_share"])
        principal = self.put("principal_due", largest(owed - scheduled * share, 0))
        from_cash = self.put("interest_paid", least(cash, interest))
        repaid = self.put("principal_paid", least(cash - from_cash, principal))
        drawn = self.put("interest_drawn", least(reserve, interest - from_cash))
        redrawn = self.put("principal_drawn", least(reserve - drawn, principal - repaid))
        deferred = self.put("senior_deferred", interest - from_cash - drawn)
        self.put("senior_unpaid", deferred + principal - repaid - redrawn)
        return cash - from_cash - repaid

    def _keep_reserve(self, cash: Expr) -> Expr:
        """Topped up to its target while senior is outstanding, released at its maturity; then any margin call."""
        structure = self.structure
        over = self.month >= structure.senior.maturity
        left = self.before("dsra_balance") - self.at("interest_drawn") - self.at("principal_drawn")
        released = self.put("dsra_released", when(over, left, 0.0))
        missing = when(over, 0.0, largest(self.at("dsra_target") - left, 0))
        top_up = self.put("dsra_top_up", least(cash + released, missing))
        self.put("dsra_balance", left - released + top_up)
        due = when(self.matures, largest(structure["margin_loss"] - structure["margin"], 0), 0.0)
        call = self.put("margin_call", least(cash + released - top_up, due))
        premium_due = self.before("senior_balance") * structure["wrap_rate"]
        unpaid = self.at("hedge_due") - self.at("hedge_paid") + premium_due - self.at("wrap_premium")
        self.put("arrears", unpaid + due - call)
        return self.put("mezz_cash", cash + released - top_up - call)

    def _pay_mezz(self, cash: Expr) -> Expr:
        mezz, operations = self.structure.mezz, self.structure.operations
        rate = when(self.month <= mezz.maturity, mezz.rate + operations["passed_on"], mezz.later + operations["shock"])
        due = self.put("mezz_due", self.before("mezz_balance") * rate + self.before("mezz_deferred") * (1 + rate))
        interest = self.put("mezz_interest", least(cash, due))
        scheduled = largest(self.before("mezz_balance") - self.at("mezz_schedule"), 0)
        principal = self.put("mezz_principal", least(cash - interest, scheduled))
        self.put("mezz_balance", self.before("mezz_balance") - principal)
        self.put("mezz_deferred", due - interest)
        return cash - interest - principal

    def _distribute(self, cash: Expr) -> None:
        """The sweep after the anticipated repayment date, the trap, and equity with what is left."""
        structure = self.structure
        left = self.before("senior_balance") - self.at("principal_paid") - self.at("principal_drawn")
        sweeping = both(structure["sweeps"], self.month > structure.senior.maturity)
        swept = self.put("swept", when(sweeping, least(cash, left), 0.0))
        self.put("senior_balance", left - swept)
        trapped = self.put("cash_trapped", (cash - swept) * self.at("trapped_share"))
        self.put("trap_balance", self.before("trap_balance") - self.at("trap_released") + trapped)
        self.put("equity", cash - swept - trapped)
