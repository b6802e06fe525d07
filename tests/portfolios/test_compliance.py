"""The 54 tests, coverage and carrying values against the reference pools."""

import doctest
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.portfolios.assets import Asset, Pool
from engine.portfolios.compliance import Status, check
from engine.portfolios.coverage import ic_cure, oc_cures
from engine.portfolios.diversity import diversity, industry_score
from engine.portfolios.ratings import FACTORS, RECOVERY, default_probability_rating, rating_for_warf, recovery_rate
from tests.portfolios.cases import POOLS, case, checked, expected, near, rows


@pytest.mark.parametrize("pool", POOLS)
def test_54_results_with_numerator_denominator_threshold_and_status(pool: str):
    found = {result.rule.number: result for result in checked(pool).results}
    wrong = []
    for theirs in expected(f"{pool}_expected")["tests"]:
        ours = found[theirs["number"]]
        same = (
            near(ours.numerator, theirs["numerator"])
            and near(ours.denominator, theirs["denominator"])
            and near(ours.value, theirs["result"])
            and near(ours.threshold, theirs["threshold"])
            and ours.status == theirs["status"]
        )
        if not same:
            wrong.append((theirs["number"], ours.numerator, ours.denominator, ours.threshold, ours.status))
    assert not wrong
    assert len(found) == 54


@pytest.mark.parametrize("pool", POOLS)
def test_coverage_ratios_cures_and_haircuts(pool: str):
    theirs, ours = expected(f"{pool}_expected"), checked(pool).coverage
    assert near(ours.carrying.adjusted_amount, theirs["adjusted_collateral_principal_amount"])
    assert near(ours.interest_collections, theirs["interest_collections"])
    assert near(ours.senior_fees, theirs["senior_fees"])
    for line in ours.classes:
        their = theirs["coverage"][line.terms.name]
        assert near(line.interest_due, their["interest_due"])
        assert near(line.cumulative_balance, their["cumulative_balance"])
        assert near(line.cumulative_interest, their["cumulative_interest"])
        if line.oc:
            assert near(line.oc.value, their["oc"])
            assert line.oc.passed == their["oc_passed"]
        if line.oc_cures:
            assert line.oc_cures.from_interest == Decimal(their["oc_cure_from_interest"])
            assert line.oc_cures.from_principal == Decimal(their["oc_cure_from_principal"])
        if line.ic:
            assert near(line.ic.value, their["ic"])
            assert line.ic.passed == their["ic_passed"]
    assert ours.diversion is not None
    assert near(ours.diversion.value, theirs["interest_diversion"]["ratio"])
    excess = ours.carrying.excess
    assert near(excess.sp_bucket, theirs["ccc"]["sp_bucket"])
    assert near(excess.moodys_bucket, theirs["ccc"]["moodys_bucket"])
    assert near(excess.amount, theirs["ccc"]["excess"])
    assert excess.bucket_used == theirs["ccc"]["bucket_used"]
    assert {name: str(amount.normalize()) for name, amount in ours.carrying.haircuts.items()} == {
        name: str(Decimal(amount).normalize()) for name, amount in theirs["haircuts"].items()
    }


@pytest.mark.parametrize("pool", POOLS)
def test_diversity_units(pool: str):
    ours = checked(pool).diversity
    theirs = expected(f"{pool}_expected")["diversity_units"]
    assert set(ours.units) == set(theirs)
    assert all(abs(ours.units[name] - Decimal(units)) < Decimal("1e-9") for name, units in theirs.items())


def test_carrying_values_asset_by_asset():
    from engine.portfolios.measure import interest_of

    pool, terms = case("pool_b")
    lines = {line.asset.blkrockid: line for line in checked("pool_b").coverage.carrying.lines}
    for row in rows("pool_b_carrying"):
        line = lines[row["BLKRockID"]]
        assert line.par == Decimal(row["par_usd"])
        assert line.share == Decimal(row["carrying_share_before_ccc"])
        assert line.rule == row["rule"]
        assert line.excess_par == Decimal(row["ccc_excess_par"])
        assert line.excess_haircut == Decimal(row["ccc_haircut"])
        assert interest_of(line.asset, terms) == Decimal(row["period_interest_usd"])
    assert len(lines) == len(pool.assets)


def test_cures_restore_the_ratio_and_a_cent_less_does_not():
    for each in expected("clo_cure_cases")["cases"]:
        numerator, denominator, trigger = (Decimal(each[key]) for key in ("numerator", "denominator", "trigger"))
        cures = oc_cures(numerator, denominator, trigger)
        assert cures.from_interest == Decimal(each["cure_from_interest"])
        assert cures.from_principal == Decimal(each["cure_from_principal"])
        assert cures.into_collateral == Decimal(each["into_new_collateral_at_par"])
        assert (numerator / denominator >= trigger) is each["passed_at_least"]
    for each in expected("clo_cure_cases")["ic_cases"]:
        unit = Decimal(each["rate"]) * Decimal(each["days"]) / 360
        payable = [(Decimal(each["most_senior_balance"]), unit)]
        income, due, trigger = (Decimal(each[key]) for key in ("income", "due", "trigger"))
        assert ic_cure(income, due, trigger, payable) == Decimal(each["cure_exact"])


CENT = Decimal("0.01")
money = st.integers(1, 10**12).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=60, deadline=None)
@given(money, money, st.integers(10_001, 20_000).map(lambda n: Decimal(n) / 10_000))
def test_every_oc_cure_is_the_smallest_that_passes(numerator: Decimal, denominator: Decimal, trigger: Decimal):
    cures = oc_cures(numerator, denominator, trigger)
    assert cures.from_principal is not None

    def passes(paid: Decimal, kept: Decimal) -> bool:
        return numerator - kept >= trigger * (denominator - paid)

    for amount, taken in ((cures.from_interest, Decimal(0)), (cures.from_principal, Decimal(1))):
        assert passes(amount, taken * amount)
        assert not amount or not passes(amount - CENT, taken * (amount - CENT))
    assert numerator + cures.into_collateral >= trigger * denominator


def test_ratings_by_the_ladder_and_recovery_by_notching_as_the_tapes_have_them():
    for pool in POOLS:
        assets, terms = case(pool)
        for asset in assets.assets:
            on = terms.determination_date
            assert default_probability_rating(asset, on).rating == asset.moodys_default_probability_rating_18
            assert rating_for_warf(asset, on).rating == asset.moodys_rating_warf, asset.blkrockid
            found = recovery_rate(asset, on)
            assert found is None or found[0] == asset.moodys_recovery_rate_23, asset.blkrockid


def test_the_tables_of_ratings_are_the_references():
    factors = expected("clo_rating_tables")["moodys_rating_factor"]
    assert {rating: FACTORS[rating] for rating in factors} == factors
    theirs = expected("clo_rating_rules")["recovery"]
    ours = {lien.split(" ")[0]: list(cells) for lien, cells in RECOVERY.items()}
    assert ours == {lien.split(" ")[0]: list(cells.values()) for lien, cells in theirs.items()}


def test_every_row_of_the_diversity_table():
    for row in rows("diversity_score"):
        units = Decimal(row["aggregate_industry_equivalent_units_from"])
        assert industry_score(units) == Decimal(row["industry_diversity_score"])


def test_diversity_of_twelve_obligors_by_hand():
    given = next(c for c in expected("credit_portfolio_vectors")["cases"] if c["id"] == "CLO-1")
    found = diversity((o["name"], o["industry"], Decimal(o["par"])) for o in given["inputs"]["obligors"])
    assert found.score == Decimal("7.95")
    assert {name: float(units) for name, units in found.units.items()} == pytest.approx(
        {name: float(units) for name, units in given["expected"]["industry_units"].items()}
    )


# Verdicts where something lacks


def changed(pool: Pool, **values: object) -> Pool:
    return replace(pool, assets=(replace(pool.assets[0], **values), *pool.assets[1:]))  # type: ignore[arg-type]


def test_a_missing_input_is_told_and_never_nought():
    pool, terms = case("pool_a")
    found = check(changed(pool, country="", wal=None), terms)
    for number in (14, 16, 35):
        result = found.of(number)
        assert result.status is Status.NOT_ASSESSED
        assert result.lacking == (pool.assets[0].blkrockid,)
        assert result.coverage_ratio < 1
    assert found.of(13).status is Status.PASS


def test_an_empty_pool_is_not_assessed_but_for_the_fixed_coupon():
    pool, terms = case("pool_a")
    found = {
        result.rule.number: result.status
        for result in check(replace(pool, assets=(), principal_cash=Decimal(0)), terms).results
    }
    assert found.pop(34) is Status.PASS
    assert found.pop(38) is Status.FAIL  # nothing stands against the notes
    assert set(found.values()) == {Status.NOT_ASSESSED}


def test_fewer_issuers_than_asked_for_is_nought_and_no_error():
    pool, terms = case("pool_a")
    assert check(replace(pool, assets=pool.assets[:3]), terms).of(3).value == 0


def test_order_of_assets_and_a_split_position_change_nothing():
    pool, terms = case("pool_b")
    first: Asset = pool.assets[4]
    half = replace(first, blkrockid="HALF", deal_par_amount=first.deal_par_amount / 2)
    rest = replace(first, deal_par_amount=first.deal_par_amount / 2)
    split = replace(pool, assets=tuple(reversed((*pool.assets[:4], rest, half, *pool.assets[5:]))))
    ours, theirs = check(split, terms), checked("pool_b")
    same = [
        (a.rule.number, a.value == b.value)
        for a, b in zip(ours.results, theirs.results, strict=True)
        if a.rule.number != 37
    ]
    assert all(equal for _, equal in same), same


def test_defaulting_an_asset_takes_it_from_numerators_and_denominators():
    pool, terms = case("pool_a")
    found = check(changed(pool, default_obligation=True, date_of_defaulted=terms.determination_date), terms)
    par = pool.assets[0].deal_par_amount
    assert found.base.collateral_principal_amount == checked("pool_a").base.collateral_principal_amount - par
    assert pool.assets[0].blkrockid not in dict(found.of(1).rows)


def test_the_documented_examples_hold():
    page = Path(__file__).resolve().parents[2] / "docs" / "portfolios.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0
