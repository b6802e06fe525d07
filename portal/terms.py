"""The terms that pages use, each in a sentence, and the keys that work on every page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term with what it stands for, where it is short for something, and what it means here."""

    word: str
    meaning: str
    stands_for: str = ""


TERMS = (
    Term("ARD", "The date at which notes are expected to be repaid; from then on all cash goes to repayment.", "Anticipated repayment date"),
    Term("Balloon", "What is still owed when the notes mature."),
    Term("Capex", "What it costs to build: at internal prices, and at the market prices a buyer would pay."),
    Term("Cash equity", "What the sponsor pays in after all debt: uses less debt."),
    Term("CFADS", "Cash after operating costs, fees and reserves, out of which debt is served.", "Cash flow available for debt service"),
    Term("Day-one value", "What the structure is worth to the developer at close."),
    Term("Developer profit", "Market cost less internal cost of the whole project, land and fees with it."),
    Term("DSCR", "Cash for debt service divided by the debt service of the same period.", "Debt service coverage ratio"),
    Term("DSRA", "Cash set aside to serve the debt for some months when income fails.", "Debt service reserve account"),
    Term("Gate A", "The first tests of a permutation: its terms, the market and its sources."),
    Term("Gate B", "The tests that follow on cash flows: cover, advance and rating."),
    Term("Grace", "Months in which interest is paid and no principal."),
    Term("Haircut value", "The value a lender counts: the appraised value less a haircut."),
    Term("ICR", "Cash for debt service divided by interest alone.", "Interest coverage ratio"),
    Term("Lever", "One term of a financing that a run may vary: tenor, coupon, cover, hedge."),
    Term("LLCR", "Present value of the cash to maturity divided by the debt.", "Loan life coverage ratio"),
    Term("LTC", "Debt divided by cost.", "Loan to cost"),
    Term("LTV", "Debt divided by value: appraised, or after the haircut.", "Loan to value"),
    Term("Mezzanine", "Debt that is served and repaid after the senior notes."),
    Term("Near miss", "A permutation that fails one criterion only, and narrowly."),
    Term("NOI", "Rent and other income less operating costs.", "Net operating income"),
    Term("Permutation", "One choice of a value for every lever of a run."),
    Term("PLCR", "Present value of the cash over the project's life divided by the debt.", "Project life coverage ratio"),
    Term("PUE", "Power drawn by the whole facility divided by the power of its IT equipment.", "Power usage effectiveness"),
    Term("Rank", "The place of a permutation in its run by the run's objective."),
    Term("Repo", "Lending against notes by a central bank, at their value less a haircut."),
    Term("Rule set", "A version of the limits by rating: cover, advance, tenor, and their sources."),
    Term("Run", "Every combination of the values allowed, sized, tested and ranked."),
    Term("Sculpted", "Principal that follows the cash, so that cover is the same in each period."),
    Term("Senior", "Debt that is served and repaid first."),
    Term("Tier", "How good a permutation is among its run: Diamond, Gold, Silver, Bronze, or not viable."),
    Term("Triple net", "A lease under which the tenant pays for power and running costs."),
    Term("TRS", "A swap of the return on notes against a financing rate.", "Total return swap"),
    Term("WACC", "The average cost of debt and equity, weighted by their amounts.", "Weighted average cost of capital"),
    Term("Wrap", "An insurer's promise to pay the senior notes, for a premium."),
    Term("ZCIS", "A swap of inflation against a fixed rate, settled at its end.", "Zero-coupon inflation swap"),
)  # fmt: skip

SHORTCUTS = (
    ("/ or Ctrl K", "Search projects, runs, financings, packs and rules"),
    ("?", "Open this page"),
    ("Esc", "Close a menu"),
    ("Up and Down", "Walk through an open menu, or a column of the capex table"),
)
