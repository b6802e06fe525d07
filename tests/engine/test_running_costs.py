"""What a project costs to run: hand-computed energy, fee, reserve and indices, at, below and above their limits."""

import pytest

from engine.deal.choice import Choice
from engine.deal.structure import Structure, price
from engine.deal.terms import Deal
from engine.errors import InputProblems
from engine.project import ProjectInputs
from engine.project.derive import energy_mwh, operating_year
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from tests.engine.deals import PROJECT, SEED_RULES, bent

GROSS = {"revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 90}


def inputs(**changes: object) -> ProjectInputs:
    return ProjectInputs.from_dict(bent(PROJECT, {**GROSS, **{k.replace("__", "."): v for k, v in changes.items()}}))


def built(**changes: object) -> Structure:
    return price(
        Deal(inputs(**changes), StructuringTerms.from_dict(), RuleSet.from_dict(SEED_RULES), Choice.from_dict({}))
    )


@pytest.mark.parametrize(("pue", "bill"), [(1.0, 31_536_000), (1.2, 37_843_200), (1.5, 47_304_000)])
def test_forty_megawatts_of_racks_buy_power_for_the_whole_facility(pue: float, bill: float) -> None:
    """40 MW of IT at 90 a MWh: 40 x PUE x 8,760 x 90."""
    year = operating_year(inputs(power__gross_facility_mw=40 * pue, power__pue=pue))
    assert year.electricity_amount == pytest.approx(bill)


def test_utilisation_is_the_share_of_the_facility_that_is_drawn() -> None:
    assert energy_mwh(inputs(power__utilisation_ratio=0.7)) == pytest.approx(48 * 0.7 * 8760)


def test_fee_and_reserve_of_the_first_year() -> None:
    """Rent 110 x 40,000 kW x 12 x 95% = 50.16m, power 37.8432m, costs 7.524m: NOI 4.7928m; 2% of it; 12 x 40,000 kW."""
    year = operating_year(
        inputs(revenue__asset_management_fee_rate=0.02, revenue__replacement_reserve_per_kw_amount=12)
    )
    assert year.noi_amount == pytest.approx(4_792_800)
    assert year.asset_management_fee_amount == pytest.approx(95_856)
    assert year.replacement_reserve_amount == pytest.approx(480_000)
    assert year.cfads_amount == pytest.approx(4_792_800 - 95_856 - 480_000)


def test_each_cost_follows_its_own_index() -> None:
    """Year 3 with rent capped at 1%, CPI 2.5%, power 5% a year: each line times its own index, the fee on what is left."""
    found = built(
        lease__cpi_cap_rate=0.01, revenue__electricity_escalation_rate=0.05,
        revenue__replacement_reserve_per_kw_amount=12, power__utilisation_ratio=0.5,
    )  # fmt: skip
    rent, costs, power = 50_160_000 * 1.01**2, 7_524_000 * 1.025**2, 48 * 0.5 * 8760 * 90 * 1.05**2
    noi = rent - costs - power
    assert found.work.cash[0, 0, 24] * 12 == pytest.approx(noi * 0.99 - 480_000 * 1.025**2)
    assert found.work.gross[24] * 12 == pytest.approx(rent)


def test_power_follows_cpi_unless_it_has_a_rise_of_its_own() -> None:
    follows, still = built(), built(revenue__electricity_escalation_rate=0.0)
    bill = 48 * 8760 * 90
    assert (still.work.cash[0, 0, 12] - follows.work.cash[0, 0, 12]) * 12 == pytest.approx(0.99 * bill * 0.025)


def test_an_uncollared_lease_without_power_is_what_it_was() -> None:
    """All of a triple net NOI grows with CPI, so year 11 is 1.025^10 of year 1."""
    cash = built(revenue__lease_type="triple_net").work.cash[0, 0]
    assert cash[120] == pytest.approx(cash[0] * 1.025**10)


@pytest.mark.parametrize(
    ("path", "low", "at", "high"),
    [
        ("power.utilisation_ratio", 0.0, 1.0, 1.01),
        ("revenue.electricity_escalation_rate", -0.11, 0.2, 0.21),
        ("revenue.asset_management_fee_rate", -0.01, 0.1, 0.11),
        ("revenue.replacement_reserve_per_kw_amount", -1, 100_000, 100_001),
    ],
)
def test_limits_of_the_fields(path: str, low: float, at: float, high: float) -> None:
    ProjectInputs.from_dict(bent(PROJECT, {path: at}))
    for beyond in (low, high):
        with pytest.raises(InputProblems) as refused:
            ProjectInputs.from_dict(bent(PROJECT, {path: beyond}))
        assert [problem.place for problem in refused.value.problems] == [path]


def test_a_default_leaves_no_trace_in_the_canonical_inputs() -> None:
    """A snapshot taken before these fields keeps its content, and so its hash."""
    plain = ProjectInputs.from_dict(PROJECT).to_dict()
    told = ProjectInputs.from_dict(
        bent(PROJECT, {"power.utilisation_ratio": 1, "revenue.asset_management_fee_rate": 0.01})
    )
    assert told.to_dict() == plain
    assert not {"utilisation_ratio", "asset_management_fee_rate"} & {*plain["power"], *plain["revenue"]}
