"""Loans with a balloon and loans with a cash sweep: by hand, against every twin, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest

from engine.book import compute
from engine.book.results import FIGURES
from engine.deal.reasons import CATALOGUE, gate_b_reason
from engine.deal.structure import price, run_scenario
from engine.measures.cover import DSCR_MINIMUM
from engine.permutations import Case, LeverSet, evaluate
from engine.permutations.detail import evaluate_permutation
from engine.permutations.levers import DEFAULT_LEVERS
from engine.waterfall.kernel import run_waterfall
from engine.waterfall.steps import run_deal
from engine.waterfall.steps_plain import plain_steps
from engine.waterfall.terms import COLUMNS, EQUITY, SENIOR_BALANCE, SENIOR_PRINCIPAL, WaterfallPaths, WaterfallTerms
from engine.waterfall.two_tranche import two_tranche_deal
from tests.engine.brute_force import assert_same, assert_walk_is_brute_force
from tests.engine.deals import LIGHT_GRID, NO_CAPS, RATING_STRESSES, SEED_RULES, deal
from tests.engine.test_waterfall import story
from tests.engine.two_tranche import as_two_tranche

KINDS = ("partial", "cash_sweep")
AXES = {
    "senior_tenor_years": [7, 15], "senior_amortisation": list(KINDS), "senior_dscr": [1.2, 1.4],
    "grace_months": [0, 12], "mezz_dscr": [1.0, 1.1], "mezz_amortisation": ["annuity", "partial"],
    "zcis_tenor_years": [0, 10], "trs_share": [0.0, 0.25],
}  # fmt: skip


def case_of(axes: dict[str, object] | None = None, **terms: object) -> Case:
    rules = {**NO_CAPS, "rating_stresses": RATING_STRESSES}
    return deal(AXES if axes is None else axes, terms={**LIGHT_GRID, "minimum_rating": "BB", **terms}, rules=rules)


@pytest.mark.parametrize(
    ("mode", "share", "first"), [("sweep", 0.5, 0), ("sweep", 0.2, 3), ("refinance", 0.5, 5), ("refinance", 0.2, 8)]
)
def test_the_walk_the_twin_and_the_workbook_say_the_same(mode: str, share: float, first: int) -> None:
    case = case_of(balloon_mode=mode, balloon_ratio=share, sweep_ratio=share)
    picked = np.arange(first, case.levers.size, 11)
    found = assert_walk_is_brute_force(case, picked)
    assert set(found.columns["reason"].tolist()) - {7}
    for k in range(0, picked.size, 3):
        levers = case.levers.levers_at(int(picked[k]))
        page = compute(case.inputs, case.terms, case.rules, levers)
        for name, figure in FIGURES.items():
            value = float(found.columns[name][k])
            if np.isfinite(value):
                scale = 428e6 if "amount" in name or name == "day_one_value" else 1.0
                assert_same(value, float(page[figure]), scale, (name, levers))
        assert page["checks_failed"] == 0.0


@pytest.mark.parametrize("mode", ["sweep", "refinance"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_workbook_is_the_engine_under_scenarios(kind: str, mode: str) -> None:
    case = case_of({"senior_amortisation": [kind], "senior_dscr": [1.3], "mezz_dscr": [1.1]}, balloon_mode=mode)
    one = case.deal_of(0)
    structure, page = price(one), compute(case.inputs, case.terms, case.rules, one.choice.to_dict())
    for number, scenario in enumerate(case.rating_scenarios, 1):
        moved, run = page.under({"rating_scenario": float(number)}), run_scenario(structure, scenario)
        assert moved["defaulted"] == run.judged.defaulted
        assert moved["dscr_minimum"] == pytest.approx(run.judged.cover[DSCR_MINIMUM], rel=1e-9)
        expected = run.periods[:, EQUITY]
        assert moved.column("months.equity")[1:] == pytest.approx(
            expected, rel=1e-9, abs=1e-9 * structure.senior.amount
        )


@pytest.mark.parametrize("ratio", [0.5, 1.0])
def test_a_deal_of_classes_sweeps_alike(ratio: float) -> None:
    """The fast kernel, the general one and its plain twin, on a financing of the walk."""
    structure = price(
        case_of({"senior_amortisation": ["cash_sweep"], "mezz_dscr": [1.1]}, sweep_ratio=ratio).deal_of(0)
    )
    work = structure.work
    paths = WaterfallPaths(
        work.gross, work.opex, work.swap, work.schedule, work.mezz_schedule, np.array([1.1]), np.array([1.0])
    )
    months = work.gross.size
    terms = WaterfallTerms(
        months, structure.senior.maturity, structure.senior.monthly_rate, 0.0, 0.0, structure.mezz.maturity,
        structure.mezz.monthly_rate, 0.0, 0.0, 0.0, 0.0, 6, float(work.targets[0]), 12, False, False, 0.0, ratio,
    )  # fmt: skip
    out = np.empty((months, len(COLUMNS)))
    run_waterfall(paths, terms, work.targets, out)
    told = two_tranche_deal(paths, terms, work.targets)
    found, plain = as_two_tranche(run_deal(*told)), plain_steps(*told)
    for name, values in found.items():
        assert np.allclose(out[:, COLUMNS.index(name)], values, rtol=1e-9, atol=1e-6), name
    balances = [row["senior.balance"] for row in plain]
    assert np.allclose(out[:, SENIOR_BALANCE], balances, rtol=1e-9, atol=1e-6)
    assert out[structure.senior.maturity - 25, SENIOR_BALANCE] == pytest.approx(0.0, abs=1e-6)


def test_half_of_what_is_left_repays_the_last_instalments() -> None:
    """30 in three instalments of 10 at 10%, income 20: 7 left, 3.5 swept; then 8.35, 4.175; then 2.325 is all that is owed.

    Interest 3, 1.65 and 0.2325 on 30, 16.5 and 2.325; each month's instalment stays 10 until less is owed.
    """
    flows, raised = story([20.0] * 4, [30.0, 20.0, 10.0, 0.0, 0.0], senior_monthly_rate=0.1, senior_maturity=3,
                          sweep_ratio=0.5)  # fmt: skip
    assert flows["senior_principal"] == pytest.approx([13.5, 14.175, 2.325, 0.0])
    assert flows["senior_interest"] == pytest.approx([3.0, 1.65, 0.2325, 0.0])
    assert flows["senior_balance"] == pytest.approx([16.5, 2.325, 0.0, 0.0])
    assert flows["equity_distribution"] == pytest.approx([3.5, 4.175, 17.4425, 20.0])
    assert raised == 0


def test_the_sweep_ranks_behind_the_mezzanine_and_ahead_of_the_trap() -> None:
    """Income 20 on 10 and no interest, 4 to the mezzanine: of the 6 left 3 are swept, the rest is trapped."""
    flows, _ = story([20.0, 20.0], [20.0, 10.0, 0.0], mezz=[8.0, 4.0, 0.0], lock=([9.0], [1.0]), sweep_ratio=0.5)
    assert flows["mezz_principal"] == pytest.approx([4.0, 4.0])
    assert flows["senior_principal"] == pytest.approx([13.0, 7.0])
    assert flows["cash_trapped"] == pytest.approx([3.0, 0.0])
    assert flows["equity_distribution"] == pytest.approx([0.0, 12.0])


def test_a_larger_sweep_never_lengthens_the_loan() -> None:
    lives, proceeds = [], []
    for ratio in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
        case = case_of({"senior_amortisation": ["cash_sweep"], "mezz_dscr": [1.1]}, sweep_ratio=ratio)
        columns = evaluate(case, np.arange(1)).columns
        lives.append(float(columns["senior_wal_years"][0]))
        proceeds.append(float(columns["coverage_ratio"][0]))
    assert (np.diff(lives) < 0.0).all()
    # At an equity target above the coupon, what is swept is worth less to equity than what is paid out.
    assert (np.diff(proceeds) < 0.0).all()


def test_without_a_share_to_sweep_it_is_an_annuity() -> None:
    case = case_of({"senior_amortisation": ["annuity", "cash_sweep"], "mezz_dscr": [1.1]}, sweep_ratio=0.0)
    columns = evaluate(case, np.arange(2)).columns
    for name, values in columns.items():
        if name not in ("senior_amortisation", "index", "tier", "rank", "stress_key"):
            assert_same(float(values[0]), float(values[1]), 1.0, name)


def test_a_partial_amortisation_between_an_annuity_and_interest_only() -> None:
    """More balloon, more debt from the same cash until the refinancing binds; the ends are the two other kinds."""
    ends = evaluate(case_of({"senior_amortisation": ["annuity", "interest_only"], "mezzanine": ["none"]}), np.arange(2))
    amounts = []
    for ratio in (0.0, 0.25, 0.5, 1.0):
        case = case_of({"senior_amortisation": ["partial"], "mezzanine": ["none"]}, balloon_ratio=ratio)
        amounts.append(float(evaluate(case, np.arange(1)).columns["senior_amount"][0]))
    assert amounts[0] == pytest.approx(float(ends.columns["senior_amount"][0]), rel=1e-12)
    assert amounts[-1] == pytest.approx(float(ends.columns["senior_amount"][1]), rel=1e-12)
    assert amounts[1] > amounts[0]


def test_the_mezzanine_waits_for_the_balloon_ahead_of_it() -> None:
    case = case_of(
        {"senior_amortisation": ["partial"], "senior_tenor_years": [10], "mezz_dscr": [1.05], "mezz_tenor_years": [3]}
    )
    structure = price(case.deal_of(0))
    senior, mezz, work = structure.senior, structure.mezz, structure.work
    assert mezz.amount > 0.0
    assert (mezz.kind, mezz.maturity) == (senior.kind, senior.maturity)
    assert work.schedule[120] == pytest.approx(senior.amount / 2, rel=1e-12)
    assert work.mezz_schedule[120] == pytest.approx(mezz.amount / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("limit", "at", "beyond", "reason"),
    [("max_balloon_ratio", 0.5, 0.49, 11), ("min_annual_amortisation_ratio", 0.05, 0.051, 12)],
)
def test_a_balloon_is_held_to_the_ratings_limits(limit: str, at: float, beyond: float, reason: int) -> None:
    """Half left after ten years: a balloon of 50%, 5% repaid a year; no cover over the loan's life is read."""
    axes = {"senior_amortisation": ["partial"], "senior_tenor_years": [10], "mezzanine": ["none"], "senior_dscr": [1.6]}
    code, llcr = (CATALOGUE[gate_b_reason(n)].check for n in (reason, 5))
    for set_at, passes in ((at, True), (beyond, False)):
        rows = [{**row, limit: set_at} for row in SEED_RULES["criteria"]]
        case = deal(axes, terms={**LIGHT_GRID, "minimum_rating": "BB"}, rules={**NO_CAPS, "criteria": rows})
        for rating in evaluate_permutation(case, 0).ratings:
            found = {check.code: check for check in rating.checks}
            assert found[code].passed == passes
            assert found[code].value == pytest.approx(at, rel=1e-9)
            assert llcr not in found


def test_the_default_lever_set_is_the_contracts_four() -> None:
    axes = dict(DEFAULT_LEVERS.axes)
    assert axes["senior_amortisation"] == ("annuity", "straight_line", "sculpted", "interest_only")


def test_no_cash_is_swept_to_a_mezzanine() -> None:
    with pytest.raises(Exception, match="Mezzanine amortisation: expected one of"):
        LeverSet.from_dict({"axes": {"mezz_amortisation": ["cash_sweep"]}})


def test_the_path_of_an_early_sweep_conserves_principal() -> None:
    detail = price(case_of({"senior_amortisation": ["cash_sweep"], "mezz_dscr": [1.1]}).deal_of(0))
    paid = detail.work.periods[:, SENIOR_PRINCIPAL]
    assert paid.sum() == pytest.approx(detail.senior.amount, rel=1e-9)
    assert (np.diff(detail.work.periods[:, SENIOR_BALANCE]) <= 1e-6).all()
