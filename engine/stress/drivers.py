"""Single drivers: how far each may be pushed, and what pushing it does to a scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.deal.setting import Setting
from engine.stress.scenarios import StressScenario

Push = Callable[[Setting, StressScenario, float], StressScenario]


@dataclass(frozen=True, slots=True)
class Driver:
    """One thing that may turn out worse: `push` by an amount above zero is adverse, `furthest` is as far as is asked.

    Whole drivers move in whole months.
    """

    code: str
    label: str
    unit: str
    furthest: float
    push: Push
    whole: bool = False
    help: str = ""


def _cpi(setting: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    path = scenario.cpi_rates or (setting.terms.base_cpi_rate,)
    return replace(scenario, cpi_rates=tuple(rate - amount for rate in path))


def _rates(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    short, long = scenario.short_shift_bps + amount, scenario.long_shift_bps + amount
    return replace(scenario, short_shift_bps=short, long_shift_bps=long)


def _twist(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    return replace(scenario, long_shift_bps=scenario.long_shift_bps + amount)


def _vacancy(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    return replace(scenario, vacancy_ratio=amount, vacancy_month=1, vacancy_months=360)


def _default(setting: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    terms = setting.terms
    return replace(
        scenario,
        tenant_default_ratio=amount,
        relet_months=terms.stress_relet_months,
        relet_ratio=terms.stress_relet_ratio,
    )


def _opex(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    return replace(scenario, opex_overrun_ratio=scenario.opex_overrun_ratio + amount)


def _capex(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    return replace(scenario, capex_overrun_ratio=scenario.capex_overrun_ratio + amount)


def _delay(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    return replace(scenario, delay_months=scenario.delay_months + round(amount))


def _pue(_: Setting, scenario: StressScenario, amount: float) -> StressScenario:
    return replace(scenario, pue_drift=scenario.pue_drift + amount)


DRIVERS: dict[str, Driver] = {
    d.code: d
    for d in (
        Driver("cpi", "CPI lower by", "rate", 0.10, _cpi, help="Every year, on the rent's index and the swap."),
        Driver("rates", "Rates higher by", "bps", 1000.0, _rates, help="Short and long alike."),
        Driver("long_rates", "Long rates higher by", "bps", 1000.0, _twist, help="Refinancing and the swapped notes' price."),
        Driver("vacancy", "Vacancy", "share", 1.0, _vacancy, help="Of the rent, from the first month to the last."),
        Driver("default", "Tenant default", "share", 1.0, _default, help="In month 1, re-let as the run's stresses say."),
        Driver("opex", "Operating costs higher by", "share", 5.0, _opex),
        Driver("capex", "Capex higher by", "share", 2.0, _capex, help="Of internal cost; the sponsor pays."),
        Driver("delay", "Construction later by", "months", 60.0, _delay, whole=True),
        Driver("pue", "PUE worse a year by", "factor", 0.10, _pue),
    )
}  # fmt: skip
