"""Simulation: paths against their stated laws, results against a plain calculation, and what more paths must do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.deal.axes import INDEXATIONS
from engine.deal.resolve import rent_index
from engine.deal.structure import Structure, price, stressed_terms
from engine.errors import InputProblems
from engine.permutations import Case
from engine.risk import TENANT_DEFAULT_RATES, PathBlock, Simulation, SimulationTerms, path_blocks, simulate, summarise
from engine.risk.kernel import P_DSCR_MINIMUM, P_MEZZ_LOSS, P_SENIOR_DEFAULT_MONTH, P_SENIOR_LOSS, PATH_SIZE
from engine.risk.simulate import rent_levels, run_block
from engine.stress import BASE, run_scenarios
from engine.waterfall.terms import WaterfallPaths
from tests.engine.cases import random_case
from tests.engine.deals import LIGHT_GRID, NO_CAPS, deal
from tests.engine.test_waterfall import plain_waterfall

SENIOR: dict[str, Any] = {
    "senior_tenor_years": [15], "senior_coupon_rate": [0.05], "senior_dscr": [1.25], "mezz_dscr": [1.10], "mezz_coupon_rate": [0.08],
}  # fmt: skip
CASE = deal(SENIOR, terms=LIGHT_GRID, rules=NO_CAPS)
STILL = {"cpi_volatility": 0, "rate_volatility_bps": 0, "vacancy_volatility": 0, "tenant_default_rate": 0}


def terms(**changes: Any) -> SimulationTerms:
    return SimulationTerms.from_dict({"paths": 2000, "seed": 7, **changes})


def blocks(given: SimulationTerms, years: int = 20, default_rate: float = 0.01) -> PathBlock:
    parts = list(path_blocks(given, years, 0.02, default_rate))
    return PathBlock(*(np.concatenate(each) for each in zip(*parts, strict=True)))


# Paths


def test_the_same_seed_draws_the_same_bytes():
    one, other = blocks(terms()), blocks(terms())
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))
    assert blocks(terms(seed=8)).cpi_rates.tobytes() != one.cpi_rates.tobytes()


def test_more_paths_begin_with_the_fewer():
    """Common random numbers: what is added never changes what was drawn."""
    fewer, more = blocks(terms(paths=1000)), blocks(terms(paths=5000))
    assert np.array_equal(more.rate_shifts[:1000], fewer.rate_shifts)
    assert np.array_equal(more.defaults[:1000], fewer.defaults)


def test_mirrored_pairs_mirror():
    found = blocks(terms())
    assert found.rate_shifts[0::2] == pytest.approx(-found.rate_shifts[1::2])
    assert found.cpi_rates[0::2] - 0.02 == pytest.approx(0.02 - found.cpi_rates[1::2])


@pytest.mark.parametrize("year", [1, 5, 20])
def test_a_mean_reverting_path_has_the_variance_of_its_law(year: int):
    """Ornstein-Uhlenbeck from its mean: variance s^2 (1 - exp(-2kt)) / 2k after t years."""
    found = blocks(terms(paths=20_000, antithetic=False)).rate_shifts[:, year - 1]
    expected = 0.008 * np.sqrt((1.0 - np.exp(-2 * 0.15 * year)) / (2 * 0.15))
    assert found.std() == pytest.approx(expected, rel=0.02)
    assert found.mean() == pytest.approx(0.0, abs=4 * expected / np.sqrt(20_000))


def test_shocks_are_correlated_as_stated():
    found = blocks(terms(paths=20_000, antithetic=False, correlation_cpi_rate=0.6, correlation_cpi_vacancy=-0.3))
    first = np.corrcoef([found.cpi_rates[:, 0], found.rate_shifts[:, 0], found.vacancies[:, 0]])
    assert first[0, 1] == pytest.approx(0.6, abs=0.02)
    assert first[0, 2] == pytest.approx(-0.3, abs=0.025)


def test_tenants_default_as_often_as_their_rate_and_together():
    """One in 1 - exp(-5%) a year whatever the correlation; the more they share, the wider the spread."""
    loose = blocks(terms(paths=10_000, tenant_correlation=0.0), default_rate=0.05).defaults
    tied = blocks(terms(paths=10_000, tenant_correlation=0.6), default_rate=0.05).defaults
    assert loose.mean() == pytest.approx(-np.expm1(-0.05), rel=0.03)
    assert tied.mean() == pytest.approx(-np.expm1(-0.05), rel=0.06)
    assert tied.std() > 1.5 * loose.std()


@pytest.mark.parametrize("seed", range(6))
def test_rent_follows_each_path_as_it_follows_one(seed: int):
    case = random_case(seed, 1)
    structure = price(case.deal_of(0))
    own = structure.deal.levers.cash
    rises = np.random.default_rng(seed).normal(0.02, 0.02, (5, case.inputs.lease.term_years - 1))
    together = rent_levels(case, own, rises)
    for path in range(5):
        alone = rent_index(case, own.indexation, own.floor_rate, own.cap_rate, rises[path])
        assert together[path] == pytest.approx(alone)


# One structure


def run(structure: Structure, block: PathBlock) -> tuple[Any, Any]:
    count, years = block.cpi_rates.shape
    rows, covers = np.empty((count, PATH_SIZE)), np.empty((count, years))
    run_block(structure, block, rows, covers)
    return rows, covers


def test_without_uncertainty_every_path_is_the_base_case():
    found = simulate(CASE.deal_of(0), terms(**STILL, paths=100))
    base = run_scenarios(CASE.deal_of(0), []).base
    assert base is not None
    assert found.dscr == pytest.approx(np.array([base.dscr_path] * 100, dtype=np.float64))
    assert found.base_dscr_path == pytest.approx(base.dscr_path)
    assert found.equity_irr_rate == pytest.approx(base.equity_irr_rate)
    assert (found.senior_loss == 0.0).all()
    assert (found.senior_default_month == 0.0).all()


def test_figures_close_in_on_the_base_case_as_volatility_fades():
    base = simulate(CASE.deal_of(0), terms(**STILL, paths=100)).dscr_minimum[0]
    gaps = []
    for share in (1.0, 0.5, 0.1, 0.01):
        found = simulate(CASE.deal_of(0), terms(tenant_default_rate=0, cpi_volatility=0.012 * share, rate_volatility_bps=80 * share,
                                        vacancy_volatility=0.03 * share))  # fmt: skip
        gaps.append(float(np.abs(found.dscr_minimum - base).mean()))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 0.01 * gaps[0] * 1.5


@pytest.mark.parametrize("seed", range(12))
def test_a_constant_shift_is_the_scenarios(seed: int):
    """Cover by year on paths whose rates, vacancy and CPI stay put, against the scenario that says the same."""
    case = random_case(seed, 1)
    structure = price(case.deal_of(0))
    if not structure.runs:
        return
    years = case.inputs.lease.term_years
    flat = np.ones((1, years))
    scenario = replace(BASE, cpi_rates=(0.01,), short_shift_bps=120.0, long_shift_bps=120.0, vacancy_ratio=0.07)
    _, covers = run(structure, PathBlock(0.01 * flat, 0.012 * flat, 0.07 * flat, 0.0 * flat))
    expected = run_scenarios(case.deal_of(0), [scenario]).outcomes[0].dscr_path
    served = [value for value in expected if value is not None]
    assert covers[0][np.isfinite(covers[0])] == pytest.approx(served)


def plain_path(structure: Structure, block: PathBlock, path: int) -> dict[str, Any]:
    """One path without the kernel: arrays by month in plain NumPy, and the waterfall's plain twin."""
    case, senior, work = structure.deal, structure.senior, structure.work
    resolved, project = case.resolved, case.resolved.project
    own, years = structure.deal.levers.cash, case.inputs.lease.term_years
    assert (INDEXATIONS[own.indexation], structure.hedge.trs_share) == ("cpi", 0.0)
    level = np.ones(years)
    for y in range(1, years):
        level[y] = level[y - 1] * (1.0 + block.cpi_rates[path, y - 1])
    share = np.ones(project.months)
    for y in range(years):
        hit = block.defaults[path, y]
        void, after = slice(12 * y, 12 * y + 12), slice(12 * y + 12, None)
        share[void] *= 1.0 - hit
        share[after] *= 1.0 - hit * 0.1
    let = np.minimum(np.maximum(1.0 - block.vacancies[path], 0.0), 1.0 / project.occupancy_ratio)
    full = project.gross_facility_mw / own.pue * 1000 * own.rent_per_kw_month * project.occupancy_ratio
    income = full * np.repeat(let * level, 12) * share
    noi = income * (1.0 - own.opex_ratio)
    cash = noi * 0.99
    moved = np.repeat(block.rate_shifts[path], 12) / 12.0 * work.schedule[:-1]
    moved[senior.maturity :] = 0.0
    base = stressed_terms(structure, 0.0, 0.0, senior.refinance_limit)
    held = base.mezz_maturity // 12
    mezz_rate = base.mezz_monthly_rate + block.rate_shifts[path, :held].mean() / 12.0
    paths = WaterfallPaths(
        income, income - cash, -moved, work.schedule, work.mezz_schedule, resolved.paths.lock_levels,
        resolved.paths.lock_shares,
    )  # fmt: skip
    refinanced_at = block.rate_shifts[path, 15] / 12.0
    moved_terms = base._replace(
        mezz_monthly_rate=mezz_rate,
        mezz_later_monthly_rate=base.mezz_later_monthly_rate + refinanced_at,
        senior_later_monthly_rate=base.senior_later_monthly_rate + refinanced_at,
    )
    months, _ = plain_waterfall(paths, moved_terms, work.targets)
    service = work.schedule[:-1] * senior.monthly_rate + moved + work.schedule[:-1] - work.schedule[1:]
    by_year = cash.reshape(-1, 12).sum(axis=1)[:15] / service.reshape(-1, 12).sum(axis=1)[:15]
    return {"months": months, "dscr": by_year, "mezz_rate": mezz_rate}


def worth(months: dict[str, Any], name: str, rate: float, until: int) -> float:
    paid = (months[f"{name}_interest"] + months[f"{name}_principal"])[:until]
    return float(paid @ (1.0 + rate) ** -np.arange(1.0, until + 1.0))


def test_a_few_paths_by_plain_calculation():
    """Strained paths: cover by year, first unpaid month, and what senior and mezzanine lost."""
    structure = price(
        deal(SENIOR, terms={**LIGHT_GRID, "unfixed_ratio": 1.0, "balloon_mode": "refinance"}, rules=NO_CAPS).deal_of(0)
    )
    block = blocks(terms(paths=200, vacancy_volatility=0.25, rate_volatility_bps=200), default_rate=0.05)
    rows, covers = run(structure, block)
    assert (rows[:, P_SENIOR_DEFAULT_MONTH] > 0).mean() > 0.1
    for path in range(40):
        plain = plain_path(structure, block, path)
        months, senior, mezz = plain["months"], structure.senior, structure.mezz
        assert covers[path, :15] == pytest.approx(plain["dscr"])
        assert rows[path, P_DSCR_MINIMUM] == pytest.approx(plain["dscr"].min())
        unpaid, lease = np.flatnonzero(months["senior_unpaid"] > 1e-6), months["senior_unpaid"].size
        assert rows[path, P_SENIOR_DEFAULT_MONTH] == (unpaid[0] + 1 if unpaid.size else 0)
        late = months["senior_unpaid"][senior.maturity - 1] > 1e-6
        paid = worth(months, "senior", senior.monthly_rate, lease if late else senior.maturity)
        assert rows[path, P_SENIOR_LOSS] == pytest.approx(max(0.0, 1.0 - paid / senior.amount), abs=1e-8)
        owed = months["mezz_balance"][mezz.maturity - 1] + months["mezz_deferred"][mezz.maturity - 1]
        paid = worth(months, "mezz", plain["mezz_rate"], lease if owed > 1e-3 else mezz.maturity)
        assert rows[path, P_MEZZ_LOSS] == pytest.approx(max(0.0, 1.0 - paid / mezz.amount), abs=1e-8)


def test_structures_meet_the_same_paths():
    """A thinner cover is worse on every single path, not only on average."""
    thick = simulate(deal({**SENIOR, "senior_dscr": [1.40]}, rules=NO_CAPS).deal_of(0), terms())
    thin = simulate(deal({**SENIOR, "senior_dscr": [1.20]}, rules=NO_CAPS).deal_of(0), terms())
    assert (thin.dscr_minimum < thick.dscr_minimum).all()
    assert thin.senior_loss.mean() >= thick.senior_loss.mean()


def test_antithetic_pairs_settle_faster():
    """The spread of the mean over twenty seeds, pairs against as many independent paths."""

    def spread(antithetic: bool) -> float:
        means = [
            simulate(CASE.deal_of(0), terms(paths=400, seed=s, antithetic=antithetic)).dscr_average.mean()
            for s in range(20)
        ]
        return float(np.std(means))

    assert spread(True) < 0.6 * spread(False)


def test_the_same_seed_gives_the_same_summary():
    one, other = (summarise(simulate(CASE.deal_of(0), terms(paths=400))).to_dict() for _ in range(2))
    assert one == other


# Summaries


def strained() -> Simulation:
    return simulate(CASE.deal_of(0), terms(vacancy_volatility=0.12, tenant_default_rate=0.05))


def test_loss_is_probability_times_severity():
    found = summarise(strained())
    for tranche in found.tranches:
        assert tranche.loss_given_default is not None
        product = tranche.default_probability.mean * tranche.loss_given_default
        assert tranche.expected_loss.mean == pytest.approx(product)
        assert list(tranche.default_by_year) == sorted(tranche.default_by_year)
        assert 0.0 <= tranche.expected_loss.mean <= tranche.worst_loss <= 1.0
    senior, mezz = found.tranches
    assert senior.default_probability.mean <= mezz.default_probability.mean
    assert senior.expected_loss.mean <= mezz.expected_loss.mean


def test_the_fan_widens_and_keeps_its_order():
    found = summarise(simulate(CASE.deal_of(0), terms()))
    for year in range(15):
        values = [found.fan[p][year] for p in (5, 25, 50, 75, 95)]
        assert all(value is not None for value in values)
        assert values == sorted(values)  # type: ignore[type-var]
    widths = [(found.fan[95][y] or 0.0) - (found.fan[5][y] or 0.0) for y in range(15)]
    assert widths[10] > widths[0]
    assert sum(found.histogram_counts) == found.paths


def test_standard_errors_cover_the_truth_and_shrink():
    found = summarise(simulate(CASE.deal_of(0), terms(paths=8000)))
    reference = summarise(simulate(CASE.deal_of(0), terms(paths=20_000, seed=99)))
    assert found.dscr_minimum is not None
    assert reference.dscr_minimum is not None
    gap = abs(found.dscr_minimum.mean - reference.dscr_minimum.mean)
    assert gap < 4.0 * found.dscr_minimum.standard_error
    first, last = found.convergence[0], found.convergence[-1]
    assert last.paths == 8000
    assert last.dscr.standard_error < first.dscr.standard_error
    assert last.dscr == found.dscr_minimum


def test_no_figure_is_infinite():
    for seed in range(8):
        case = random_case(seed, 1)
        if not price(case.deal_of(0)).runs:
            continue
        text = repr(summarise(simulate(case.deal_of(0), terms(paths=100))).to_dict())
        assert "nan" not in text
        assert "inf" not in text.replace("infl", "")


def test_progress_is_told_block_by_block():
    heard: list[int] = []
    simulate(CASE.deal_of(0), terms(paths=5000), heard.append)
    assert heard == [2000, 4000, 5000]


# Terms


def test_tenants_without_a_rate_default_by_their_rating():
    assert terms().default_rate("BBB") == pytest.approx(-np.log(1 - 0.0250) / 10)
    assert terms().default_rate("NR") == TENANT_DEFAULT_RATES["B"]
    assert terms().default_rate("CC") == TENANT_DEFAULT_RATES["CCC+"]
    assert terms(tenant_default_rate=0.03).default_rate("AAA") == 0.03
    rates = list(TENANT_DEFAULT_RATES.values())
    assert rates == sorted(rates)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"paths": 101}, "odd_paths"), ({"paths": 10}, "out_of_range"), ({"cpi_volatility": -1}, "out_of_range"),
     ({"correlation_cpi_rate": 0.95, "correlation_cpi_default": 0.95, "correlation_rate_default": -0.95}, "correlations"),
     ({"tenant_correlation": 1.0}, "out_of_range"), ({"hope": 1}, "unknown")],
)  # fmt: skip
def test_bad_terms_are_refused(changes: dict[str, Any], code: str):
    with pytest.raises(InputProblems) as caught:
        SimulationTerms.from_dict(changes)
    assert code in {problem.code for problem in caught.value.problems}


def test_terms_read_back():
    assert SimulationTerms.from_dict(terms(paths=300).to_dict()) == terms(paths=300)


def test_nothing_to_simulate_is_refused():
    case: Case = deal({"senior_tenor_years": [25]})
    with pytest.raises(InputProblems, match="no debt"):
        simulate(case.deal_of(0), terms(paths=100))
