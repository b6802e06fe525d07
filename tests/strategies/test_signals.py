"""Recipes and the steps of a score: the reference at every step, edges by hand, properties by drawing."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputProblems
from engine.strategies.cross_sections import combined, neutral, standardised, winsorised
from engine.strategies.panels import Panel
from engine.strategies.recipes import Cadence, Factor, Recipe, read_recipe, recipe_content
from engine.strategies.signals import Facts, decayed, run_recipe, worked_days
from tests.strategies.panel_cases import (
    FACTORS,
    RECIPE,
    SIZE,
    drawn_panel,
    drawn_sectors,
    expected,
    factor_panel,
    sectors,
    weekdays,
)

NAN = np.nan


def assert_close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def reference():
    return run_recipe(factor_panel(), Facts(sectors()), RECIPE)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("step", ["winsorised", "z", "neutral"])
def test_each_step_of_each_factor_is_the_reference(reference, number, step):
    steps = reference.factors[number]
    assert_close(steps.steps()[step], expected(f"{step}_{steps.factor.field}"))


@pytest.mark.parametrize("step", ["combined", "combined_z", "score"])
def test_each_step_of_the_whole_is_the_reference(reference, step):
    assert_close(getattr(reference, step), expected(step))


def test_nothing_of_the_reference_is_left_out(reference):
    assert reference.left_out == ()
    assert np.isfinite(expected("score")).any()


def test_winsorised_cuts_on_the_linear_quantiles_of_those_there():
    # Four figures: the 10% quantile lies 0.3 of the way from 0 to 1, the 90% one 0.7 of the way from 2 to 12.
    row = np.array([[0.0, NAN, 12.0, 1.0, 2.0]])
    np.testing.assert_allclose(winsorised(row, 0.1), [[0.3, NAN, 9.0, 1.0, 2.0]])
    np.testing.assert_array_equal(winsorised(row, 0.0), row)


def test_standardised_is_undefined_without_spread_and_for_one_name():
    rows = np.array([[0.1, 0.1, 0.1], [5.0, NAN, NAN], [NAN, NAN, NAN], [1.0, 3.0, NAN]])
    half = np.sqrt(0.5)
    np.testing.assert_allclose(standardised(rows), [[NAN] * 3, [NAN] * 3, [NAN] * 3, [-half, half, NAN]])


def test_neutral_by_hand():
    # Two groups of two; group means 2 and 6, sizes apart -1, 1 and -2, 2: slope (1 + 1 + 2 + 2) / 10 = 0.6.
    values, size = np.array([[1.0, 3.0, 5.0, 7.0]]), np.array([[1.0, 3.0, 0.0, 4.0]])
    groups = np.array([0, 0, 1, 1])
    np.testing.assert_allclose(neutral(values, groups, size), [[-0.4, 0.4, 0.2, -0.2]])
    np.testing.assert_allclose(neutral(values, groups, None), [[-1.0, 1.0, -1.0, 1.0]])


def test_neutral_leaves_out_who_has_no_group_or_size_and_ignores_a_flat_size():
    values, groups = np.array([[1.0, 3.0, 9.0, 8.0]]), np.array([0, 0, -1, 0])
    size = np.array([[2.0, 2.0, 2.0, NAN]])
    np.testing.assert_allclose(neutral(values, groups, size), [[-1.0, 1.0, NAN, NAN]])


def test_neutral_is_what_least_squares_leaves():
    rng = np.random.default_rng(3)
    values, size, groups = rng.normal(size=(1, 40)), rng.normal(size=(1, 40)), np.arange(40) % 4
    design = np.column_stack([(groups[:, None] == np.arange(4)).astype(float), size[0]])
    fit = design @ np.linalg.lstsq(design, values[0], rcond=None)[0]
    np.testing.assert_allclose(neutral(values, groups, size)[0], values[0] - fit, atol=1e-12)


def test_combined_scales_the_weights_there_up_and_asks_for_enough():
    one, two, three = np.array([[1.0, 1.0, NAN]]), np.array([[3.0, NAN, NAN]]), np.array([[5.0, 5.0, 5.0]])
    # 0.5 x 1 + 0.25 x 3 + 0.25 x 5 = 2.5; (0.5 x 1 + 0.25 x 5) / 0.75 = 7/3; one figure alone is not enough.
    found = combined([one, two, three], [0.5, 0.25, 0.25], 2)
    np.testing.assert_allclose(found, [[2.5, 7 / 3, NAN]])


def test_decay_begins_with_z_fades_without_and_ends_with_membership():
    z = np.array([[1.0, NAN, 2.0], [2.0, 1.0, NAN], [NAN, 1.0, 4.0]])
    members = np.array([[True, True, True], [True, True, True], [True, False, True]])
    np.testing.assert_allclose(decayed(z, 0.5, members), [[1.0, NAN, 2.0], [1.5, 1.0, 1.0], [0.75, NAN, 2.5]])
    np.testing.assert_allclose(decayed(z, 0.0, members), np.where(members, z, NAN))


@pytest.mark.parametrize(
    ("cadence", "first"),
    [
        (Cadence.DAILY, ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-04", "2024-03-05"]),
        (Cadence.WEEKLY, ["2024-02-28", "2024-03-04"]),
        (Cadence.MONTHLY, ["2024-02-28", "2024-03-01"]),
    ],
)
def test_a_score_is_worked_out_on_the_first_day_there_is(cadence, first):
    days = weekdays(5, "2024-02-28")
    assert days[worked_days(days, cadence)].astype(str).tolist() == first


def test_a_week_over_the_end_of_a_year_is_one_week():
    days = np.array(["2024-12-30", "2025-01-03", "2025-01-05", "2025-01-06"], "datetime64[D]")
    assert worked_days(days, Cadence.WEEKLY).tolist() == [0, 3]


def test_between_dates_the_last_score_stands_for_members():
    panel = drawn_panel(1, 30, 8)
    members = np.ones((30, 8), bool)
    members[3:, 0] = False
    signal = run_recipe(panel, Facts(drawn_sectors(panel.names, 2), members), replace(RECIPE, least_factors=1))
    first = signal.at_dates[0]
    np.testing.assert_array_equal(signal.score[2], first)
    np.testing.assert_array_equal(signal.score[3, 1:], first[1:])
    assert np.isnan(signal.score[3:, 0]).all()
    assert np.isfinite(first).any()


def test_who_is_no_member_moves_no_other():
    panel = drawn_panel(2, 25, 9)
    members = np.ones((25, 9), bool)
    members[:, 0] = False
    wild = {name: grid.copy() for name, grid in panel.fields.items()}
    wild["roe"][:, 0] = 1e6
    facts = Facts(drawn_sectors(panel.names), members)
    one, other = (run_recipe(Panel(panel.days, panel.names, fields), facts, RECIPE) for fields in (panel.fields, wild))
    np.testing.assert_array_equal(one.score, other.score)


def test_a_flat_column_is_left_out_and_said():
    panel = drawn_panel(4, 3, 10, gaps=0)
    flat = Panel(panel.days, panel.names, {**panel.fields, "roe": np.full((3, 10), 0.1)})
    recipe = replace(RECIPE, cadence=Cadence.DAILY)
    signal = run_recipe(flat, Facts(drawn_sectors(panel.names)), recipe)
    assert [problem.message for problem in signal.left_out] == [
        "roe is the same for every name on 3 of 3 dates, first 2020-01-01: left out there."
    ]
    without = run_recipe(flat, Facts(drawn_sectors(panel.names)), replace(recipe, factors=RECIPE.factors[:2]))
    np.testing.assert_array_equal(signal.score, without.score)


def test_a_factor_that_is_its_sector_is_left_out_and_said():
    panel = drawn_panel(4, 2, 9, gaps=0)
    told = np.tile(np.arange(9) % 3, (2, 1)).astype(float)
    fields = {**panel.fields, "roe": told}
    signal = run_recipe(Panel(panel.days, panel.names, fields), Facts(drawn_sectors(panel.names)), RECIPE)
    assert [problem.code for problem in signal.left_out] == ["undefined"]
    assert "roe says nothing beyond sector and size on 1 of 1 dates" in signal.left_out[0].message


def test_names_without_sector_or_size_are_left_out_and_said():
    panel = drawn_panel(5, 1, 12, gaps=0)
    panel.fields[SIZE][0, 1] = 0.0
    known = drawn_sectors(panel.names)
    del known["N0000"]
    signal = run_recipe(panel, Facts(known), RECIPE)
    assert np.isnan(signal.score[0]).tolist() == [True, True] + [False] * 10
    assert signal.left_out[0].message == "Without a sector, so left out: N0000."
    assert signal.left_out[1].message.startswith("momentum_12_1: 1 figures left out, as their names have no market_cap")


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(InputProblems) as refused:
        run_recipe(factor_panel(), Facts(), Recipe((Factor("roa"), Factor("roe"))))
    assert [p.place for p in refused.value.problems] == ["roa"]
    assert "roa is no column of the data: choose one of momentum_12_1, ev_ebitda" in str(refused.value)


CONTENT = {
    "factors": [{"field": "roe", "weight": 0.25, "sign": 1}, {"field": "ev_ebitda", "weight": 0.75, "sign": -1}],
    "winsorise_share": 0.05, "by_sector": True, "size_field": SIZE, "least_factors": 2, "decay_ratio": 0.6,
    "cadence": "monthly",
}  # fmt: skip


def test_a_recipe_reads_and_writes_the_same():
    recipe = read_recipe(CONTENT)
    assert recipe.factors == (Factor("roe", 0.25), Factor("ev_ebitda", 0.75, -1))
    assert recipe_content(recipe) == CONTENT
    assert read_recipe({"factors": [{"field": "roe"}]}) == Recipe((Factor("roe"),))


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"factors": []}, "factors", "a score needs at least one"),
        ({"factors": [{"field": "roe", "sign": 0}], "least_factors": 1}, "factors.0.sign", "expected 1 or -1, got 0"),
        ({"factors": [{"weight": 1}], "least_factors": 1}, "factors.0.field", "Column is missing"),
        ({"factors": [{"field": "roe"}] * 2}, "factors.1.field", "roe is a factor already"),
        ({"factors": [{"field": "roe", "weight": 0}], "least_factors": 1}, "factors.0.weight", "more than 0"),
        ({"least_factors": 3}, "least_factors", "expected at most 2, the number of factors, got 3"),
        ({"winsorise_share": 0.3}, "winsorise_share", "expected 0 to 0.25, got 0.3"),
        ({"decay_ratio": 1}, "decay_ratio", "expected 0 to 0.99, got 1"),
        ({"cadence": "hourly"}, "cadence", "expected one of daily, weekly, monthly"),
        ({"speed": 3}, "speed", "not a field"),
    ],
)
def test_a_bad_recipe_is_told_in_words_at_its_place(change, place, words):
    with pytest.raises(InputProblems) as refused:
        read_recipe({**CONTENT, **change})
    assert [(p.place, words in p.message) for p in refused.value.problems] == [(place, True)]


def test_every_fault_of_a_recipe_is_told_at_once():
    with pytest.raises(InputProblems) as refused:
        read_recipe({**CONTENT, "decay_ratio": -1, "factors": [{"field": "roe", "weight": "much"}], "least_factors": 1})
    assert {p.place for p in refused.value.problems} == {"decay_ratio", "factors.0.weight"}


SEEDS = st.integers(0, 10_000)
DAILY = replace(RECIPE, cadence=Cadence.DAILY)


@given(SEEDS, st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_z_knows_neither_scale_nor_shift(seed, scale, shift):
    values = drawn_panel(seed, 3, 12)["roe"]
    np.testing.assert_allclose(standardised(scale * values + shift), standardised(values), rtol=1e-7, atol=1e-7)


@settings(deadline=None)
@given(SEEDS, st.permutations(range(12)))
def test_the_order_of_names_does_not_matter(seed, order):
    panel = drawn_panel(seed, 6, 12)
    facts = Facts(drawn_sectors(panel.names))
    moved = Panel(panel.days, tuple(panel.names[each] for each in order),
                  {name: grid[:, order] for name, grid in panel.fields.items()})  # fmt: skip
    one, other = run_recipe(panel, facts, DAILY), run_recipe(moved, facts, DAILY)
    assert_close(other.score, one.score[:, order])


@settings(deadline=None)
@given(SEEDS, st.integers(1, 39), st.sampled_from(list(Cadence)))
def test_what_comes_later_changes_no_earlier_score(seed, cut, cadence):
    panel, facts = drawn_panel(seed, 40, 10), Facts(drawn_sectors(drawn_panel(seed, 1, 10).names))
    recipe = replace(RECIPE, cadence=cadence)
    then = Panel(panel.days[:cut], panel.names, {name: grid[:cut] for name, grid in panel.fields.items()})
    assert_close(run_recipe(then, facts, recipe).score, run_recipe(panel, facts, recipe).score[:cut])


@settings(deadline=None)
@given(SEEDS)
def test_neutral_scores_lean_on_no_sector_and_no_size(seed):
    panel = drawn_panel(seed, 4, 20)
    facts = Facts(drawn_sectors(panel.names))
    for steps in run_recipe(panel, facts, DAILY).factors:
        for row, size in zip(steps.neutral, panel[SIZE], strict=True):
            there = np.isfinite(row)
            assert abs(row[there] @ (np.log(size[there]) - np.log(size[there]).mean())) < 1e-8
            for sector in range(3):
                assert abs(row[there & (np.arange(20) % 3 == sector)].sum()) < 1e-8


@pytest.mark.slow
def test_five_years_of_a_thousand_names_take_less_than_three_seconds():
    panel = drawn_panel(7, 1250, 1000, FACTORS)
    facts = Facts(drawn_sectors(panel.names, 11))
    began = time.process_time()
    signal = run_recipe(panel, facts, DAILY)
    assert time.process_time() - began < 3
    assert np.isfinite(signal.score).mean() > 0.95
