"""Classes sized by the criteria on cumulative debt, each expected share worked out by hand."""

import pytest

from engine.deal.detail import Check, RatingChecks
from lib.grids import Grid
from securitisation.loan_tape import read_tape, suggested_mapping
from securitisation.run_terms import RunTerms
from securitisation.sizing import share_carried


def check(number: int, value: float | str | None, limit: float | str | None, passed: bool = True) -> Check:
    return Check(f"criterion_{number}", "", "", value, limit, None, passed)


def row(*checks: Check) -> RatingChecks:
    return RatingChecks("A", True, checks)


@pytest.mark.parametrize(
    ("checks", "share"),
    [
        ((check(1, 1.35, 1.35),), 1.0),
        ((check(1, 1.35, 1.50, passed=False),), 0.9),
        ((check(1, 1.50, 1.20),), 1.0),  # never more than the debt there is
        ((check(3, 0.5, 0.4, passed=False),), 0.8),
        ((check(3, 0.4, 0.5),), 1.0),
        ((check(1, 1.2, 1.5, passed=False), check(3, 0.8, 0.4, passed=False)), 0.5),  # the tighter of 0.8 and 0.5
        ((check(1, 1.35, 1.2), check(4, 20.0, 18.0, passed=False)), 0.0),  # no share mends a tenor
        ((check(1, 1.35, 1.2), check(9, "BB", "caps at BBB", passed=False)), 0.0),  # nor a tenant
        ((check(18, 0.9, 0.7, passed=False),), 1.0),  # of all debt, not of the classes
    ],
)
def test_the_share_a_rating_carries(checks: tuple[Check, ...], share: float):
    assert share_carried(row(*checks)) == pytest.approx(share)


def grid(*rows: str) -> Grid:
    headers = ("Loan", "Currency", "Balance", "Coupon", "Remaining months", "Amortisation", "Rating")
    return Grid(headers, tuple(tuple(each.split("|")) for each in rows), tuple(range(2, 2 + len(rows))))


@pytest.mark.parametrize(
    ("cells", "column", "value"),
    [
        ("A|GBP|100|0.055|12||", "coupon_rate", 0.055),
        ("A|GBP|100|5.5%|12||", "coupon_rate", 0.055),
        ("A|GBP|100|5.125%|12||", "coupon_rate", 0.05125),
        ("A|GBP|100|0.12345|12||", "coupon_rate", 0.12345),
        ("A|GBP|100|5,5%|12||", "coupon_rate", 0.055),
        ("A|gbp|100|5.5 %|12||", "currency", "GBP"),
        ("A|GBP|1,250,000.50|5%|12||", "balance_amount", 1_250_000.5),
        ("A|GBP|100|5%|12|Interest Only|", "amortisation", "interest_only"),
        ("A|GBP|100|5%|12||bbb-", "rating", "BBB-"),
        ("A|GBP|100|5%|12||", "rating", "NR"),
        ("A|GBP|100|50%|600||", "remaining_months", 600),
    ],
)
def test_cells_are_read_as_they_are_meant(cells: str, column: str, value: object):
    found = read_tape(grid(cells), suggested_mapping(grid(cells).headers))
    assert found.problems == ()
    assert found.loans[1][column] == value


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ("A|GBP||5%|12||", "balance_amount", "missing"),
        ("A|GBP|0|5%|12||", "balance_amount", "out_of_range"),
        ("A|GBP|1,250|5%|12||", "balance_amount", "ambiguous"),
        ("A|GBP|100|50.1%|12||", "coupon_rate", "out_of_range"),
        ("A|GBP|100|-1%|12||", "coupon_rate", "out_of_range"),
        ("A|GBP|100|5.5|12||", "coupon_rate", "out_of_range"),  # 550%: a percent sign is missing
        ("A|GBP|100|5%|0||", "remaining_months", "out_of_range"),
        ("A|GBP|100|5%|601||", "remaining_months", "out_of_range"),
        ("A|GBP|100|5%|1.5||", "remaining_months", "not_whole"),
        ("A|XXX|100|5%|12||", "currency", "unknown_currency"),
        ("A|GBP|100|5%|12|balloon|", "amortisation", "unknown"),
        ("A|GBP|100|5%|12||Aaa1", "rating", "unknown_rating"),
    ],
)
def test_a_bad_cell_is_named_with_its_place(cells: str, column: str, code: str):
    found = read_tape(grid(cells), suggested_mapping(grid(cells).headers))
    assert [(each.row, each.column, each.code) for each in found.problems] == [(1, column, code)]
    assert not found.loans


def test_ten_thousand_rows_with_forty_bad_cells_keep_the_rest():
    rows = [f"L{n}|GBP|{'x' if n % 250 == 0 else 1000 + n}|5%|120||A" for n in range(1, 10_001)]
    found = read_tape(grid(*rows), suggested_mapping(grid(*rows).headers))
    assert [each.row for each in found.problems] == list(range(250, 10_001, 250))
    assert len(found.loans) == 9_960


def test_a_run_counts_its_base_case_its_grid_and_its_scenarios():
    terms = RunTerms.from_dict(
        {"cpr_rates": [0.1, 0.0, 0.1], "cdr_rates": [0.0, 0.05], "scenarios": [{"name": "X", "behaviour": {}}]}
    )
    assert (terms.cpr_rates, terms.count) == ((0.0, 0.1), 1 + 2 * 2 + 1)
    assert RunTerms.from_dict(terms.to_dict()) == terms
