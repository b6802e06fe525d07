"""The search between the grid's points: never worse than the grid, equal to brute force, and plain about what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.deal import Choice, Deal, price, result_row
from engine.errors import InputProblems
from engine.permutations import REASONS, Case, LeverSet, evaluate
from engine.permutations.search import (
    EQUITY_RATIO,
    FRONTIERS,
    SearchResult,
    SearchTerms,
    Span,
    evaluate_points,
    grid_columns,
    search,
)
from engine.ratings import notch_of
from tests.engine.cases import random_case
from tests.engine.deals import LIGHT_GRID, OPEN_GATE, deal

AXES: dict[str, Any] = {
    "senior_tenor_years": [10, 15], "senior_amortisation": ["annuity", "sculpted", "interest_only"],
    "senior_coupon_rate": [0.05, 0.06], "senior_dscr": [1.3, 1.4, 1.5], "mezz_dscr": [1.15, 1.25],
    "mezz_coupon_rate": [0.09, 0.12], "equity_irr_rate": [0.12, 0.15],
}  # fmt: skip


def case_of(rules: dict[str, Any] = OPEN_GATE) -> Case:
    return deal(AXES, terms=LIGHT_GRID, rules=rules)


def rows_of(case: Case, levers: LeverSet | None = None) -> dict[str, Any]:
    """Every point of the space, with the share of equity worked out by hand."""
    whole = replace(case, levers=levers or case.levers)
    columns = evaluate(whole, np.arange(whole.levers.size, dtype=np.int64)).columns
    debt = columns["senior_proceeds_amount"] + columns["mezz_proceeds_amount"]
    return {**columns, EQUITY_RATIO: columns["sponsor_equity_amount"] / (columns["sponsor_equity_amount"] + debt)}


def ahead(rows: dict[str, Any], kept: Any) -> Any:
    """Of what is kept, what a ranking puts first: what survives every stress, where anything does."""
    sound = kept & (rows["stress_passed"] == 1)
    return sound if sound.any() else kept


def searched(case: Case, payload: dict[str, Any] | None = None, grid: Any = None, **more: Any) -> SearchResult:
    asked = {"effort": 500, **(payload or {})}
    return search(case, SearchTerms.from_dict(asked, case.levers), rows_of(case) if grid is None else grid, **more)


def limit(column: str, operator: str, value: float) -> dict[str, Any]:
    return {"column": column, "operator": operator, "value": value}


# Equity of a fifth of the uses at least, rated A at least.
ASKED = [limit(EQUITY_RATIO, ">=", 0.2), limit("rating_notch", "<=", notch_of("A"))]


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of()


@pytest.fixture(scope="module")
def found(case: Case) -> SearchResult:
    return searched(case, {"limits": ASKED})


def test_a_point_is_priced_as_one_financing_is(case: Case):
    points: dict[str, list[Any]] = {
        "senior_tenor_years": [15, 10, 15], "senior_amortisation": ["sculpted", "annuity", "interest_only"],
        "senior_coupon_rate": [0.0523, 0.0517, 0.0523], "senior_dscr": [1.311, 1.402, 1.311],
    }  # fmt: skip
    columns = evaluate_points(case, points)
    for n in range(3):
        choice = Choice.from_dict({code: values[n] for code, values in points.items()})
        alone = result_row(price(Deal(case.inputs, case.terms, case.rules, choice)))
        for name in ("gate", "senior_amount", "mezz_amount", "day_one_value", "worst_stressed_dscr"):
            expected = np.nan if alone[name] is None else alone[name]
            assert columns[name][n] == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_a_batch_too_wide_for_one_space_is_taken_in_halves(case: Case):
    drawn = np.random.default_rng(3)
    count = 300
    points: dict[str, list[Any]] = {
        code: drawn.uniform(low, high, count).tolist()
        for code, low, high in (
            ("senior_coupon_rate", 0.03, 0.07), ("senior_dscr", 1.1, 1.5), ("mezz_dscr", 1.05, 1.2), ("trs_share", 0, 0.3),
            ("mezz_coupon_rate", 0.06, 0.12), ("equity_irr_rate", 0.1, 0.2), ("opex_ratio", 0.1, 0.2), ("pue", 1.1, 1.3),
        )
    }  # fmt: skip
    together = evaluate_points(case, points)
    last = evaluate_points(case, {code: values[-1:] for code, values in points.items()})
    assert together["gate"].size == count
    assert together["senior_amount"][-1] == last["senior_amount"][0]


def test_the_answer_keeps_every_limit_and_beats_the_grid(case: Case, found: SearchResult):
    rows = rows_of(case)
    kept = (rows["gate"] == 2) & (rows[EQUITY_RATIO] >= 0.2 * (1 - 1e-9)) & (rows["rating_notch"] <= notch_of("A"))
    best_of_grid = rows["day_one_value"][kept].max()
    assert found.grid is not None
    assert found.grid.objective == best_of_grid
    assert found.best is not None
    assert found.best.objective > best_of_grid
    alone = result_row(price(Deal(case.inputs, case.terms, case.rules, Choice.from_dict(found.best.choice))))
    known = {name for name, value in alone.items() if value is not None}
    assert {name: found.row[name] for name in known} == pytest.approx({name: alone[name] for name in known}, rel=1e-12)
    assert all(found.row[name] is None for name in alone.keys() - known)
    assert alone["day_one_value"] == pytest.approx(found.best.objective, rel=1e-12)
    equity = float(alone["sponsor_equity_amount"] or 0)
    uses = equity + float(alone["senior_proceeds_amount"] or 0) + float(alone["mezz_proceeds_amount"] or 0)
    assert equity / uses >= 0.2 * (1 - 1e-9)
    assert alone["gate"] == 2
    assert int(alone["rating_notch"] or 99) <= notch_of("A")


@pytest.mark.parametrize(
    ("seed", "objective"), list(enumerate(["day_one_value", "senior_raise", "wacc", "equity_irr"] * 2))
)
def test_it_is_never_worse_than_the_grid(seed: int, objective: str):
    case = random_case(seed)
    rows = rows_of(case)
    column, sign = {
        "day_one_value": ("day_one_value", 1), "senior_raise": ("senior_amount", 1), "wacc": ("wacc_rate", -1),
        "equity_irr": ("sponsor_irr_rate", 1),
    }[objective]  # fmt: skip
    first = ahead(rows, (rows["gate"] == 2) & ~np.isnan(rows[column]))
    known = sign * rows[column][first]
    found = searched(case, {"objective": objective}, rows)
    if known.size:
        assert found.best is not None
        best = (found.row["stress_passed"] == 1, sign * found.best.objective)
        assert best >= (bool(rows["stress_passed"][first][0] == 1), known.max() - 1e-12 * abs(known.max()))
    assert (found.grid is None) == (known.size == 0)


def test_the_same_seed_gives_the_same_answer(case: Case, found: SearchResult):
    assert searched(case, {"limits": ASKED}) == found


TINY: dict[str, Any] = {
    "senior_amortisation": ["annuity", "sculpted"], "senior_coupon_rate": {"from": 0.0500, "to": 0.0506},
    "senior_dscr": {"from": 1.300, "to": 1.309}, "mezz_coupon_rate": {"from": 0.0900, "to": 0.0903},
    "senior_tenor_years": [15], "mezz_dscr": [1.15], "equity_irr_rate": [0.12],
}  # fmt: skip
TINY_SPACE = LeverSet.from_dict(
    {
        "axes": {
            "senior_tenor_years": [15], "senior_amortisation": ["annuity", "sculpted"], "mezz_dscr": [1.15],
            "senior_coupon_rate": [0.05, 0.0501, 0.0502, 0.0503, 0.0504, 0.0505, 0.0506],
            "senior_dscr": [1.3, 1.301, 1.302, 1.303, 1.304, 1.305, 1.306, 1.307, 1.308, 1.309],
            "mezz_coupon_rate": [0.09, 0.0901, 0.0902, 0.0903], "equity_irr_rate": [0.12],
        }
    }
)  # fmt: skip
# Cuts the corner off: without it the best is where cover and coupon are least.
CUT = 1.3045


@pytest.mark.parametrize("sign", [1, -1])
def test_on_a_tiny_space_it_is_brute_force(case: Case, sign: int):
    rows = rows_of(case, TINY_SPACE)
    kept = (rows["gate"] == 2) & (rows["dscr_minimum"] >= CUT)
    assert 0 < kept.sum() < kept.size
    column, objective = ("day_one_value", "day_one_value") if sign > 0 else ("wacc_rate", "wacc")
    best = (sign * rows[column][ahead(rows, kept)]).max()
    payload = {"levers": TINY, "limits": [limit("dscr_minimum", ">=", CUT)], "objective": objective}
    found = searched(case, payload, {name: values[:0] for name, values in rows.items()})
    assert found.best is not None
    assert sign * found.best.objective == pytest.approx(best, rel=1e-12)
    assert found.grid is None


def test_with_one_point_to_search_it_is_that_point(case: Case):
    one = {code: [values[0]] for code, values in AXES.items()}
    found = searched(case, {"levers": one, "objective": "senior_raise"})
    rows = rows_of(case)
    assert found.best is not None
    assert found.best.objective == rows["senior_amount"][0]
    assert found.best.index == 0


# Frontiers


def test_each_frontier_is_a_staircase_above_the_grids(case: Case, found: SearchResult):
    rows = rows_of(case)
    others = {
        "rating_notch": rows[EQUITY_RATIO] >= 0.2 * (1 - 1e-9),
        EQUITY_RATIO: rows["rating_notch"] <= notch_of("A"),
    }
    both = others["rating_notch"] & others[EQUITY_RATIO]
    for name, operator in FRONTIERS.items():
        steps = found.frontiers[name]
        assert steps, name
        for step in steps:
            keeps = rows[name] <= step.level if operator == "<=" else rows[name] >= step.level * (1 - 1e-9)
            known = rows["day_one_value"][(rows["gate"] == 2) & keeps & others.get(name, both)]
            assert (step.grid.objective if step.grid else None) == (known.max() if known.size else None)
            assert step.found is not None
            assert step.found.objective >= (known.max() if known.size else -np.inf)
            assert step.found.measure is not None
            kept = step.found.measure <= step.level if operator == "<=" else step.found.measure >= step.level - 1e-9
            assert kept
        values = [step.found.objective for step in steps if step.found]
        assert values == sorted(values), "a level that is easier to keep cannot cost more"


# What cannot be met


def test_a_limit_that_cannot_be_met_is_named_with_the_nearest_that_can(case: Case):
    payload = {"levers": TINY, "limits": [limit("dscr_minimum", ">=", 1.0), limit("agency_ltv_ratio", "<=", 0.2)]}
    rows = rows_of(case, TINY_SPACE)
    found = searched(case, payload)
    assert not found.row
    [unmet] = found.unmet
    assert unmet.limit is not None
    assert (unmet.limit.column, unmet.alone) == ("agency_ltv_ratio", True)
    assert unmet.reached == pytest.approx(rows["agency_ltv_ratio"][rows["gate"] == 2].min(), rel=1e-12)


def test_limits_that_exclude_each_other_are_both_named(case: Case):
    rows = rows_of(case, TINY_SPACE)
    passed = rows["gate"] == 2
    most = rows["senior_amount"][passed].max()
    cover = rows["dscr_minimum"][passed].max()
    payload = {"levers": TINY, "limits": [limit("senior_amount", ">=", most), limit("dscr_minimum", ">=", cover)]}
    found = searched(case, payload)
    assert found.best is None
    named = {each.limit.column: each for each in found.unmet if each.limit}
    assert set(named) == {"senior_amount", "dscr_minimum"}
    assert not any(each.alone for each in found.unmet)
    at_most = rows["dscr_minimum"][passed & (rows["senior_amount"] >= most * (1 - 1e-9))].max()
    assert named["dscr_minimum"].reached == pytest.approx(at_most, rel=1e-12)


def test_where_nothing_passes_the_gates_the_reason_is_told():
    case = case_of({"general.capex_coverage_min_ratio": 2.0})
    [unmet] = searched(case).unmet
    assert (unmet.limit, REASONS[unmet.reason]) == (None, "INSUFFICIENT_CAPITAL")


# Terms


def test_terms_are_read_back_as_they_were_written(case: Case):
    payload = {"levers": TINY, "limits": ASKED, "objective": "wacc", "seed": 7, "effort": 900}
    terms = SearchTerms.from_dict(payload, case.levers)
    assert SearchTerms.from_dict(terms.to_dict(), LeverSet(())) == terms
    assert dict(terms.levers)["senior_coupon_rate"] == Span(0.05, 0.0506)


def test_without_a_word_the_runs_own_values_are_searched(case: Case):
    levers: dict[str, Any] = dict(SearchTerms.from_dict({}, case.levers).levers)
    assert levers["senior_coupon_rate"] == Span(0.05, 0.06)
    assert levers["senior_tenor_years"] == (10, 15)
    assert levers["senior_amortisation"] == ("annuity", "sculpted", "interest_only")


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ({"objective": "composite"}, "objective"),
        ({"limits": [limit("index", ">=", 1)]}, "limits.0"),
        ({"limits": [limit("llcr", "~", 1)]}, "limits.0"),
        ({"limits": [limit("llcr", ">=", float("nan"))]}, "limits.0"),
        ({"limits": [limit("llcr", ">=", True)]}, "limits.0"),
        ({"limits": "all"}, "limits"),
        ({"levers": {"senior_coupon_rate": {"from": 0.06, "to": 0.05}}}, "senior_coupon_rate"),
        ({"levers": {"senior_coupon_rate": {"from": 0.06}}}, "senior_coupon_rate"),
        ({"levers": {"senior_coupon_rate": {"from": 0.06, "to": 9}}}, "senior_coupon_rate"),
        ({"levers": {"senior_amortisation": {"from": 0, "to": 1}}}, "senior_amortisation"),
        ({"levers": {"senior_tenor_years": []}}, "senior_tenor_years"),
        ({"levers": {"senior_tenor_years": [5.5]}}, "senior_tenor_years"),
        ({"levers": {"colour": [1]}}, "colour"),
        ({"levers": [1]}, "levers"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"effort": 10**9}, "effort"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_place(case: Case, payload: dict[str, Any], place: str):
    with pytest.raises(InputProblems) as refused:
        SearchTerms.from_dict(payload, case.levers)
    assert [problem.place for problem in refused.value.problems] == [place]


def test_progress_comes_to_its_end(case: Case):
    told: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        told.append((done, total))

    searched(case, report=report)
    totals = {total for _, total in told}
    assert len(totals) == 1
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


def test_the_grid_is_read_by_the_columns_that_are_needed(case: Case):
    terms = SearchTerms.from_dict({"limits": [limit("llcr", ">=", 1.2)]}, case.levers)
    needed = grid_columns(terms)
    assert {"llcr", "day_one_value", "gate", "rating_notch"} <= set(needed)
    rows = rows_of(case)
    only = {name: rows[name] for name in ("index", *needed)}
    assert search(case, terms, only).grid == search(case, terms, rows).grid
