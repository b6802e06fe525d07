"""The book: every name it reads is there, its text and its numbers say the same, and what follows is worked out again."""

import math

import numpy as np
import pytest

from engine.book import Page, book, compute, given, sizes
from engine.book.algebra import Column, Expr, annuity, cell, expr, internal_rate_of, largest, missing, pick, same, when
from engine.book.quotes import NO_QUOTES, Quotes
from engine.book.results import FIGURES, MARKET_FIGURES
from engine.book.rows import read_key
from engine.deal.structure import price, run_scenario
from engine.debt.kinds import AMORTISATIONS, BY_GEARING, BY_TOTAL_ADVANCE
from engine.market import Seniority
from engine.measures.cover import ARD_PLCR, BREACH_MONTH, DSCR_MINIMUM, LLCR
from engine.permutations import Case, evaluate
from engine.ratings.scale import NOT_RATED
from engine.waterfall.terms import EQUITY
from tests.engine.brute_force import alive, assert_same
from tests.engine.cases import random_case, random_market
from tests.engine.deals import LIGHT_GRID, OPEN_GATE, deal

CASE = deal({"senior_amortisation": ["annuity", "sculpted", "interest_only"], "mezz_dscr": [1.1]}, terms=LIGHT_GRID,
            rules=OPEN_GATE)  # fmt: skip
SCENARIO = {"scenario_cpi_rate": 0.0, "scenario_shift_bps": 200.0, "scenario_default_ratio": 0.2}


def page_of(index: int = 0) -> Page:
    return compute(CASE.inputs, CASE.terms, CASE.rules, CASE.levers.levers_at(index))


@pytest.mark.parametrize("steps", [4, 6])
def test_every_name_that_is_read_is_a_row_or_an_input(steps: int):
    pages = book(steps)
    inputs = set(given(CASE.inputs, CASE.terms, CASE.rules, CASE.levers.levers_at(0))) | {"#"}
    inputs |= {
        f"{trap}_{part}_{n}"
        for n in range(1, steps + 1)
        for trap in ("lock_up", "ard_trap")
        for part in ("level", "share")
    }
    for key, row in pages.rows.items():
        reads = row.formula.reads + (row.opening.reads if row.opening else ())
        assert {read_key(read) for read in reads} <= set(pages.rows) | inputs, key
    assert not set(pages.rows) & inputs
    assert set(FIGURES.values()) <= set(pages.rows)


def test_every_figure_has_its_own_name():
    sheets = [key for sheet in book(4).sheets for key, _ in sheet.keyed()]
    assert len(sheets) == len(set(sheets))


@pytest.mark.parametrize(
    ("formula", "text", "value"),
    [
        (cell("a") - (cell("b") - 1), "[a]-([b]-1)", 7.0 - (3.0 - 1)),
        (cell("a") / (cell("b") / 2), "[a]/([b]/2)", 7.0 / 1.5),
        ((1 + cell("b")) ** (-cell("a")), "(1+[b])^(-[a])", 4.0**-7),
        # A spreadsheet reads -a^2 as (-a)^2, and 2^3^2 from the left.
        (-(cell("a") ** 2), "-([a]^2)", -49.0),
        ((cell("b") ** 2) ** 2, "[b]^2^2", 81.0),
        (cell("a") * (cell("b") + -2), "[a]*([b]+-2)", 7.0),
        (when(cell("a") > cell("b"), "yes", "no"), 'IF([a]>[b],"yes","no")', "yes"),
        (when(same(cell("a"), 7), largest(cell("a"), cell("b"), 9), 0), "IF([a]=7,MAX([a],[b],9),0)", 9.0),
        (annuity(cell("b"), 2), "PV([b],2,-1)", 1 / 4 + 1 / 16),
        (annuity(expr(0.0), cell("a")), "PV(0,[a],-1)", 7.0),
    ],
)
def test_text_and_number_say_the_same(formula: Expr, text: str, value: object):
    assert formula.text == text
    found = Page(book(4), {"a": 7.0, "b": 3.0}, sizes(120)).value_of(formula)
    assert found == (pytest.approx(value, rel=1e-14) if isinstance(value, float) else value)


def test_where_a_spreadsheet_has_an_error_there_is_no_number():
    page = page_of()
    assert math.isnan(page.value_of(cell("noi") / 0))
    assert math.isnan(page.value_of(missing("none")))
    with pytest.raises(ArithmeticError):
        page.value_of(pick(Column("months").span("cfads"), expr(10_000)))


def test_a_rate_of_return_by_hand():
    assert internal_rate_of(np.array([-100.0, 10.0, 110.0])) == pytest.approx(0.1, rel=1e-12)
    assert math.isnan(internal_rate_of(np.array([1.0, 1.0])))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_scenario_moves_what_follows_from_it_and_nothing_else(index: int):
    page = page_of(index)
    before = {name: page[name] for name in FIGURES.values()}
    moved = page.under(SCENARIO)
    inputs = given(CASE.inputs, CASE.terms, CASE.rules, CASE.levers.levers_at(index)) | SCENARIO
    afresh = Page(page.book, inputs, page.sizes)
    for name in FIGURES.values():
        assert moved[name] == pytest.approx(afresh[name], nan_ok=True, rel=1e-15), name
        assert page[name] is before[name]
    assert moved["dscr_minimum"] < page["dscr_minimum"]
    assert moved.columns["months.senior_schedule"] is page.columns["months.senior_schedule"]


def test_a_lease_longer_than_the_months_written_is_told():
    page = page_of()
    assert page["check_lease"] == "OK"
    assert page.under({"term_years": 40.0}).value_of(book(4).rows["check_lease"].formula) == "CHECK"


def test_anything_may_be_given():
    """The senior debt of a capacity, whatever the deal: 24 months of 10 at 1% carry what a table says."""
    capacity = np.full(25, 10.0)
    terms = {"lease_months": 24.0, "senior_amortisation": "annuity", "senior_all_in": 0.01, "senior_maturity": 24.0,
             "senior_held": 0.0, "senior_refinance_rate": 0.01}  # fmt: skip
    page = Page(book(4), {**terms, "months.senior_capacity": capacity}, sizes(24))
    assert page["senior_sized"] == pytest.approx(sum(10.0 / 1.01**n for n in range(1, 25)), rel=1e-13)


def test_trailing_cover_of_a_service_that_is_nearly_nil():
    """The last month owes a ten-millionth of the debt: its ratio has all its digits, whatever was owed before."""
    months = {"months.test_service": np.array([math.nan, 0.25, 0.25, 0.5, 3e-8]), "months.test_cash": np.full(5, 0.3)}
    page = Page(book(4), {**months, "rounding": 1e-12, "trap_window": 1.0}, sizes(4))
    assert page.column("months.trailing_dscr")[1:] == pytest.approx([1.2, 1.2, 0.6, 1e7], rel=1e-15)
    longer = page.under({"trap_window": 3.0}).column("months.trailing_dscr")[1:]
    assert longer == pytest.approx([1.2, 1.2, 0.9, 0.9 / (0.75 + 3e-8)], rel=1e-15)


@pytest.mark.parametrize("seed", range(24))
def test_the_books_figures_are_the_runs(seed: int):
    """Of the first financing that lives in a random case; its market quoted at the ratings it has there."""
    case = random_case(seed, 24)
    found = evaluate(case, np.arange(case.levers.size))
    columns, quotes, figures = found.columns, NO_QUOTES, dict(FIGURES)
    for index in alive(found)[:1].tolist():
        if case.market is not None:
            found_notches = (int(columns[name][index]) for name in ("rating_notch", "mezz_rating_notch"))
            notches = (NOT_RATED if each < 0 else each for each in found_notches)
            quotes = Quotes.of(case.market.market_for(case.inputs.currency), *notches)
            figures |= MARKET_FIGURES
        page = compute(case.inputs, case.terms, case.rules, case.levers.levers_at(index), quotes)
        for name, figure in figures.items():
            scale = case.inputs.capex_internal.total_amount if "amount" in name or name == "day_one_value" else 1.0
            assert_same(float(columns[name][index]), float(page[figure]), scale, (seed, index, name))


def structures(seed: int) -> list[tuple[Case, int]]:
    """Some permutations of a random case whose senior matures within the lease."""
    case = random_case(seed)
    last = case.inputs.lease.term_years - case.rules.lease_tail_years
    picked = range(0, case.levers.size, max(1, case.levers.size // 3))
    return [(case, k) for k in picked if float(case.levers.levers_at(k)["senior_tenor_years"]) <= last]


@pytest.mark.parametrize("seed", range(200, 212))
def test_the_book_and_the_engine_say_the_same_under_scenarios(seed: int):
    """The engine's kernels share no formula with the rows: the grid's harshest cell, and each scenario of the ratings."""
    for case, index in structures(seed):
        deal = case.deal_of(index)
        structure, page = price(deal), compute(case.inputs, case.terms, case.rules, deal.choice.to_dict())
        amount = structure.senior.amount
        assert page["senior_balance"] == pytest.approx(amount, rel=1e-9)
        if not structure.runs:
            continue
        grid = [deal.grid[-1], *case.rating_scenarios]
        for number, scenario in enumerate(grid):
            entered = {
                "scenario_cpi_rate": scenario.cpi_rate, "scenario_shift_bps": scenario.rate_shift_bps,
                "scenario_default_ratio": scenario.default_ratio,
            }  # fmt: skip
            moved = page.under(entered if number == 0 else {"rating_scenario": float(number)})
            run = run_scenario(structure, scenario)
            assert moved["defaulted"] == run.judged.defaulted, scenario
            for measure, figure in ((DSCR_MINIMUM, "dscr_minimum"), (LLCR, "llcr"), (BREACH_MONTH, "breach_month")):
                assert moved[figure] == pytest.approx(run.judged.cover[measure], rel=1e-9), (figure, scenario)
            if moved["balloon"] > 0:
                assert moved["ard_plcr"] == pytest.approx(run.judged.cover[ARD_PLCR], rel=1e-9)
            assert moved.column("months.equity")[1:] == pytest.approx(
                run.periods[:, EQUITY], rel=1e-9, abs=1e-9 * amount
            )


@pytest.mark.parametrize("kind", AMORTISATIONS)
def test_debt_at_the_gearing_limit_is_that_share_of_all_uses(kind: str):
    case = deal(
        {"senior_amortisation": [kind], "senior_dscr": [1.3], "mezz_dscr": [1.05], "dsra_months": [12]},
        project={"capex.internal.lines.build": 150e6}, rules={"general.max_gearing_ratio": 0.7},
    )  # fmt: skip
    page = compute(case.inputs, case.terms, case.rules, case.levers.levers_at(0))
    assert page["senior_sized_by"] == BY_GEARING
    assert page["debt_raised"] / page["uses"] == pytest.approx(0.7, rel=1e-12)
    assert page["equity_ratio"] == pytest.approx(0.3, rel=1e-12)
    assert page["mezz_balance"] == 0.0


def test_all_debt_stays_within_the_total_advance():
    rules = {"general.max_gearing_ratio": 1.0, "general.max_total_advance_ratio": 0.3}
    case = deal({"mezz_dscr": [1.05]}, rules=rules)
    page = compute(case.inputs, case.terms, case.rules, case.levers.levers_at(0))
    assert page["senior_sized_by"] == BY_TOTAL_ADVANCE
    assert page["total_agency_ltv"] == pytest.approx(0.3, rel=1e-12)


def test_sculpted_debt_never_owes_more_interest_than_it_may_pay():
    """Cash that falls by a tenth each period: each period's interest is borne, and in the tightest exactly."""
    falling = [10.0 * 0.9**n for n in range(40)]
    rate = 0.05
    terms = {"lease_months": 40.0, "senior_amortisation": "sculpted", "senior_all_in": rate, "senior_rate": rate,
             "senior_maturity": 40.0, "senior_held": 0.0, "senior_refinance_rate": rate, "sweeps": False}  # fmt: skip
    for capacity in (falling, falling[::-1]):
        page = Page(book(4), {**terms, "months.senior_capacity": np.array([math.nan, *capacity])}, sizes(40))
        owed = page.column("months.senior_carried")
        interest = owed[:-1] * rate
        assert (interest <= np.array(capacity) * (1 + 1e-12)).all()
        tight = bool((interest >= np.array(capacity) * (1 - 1e-12)).any())
        paid_back = sum(c / (1 + rate) ** (n + 1) for n, c in enumerate(capacity))
        assert tight or page["senior_sized"] == pytest.approx(paid_back, rel=1e-12)


def test_coupons_stand_against_the_market_at_the_structures_own_life():
    market = random_market(np.random.default_rng(3)).market_for("GBP")
    page = compute(CASE.inputs, CASE.terms, CASE.rules, CASE.levers.levers_at(2), Quotes.of(market, 7, 10))
    for code, notch, seniority in (("senior", 7, Seniority.SENIOR), ("mezz", 10, Seniority.MEZZANINE)):
        life = page[f"{code}_priced_wal"]
        fair = market.fair_coupon_rate(notch, life, seniority)
        assert page[f"{code}_benchmark"] == pytest.approx(market.zero_rate(life), rel=1e-12)
        assert page[f"{code}_fair_coupon"] == pytest.approx(fair, rel=1e-12)
        assert page[f"{code}_coupon_margin"] == pytest.approx((page[f"{code}_coupon_rate"] - fair) * 1e4, rel=1e-9)
    # The ARD note stands in full until month 180, which follows two years of construction.
    assert page["senior_priced_wal"] == pytest.approx(2.0 + 15.0, rel=1e-12)
