"""What the charts of a pack show, as plain data: drawn by matplotlib in PDFs, native in slides and workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from financings.compliance import dscr_floor
from lib.charts import Chart, Mark, Series

if TYPE_CHECKING:
    from documents.facts import PackFacts


def charts_of(facts: PackFacts) -> dict[str, Chart]:
    """Every chart of a pack by its code; empty where no debt can be sized."""
    if not facts.tranches:
        return {}
    drawn = (sources_and_uses, cash_and_service, cover, balances, stress_cover)
    return {chart.code: chart for chart in (draw(facts) for draw in drawn)}


def sources_and_uses(facts: PackFacts) -> Chart:
    """Where the money at close comes from and goes to: a bar for each line that is not nil."""
    sources = [line for line in facts.detail.sources if line.amount]
    uses = [line for line in facts.detail.uses if line.amount]
    return Chart(
        code="sources_and_uses",
        title="Sources and uses at close",
        unit="amount",
        currency=facts.currency,
        category_label="Line",
        categories=tuple(line.label for line in (*sources, *uses)),
        series=(
            Series("Sources", (*(line.amount for line in sources), *(None for _ in uses)), Mark.BAR),
            Series("Uses", (*(None for _ in sources), *(line.amount for line in uses)), Mark.BAR),
        ),
    )


def cash_and_service(facts: PackFacts) -> Chart:
    """Cash after costs, hedges included, over what is paid on the debt, by operating year."""
    years = facts.detail.years
    cash = years["gross_income"] - years["opex"] + years["hedge_net"]
    service = years["senior_interest"] + years["senior_principal"] + years["wrap_premium"]
    series = [Series("Senior debt service", _plain(service), Mark.STACKED)]
    if len(facts.tranches) > 1:
        mezzanine = years["mezz_interest"] + years["mezz_principal"]
        series.append(Series("Mezzanine debt service", _plain(mezzanine), Mark.STACKED))
    series.append(Series("Cash available for debt service", _plain(cash), Mark.LINE))
    return Chart(
        code="cash_and_service",
        title="Cash available and debt service",
        unit="amount",
        currency=facts.currency,
        category_label="Operating year",
        categories=_years(len(cash)),
        series=tuple(series),
    )


def cover(facts: PackFacts) -> Chart:
    """DSCR by year to senior maturity, with the floor of the rating judged and the steps of the lock-up."""
    path = facts.detail.dscr_path
    series = [Series("DSCR", tuple(path), Mark.LINE)]
    floor = dscr_floor(facts.detail)
    if floor is not None:
        series.append(Series(f"Floor for {facts.detail.judged_rating}", (floor,) * len(path), Mark.LIMIT))
    for level, _ in facts.cash_trap.steps:
        series.append(Series("Lock-up", (level,) * len(path), Mark.LIMIT))
    return Chart(
        code="cover",
        title="Debt service cover to senior maturity",
        unit="times",
        currency="",
        category_label="Operating year",
        categories=_years(len(path)),
        series=tuple(series),
    )


def balances(facts: PackFacts) -> Chart:
    """What each tranche owes from the start of operations (year 0) to the end of the lease."""
    years = facts.detail.years
    columns = (("senior_balance", "Senior"), ("mezz_balance", "Mezzanine"))
    return Chart(
        code="balances",
        title="Debt outstanding at year end",
        unit="amount",
        currency=facts.currency,
        category_label="Operating year",
        categories=("0", *_years(len(years["senior_balance"]))),
        series=tuple(
            Series(name, (tranche.amount, *_plain(years[column])), Mark.STACKED)
            for tranche, (column, name) in zip(facts.tranches, columns, strict=False)
        ),
    )


def stress_cover(facts: PackFacts, lowest: int | None = None) -> Chart:
    """The lowest year's DSCR under every scenario, or under the `lowest` worst of them, worst first."""
    rows = sorted(
        (row for row in facts.detail.stress if row.stressed_dscr is not None),
        key=lambda row: (row.stressed_dscr, row.scenario.number),
    )[:lowest]
    floor = facts.deal.resolved.terms.stressed_floor
    return Chart(
        code="stress_cover",
        title="Minimum DSCR under stress",
        unit="times",
        currency="",
        category_label="Scenario",
        categories=tuple(row.scenario.label for row in rows),
        series=(
            Series("Minimum DSCR", tuple(row.stressed_dscr for row in rows), Mark.BAR),
            Series("Stressed floor", (floor,) * len(rows), Mark.LIMIT),
        ),
    )


def _years(count: int) -> tuple[str, ...]:
    return tuple(str(year) for year in range(1, count + 1))


def _plain(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
