"""Charts say what the run found, each line and year once."""

from datetime import date

import pytest

from documents.facts import PackFacts
from documents.facts.charts import charts_of, stress_cover
from lib.charts import Chart, Mark, Series
from permutations.models import Run
from tests.documents.conftest import facts_of_best

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(done: Run) -> PackFacts:
    return facts_of_best(done, date(2027, 1, 31))


def test_charts_hold_the_runs_figures(facts: PackFacts) -> None:
    charts, detail = charts_of(facts), facts.detail
    sides = charts["sources_and_uses"].series
    sums = [sum(value or 0.0 for value in side.values) for side in sides]
    assert sums[0] == pytest.approx(sums[1], rel=1e-9) == pytest.approx(sum(line.amount for line in detail.sources))
    assert charts["cover"].series[0].values == detail.dscr_path
    assert min(detail.dscr_path) == detail.row["dscr_minimum"]
    for series, tranche in zip(charts["balances"].series, facts.tranches, strict=True):
        assert series.values[0] == tranche.amount
        assert series.values[-1] == pytest.approx(0.0, abs=1e-3)
    cash, senior = charts["cash_and_service"].series[-1], charts["cash_and_service"].series[0]
    assert (cash.values[0] or 0.0) / (senior.values[0] or 1.0) == pytest.approx(detail.dscr_path[0], rel=1e-6)


def test_the_worst_stresses_come_first(facts: PackFacts) -> None:
    every, few = charts_of(facts)["stress_cover"], stress_cover(facts, lowest=5)
    values = [value or 0.0 for value in every.series[0].values]
    assert values == sorted(values)
    assert (few.categories, values[0]) == (every.categories[:5], facts.detail.row["worst_stressed_dscr"])


def test_a_series_has_a_value_for_each_category() -> None:
    with pytest.raises(ValueError, match="expected 2 values of Short"):
        Chart("c", "C", "times", "", "Year", ("1", "2"), (Series("Short", (1.0,), Mark.LINE),))
