"""What runs of backtest, risk and scenarios found, as pages and charts show it; trades and ledger by page and as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isnan
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from jobs.models import JobState
from lib.charts import Chart, Mark, Series
from lib.errors import NotFound
from lib.units import mark
from ratings.typed_fields import texts
from strategies.access import Action, get_visible, require_on
from strategies.frames import read_frame
from strategies.models import StrategyRun, Task
from strategies.run_book import LEDGER, TRADES, TableColumn, csv_of, run_book
from strategies.run_terms import BACKTEST_FIELDS, CASH, COSTS, REBALANCES, RISK_FIELDS, SCENARIO_FIELDS, trading_terms
from strategies.views.runs import SHOWN
from strategies.views.shown import strategy_context

ROWS_ON_A_PAGE = 100
MOST_POINTS = 800
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
TABLES = {"trades": ("Trades", TRADES), "ledger": ("Ledger", LEDGER)}
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EXPOSURES = {"long": "Long", "short": "Short", "gross": "Gross", "net": "Net"}
WATERFALL = {
    "start": "Cash at the start", "prices": "Prices", "dividends": "Dividends", "slippage": "Slippage",
    "commission": "Commission", "borrow": "Borrow", "end": "Equity at the end",
}  # fmt: skip
Context = dict[str, Any]


# Backtest


def backtest_findings(run: StrategyRun, request: PersonRequest) -> Context:
    """Tear sheet, look-ahead check, walk-forward, charts."""
    found, ledger = run.summary, read_frame(run.summary["ledger"])
    sheet = found["sheet"]
    return {
        "found": found,
        "sheet": sheet,
        "exposures": [(EXPOSURES[name], each) for name, each in sheet["exposures"].items()],
        "waterfall": [(WATERFALL[name], sheet["waterfall"][name]) for name in WATERFALL],
        "months": _months(sheet["months"]),
        "month_names": MONTH_NAMES,
        "assumed": _assumed(run),
        "chart_data": {each.code: asdict(each) for each in _backtest_charts(ledger, sheet, run.version.strategy.desk.currency)},
    }  # fmt: skip


def _months(given: Mapping[str, Mapping[str, float]]) -> list[tuple[str, list[float | None], float]]:
    """Year, its months, and the whole of it."""
    rows = []
    for year in sorted(given):
        whole = 1.0
        for change in given[year].values():
            whole *= 1.0 + change
        rows.append((year, [given[year].get(str(month)) for month in range(1, 13)], whole - 1.0))
    return rows


def _assumed(run: StrategyRun) -> list[tuple[str, str]]:
    trading = (CASH, *COSTS)
    shown = texts(trading, trading_terms(run.version.content).to_dict())
    asked = texts(BACKTEST_FIELDS, run.terms.get("asked", {}))
    return [
        ("Rebalance", REBALANCES[run.version.content["rebalance"]]),
        *((spec.label, _with_unit(spec, shown[spec.path])) for spec in trading),
        *((spec.label, asked[spec.path] or "–") for spec in BACKTEST_FIELDS),
    ]


def _with_unit(spec: Any, text: str) -> str:
    return f"{text} {mark(spec.unit)}".strip()


def _backtest_charts(ledger: pa.Table, sheet: Mapping[str, Any], currency: str) -> list[Chart]:
    kept = _kept(ledger.num_rows)
    dates = ledger["date"].to_pylist()
    days = tuple(str(dates[row]) for row in kept)

    def path(name: str) -> tuple[float | None, ...]:
        values = ledger[name].to_pylist()
        return tuple(None if isnan(values[row]) else values[row] for row in kept)

    names = {"long": "Long", "short": "Short", "net": "Net"}
    exposures = tuple(Series(label, path(f"{name}_ratio"), Mark.LINE) for name, label in names.items())
    taken = [name for name in WATERFALL if name not in {"start", "end"}]
    amounts = tuple(sheet["waterfall"][name] for name in taken)
    return [
        Chart("equity", "Equity", "amount", currency, "Day", days, (Series("Equity", path("equity"), Mark.LINE),)),
        Chart("drawdown", "Drawdown", "share", "", "Day", days, (Series("Drawdown", path("drawdown"), Mark.LINE),)),
        Chart("exposures", "Exposures", "share", "", "Day", days, exposures),
        Chart("waterfall", "What made the difference", "amount", currency, "", tuple(WATERFALL[name] for name in taken),
              (Series("Amount", amounts, Mark.COLUMN),)),
    ]  # fmt: skip


def _kept(count: int) -> list[int]:
    """Rows to draw: all, or evenly so many, the last among them."""
    step = -(-count // MOST_POINTS)
    return sorted({*range(0, count, step), count - 1})


# Risk


def risk_findings(run: StrategyRun, request: PersonRequest) -> Context:
    """Tails by method, the record of the rolling VaR, contributions."""
    found = run.summary
    charts = _record_charts(found["record"])
    if found["factors"]:
        charts.append(_factor_chart(found["factors"]))
    factors = found["factors"]
    return {
        "found": found,
        "methods": [
            {**each, "var_amount": each["var"] * found["value_amount"], "es_amount": each["es"] * found["value_amount"]}
            for each in found["tails"]["methods"]
        ],
        "asked": texts(RISK_FIELDS, run.terms.get("asked", {})),
        "parts": _parts(factors) if factors else (),
        "chart_data": {each.code: asdict(each) for each in charts},
    }


def _record_charts(record: Mapping[str, Any] | None) -> list[Chart]:
    if record is None:
        return []
    kept = _kept(len(record["days"]))
    days = tuple(record["days"][row] for row in kept)
    lines = (
        Series("Return", tuple(record["returns"][row] for row in kept), Mark.COLUMN),
        Series("Minus VaR", tuple(-record["var"][row] for row in kept), Mark.LINE),
    )
    return [Chart("record", "Daily return and minus VaR", "rate", "", "Day", days, lines)]


Part = tuple[str, float | None, float, float | None, float | None]


def _parts(factors: Mapping[str, Any]) -> list[Part]:
    """Name, exposure and contribution of each factor and of what is specific: whole, and active where there is such."""
    whole, active = factors["whole"], factors["active"]
    nothing = [None] * len(factors["names"])
    exposures, by_factor = (active["exposures"], active["by_factor"]) if active else (nothing, nothing)
    rows: list[Part] = [
        (name, whole["exposures"][k], whole["by_factor"][k], exposures[k], by_factor[k])
        for k, name in enumerate(factors["names"])
    ]
    return [*rows, ("Specific", None, whole["specific"], None, active["specific"] if active else None)]


def _factor_chart(factors: Mapping[str, Any]) -> Chart:
    parts = _parts(factors)
    series = [Series("Portfolio", tuple(part[2] for part in parts), Mark.COLUMN)]
    if factors["active"]:
        series.append(Series("Active", tuple(part[4] for part in parts), Mark.COLUMN))
    return Chart("factors", "VaR by factor", "rate", "", "", tuple(part[0] for part in parts), tuple(series))


# Scenarios


def scenario_findings(run: StrategyRun, request: PersonRequest) -> Context:
    """Results, tornado, grid, liquidity, hedges."""
    found, currency = run.summary, run.version.strategy.desk.currency
    bars = found["tornado"]
    chart = Chart(
        "tornado", "Each factor alone", "amount", currency, "", tuple(bar["factor"] for bar in bars),
        (Series("Down", tuple(bar["down_amount"] for bar in bars), Mark.BAR),
         Series("Up", tuple(bar["up_amount"] for bar in bars), Mark.BAR)),
    )  # fmt: skip
    return {
        "found": found,
        "asked": texts(SCENARIO_FIELDS, run.terms.get("asked", {})),
        "grid_rows": _grid_rows(found["grid"]),
        "liquidated": list(
            zip(
                found["liquidity"]["stresses"],
                found["liquidity"]["liquidated"],
                found["liquidity"]["longest"],
                strict=True,
            )
        ),
        "hedges": [
            {**each, "parts": list(zip(each["instruments"], each["amounts"], strict=True))} for each in found["hedges"]
        ],
        "chart_data": {"tornado": asdict(chart)},
    }


def _grid_rows(grid: Mapping[str, Any] | None) -> list[tuple[float, list[tuple[float, str]]]]:
    """Each row's shock and its amounts with their heat: the deeper the loss, the hotter."""
    if grid is None:
        return []
    worst = max((-amount for row in grid["amounts"] for amount in row if amount < 0), default=0.0)
    return [
        (shock, [(amount, _heat(amount, worst)) for amount in row])
        for shock, row in zip(grid["down_shocks"], grid["amounts"], strict=True)
    ]


def _heat(amount: float, worst: float) -> str:
    return "" if amount >= 0 or not worst else f"heat--{5 - min(5, int(-6 * amount / worst))}"


SHOWN[Task.BACKTEST] = ("strategy-backtest", "strategies/findings/backtest.html", backtest_findings)
SHOWN[Task.RISK] = ("strategy-risk", "strategies/findings/risk.html", risk_findings)
SHOWN[Task.SCENARIOS] = ("strategy-scenarios", "strategies/findings/scenarios.html", scenario_findings)


# Trades and ledger


@signed_in
@require_safe
def run_table(request: PersonRequest, code: UUID, name: str) -> HttpResponse:
    """Trades or ledger of a backtest, page by page."""
    run = _done_backtest(request, code)
    label, columns = TABLES[name]
    table = read_frame(run.summary[name])
    page = Paginator(range(table.num_rows), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **strategy_context(request, run.version.strategy, "strategy-backtest"),
        "run": run,
        "label": label,
        "name": name,
        "columns": columns,
        "page": page,
        "rows": _cells(table, columns, page.start_index() - 1 if table.num_rows else 0, len(page)),
    }
    return render(request, "strategies/run_table.html", context)


def _cells(
    table: pa.Table, columns: Sequence[TableColumn], first: int, count: int
) -> list[list[tuple[TableColumn, Any]]]:
    rows = table.slice(first, count).to_pylist()
    return [[(column, row[column.name]) for column in columns] for row in rows]


@signed_in_file
@require_safe
def run_csv(request: PersonRequest, code: UUID, name: str) -> HttpResponse:
    """Trades or ledger as CSV."""
    run = _exported(request, code)
    return _sent(csv_of(read_frame(run.summary[name]), TABLES[name][1]), CSV, run, name, "csv")


@signed_in_file
@require_safe
def run_workbook(request: PersonRequest, code: UUID) -> HttpResponse:
    """Trades and ledger as a workbook."""
    run = _exported(request, code)
    return _sent(run_book(run), XLSX, run, "backtest", "xlsx")


def _done_backtest(request: PersonRequest, code: UUID) -> StrategyRun:
    run = get_visible(request.user, StrategyRun, code)
    if run.task != Task.BACKTEST or run.state != JobState.DONE:
        raise NotFound("There is no finished backtest here.")
    return run


def _exported(request: PersonRequest, code: UUID) -> StrategyRun:
    run = _done_backtest(request, code)
    require_on(request.user, run.version.strategy.desk, Action.EXPORT)
    return run


def _sent(content: bytes, kind: str, run: StrategyRun, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    stem = f"{slugify(str(run.version)) or 'strategy'}-{name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{ending}"'
    return response
