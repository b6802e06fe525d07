"""The signal workbench: a recipe edited as a form, kept as a version, run as a job; and what a run found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import InputProblems, Problem
from engine.strategies.price_factors import PRICE_FACTORS
from engine.strategies.recipes import FACTOR_FIELDS, RECIPE_FIELDS, Factor, Recipe, recipe_content
from engine.strategies.signal_measures import QUANTILES
from lib.charts import Chart, Mark, Series
from lib.errors import Invalid
from lib.svg import Drawing, drawing
from ratings.typed_fields import TypedField, default_texts, fields_of, payload, posted, texts
from strategies.access import Action, get_visible, require_on
from strategies.models import DatasetKind, Strategy, StrategyRun, Task
from strategies.queries import latest_version, runs_of
from strategies.running.signals import BINS
from strategies.services.signals import request_signals, save_signal
from strategies.signal_terms import (
    CADENCE_WORDS,
    DEFAULT_RECIPE,
    RUN_FIELDS,
    candidates,
    column_label,
    read_run_terms,
    recipe_of,
)
from strategies.views.runs import SHOWN
from strategies.views.shown import strategy_context

TAB = "strategy-signal"
SHOWN_RUNS, MOST_MONTHS = 10, 60
WEIGHT = tuple(spec for spec in FACTOR_FIELDS if spec.path == "weight")
SIGNS = (("1", "High is good"), ("-1", "Low is good"))
STEP_WORDS = {
    "raw": "As it came, signed",
    "winsorised": "Winsorised",
    "z": "Standardised",
    "neutral": "Neutral",
}


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column that may be a factor: where it comes from, its weight (empty: not used) and sign as typed."""

    name: str
    origin: str
    weight: TypedField
    sign: str

    @property
    def label(self) -> str:
        """The column as the page calls it."""
        return column_label(self.name)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def strategy_signal(request: PersonRequest, code: UUID) -> HttpResponse:
    """The recipe of a strategy as a form, and the runs of its signal."""
    strategy = get_visible(request.user, Strategy, code)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_on(request.user, strategy.desk, Action.RESEARCH)
        try:
            return _done(request, strategy)
        except Invalid as error:
            problems = error.problems
    return render(request, "strategies/signal.html", _context(request, strategy, problems),
                  status=422 if problems else 200)  # fmt: skip


def _done(request: PersonRequest, strategy: Strategy) -> HttpResponse:
    """Keeps the recipe, or has the last version's run; `do` says which."""
    if request.POST.get("do") == "run":
        terms = payload(RUN_FIELDS, posted(RUN_FIELDS, request.POST, "run-"))
        run = request_signals(by=request.user, version=latest_version(strategy), terms=terms)
        return redirect("strategy-run", run.code)
    number = request.POST.get("version", "")
    version = save_signal(
        by=request.user,
        strategy=strategy,
        signal=_typed_content(strategy, request.POST),
        note=request.POST.get("note", "")[:300],
        based_on=int(number) if number.isdecimal() and len(number) < 10 else None,
    )
    messages.success(request, f"Kept as version {version.number}.")
    return redirect(TAB, strategy.code)


def _typed_content(strategy: Strategy, data: QueryDict) -> dict[str, Any]:
    """The recipe as it was typed, for the engine to read: columns with a weight are its factors."""
    factors = []
    for name in _columns(strategy):
        typed = posted(WEIGHT, data, f"{name}-")
        if typed["weight"]:
            sign = -1 if data.get(f"{name}-sign") == "-1" else 1
            factors.append({"field": name, "sign": sign, **payload(WEIGHT, typed)})
    return {**payload(RECIPE_FIELDS, posted(RECIPE_FIELDS, data, "")), "factors": factors}


def _columns(strategy: Strategy) -> dict[str, str]:
    """The columns that may be chosen, those of the version's recipe among them even where the data lost them."""
    known = candidates(strategy.universe)
    lost = {name: "Not in the data any more" for name in _recipe(strategy).fields if name not in known}
    return {**known, **lost}


def _recipe(strategy: Strategy) -> Recipe:
    """The recipe of the last version; what cannot be read gives way to the default."""
    try:
        return recipe_of(latest_version(strategy))
    except InputProblems:
        return DEFAULT_RECIPE


def _context(request: PersonRequest, strategy: Strategy, problems: Sequence[Problem]) -> dict[str, Any]:
    recipe = _recipe(strategy)
    is_kept = request.method == "POST" and request.POST.get("do") != "run"
    typed = posted(RECIPE_FIELDS, request.POST, "") if is_kept else texts(RECIPE_FIELDS, recipe_content(recipe))
    asked = posted(RUN_FIELDS, request.POST, "run-") if problems and not is_kept else default_texts(RUN_FIELDS)
    rows = _rows(strategy, recipe, request.POST if is_kept else None, problems)
    sizes = [name for name in _columns(strategy) if name not in PRICE_FACTORS]
    return {
        **strategy_context(request, strategy, TAB),
        "rows": rows,
        "signs": SIGNS,
        "fields": [
            (field, _options(field.spec.path, sizes)) for field in fields_of(RECIPE_FIELDS, typed, "", problems)
        ],
        "run_fields": fields_of(RUN_FIELDS, asked, "run-", problems),
        "runs": runs_of(strategy).filter(task=Task.SIGNALS)[:SHOWN_RUNS],
        "has_prices": strategy.universe.datasets.filter(kind=DatasetKind.PRICES).exists(),
        "note": request.POST.get("note", ""),
        "problems": problems,
    }


def _options(path: str, sizes: Iterable[str]) -> list[tuple[str, str]]:
    if path == "cadence":
        return [(cadence.value, words) for cadence, words in CADENCE_WORDS.items()]
    return [("", "Not neutralised"), *((name, column_label(name)) for name in sizes)] if path == "size_field" else []


def _rows(strategy: Strategy, recipe: Recipe, data: QueryDict | None, problems: Sequence[Problem]) -> list[ColumnRow]:
    chosen = {factor.field: factor for factor in recipe.factors}
    rows, place = [], 0
    for name, origin in _columns(strategy).items():
        typed = posted(WEIGHT, data, f"{name}-") if data is not None else _weight_text(chosen.get(name))
        sign = str(chosen[name].sign if name in chosen else 1) if data is None else data.get(f"{name}-sign", "1")
        here = [Problem(p.code, "weight", p.message) for p in problems if p.place == f"factors.{place}.weight"]
        is_used = bool(typed["weight"])
        field = fields_of(WEIGHT, typed, f"{name}-", here if is_used else ())[0]
        place += is_used
        rows.append(ColumnRow(name, origin, field, sign))
    return rows


def _weight_text(factor: Factor | None) -> dict[str, str]:
    return texts(WEIGHT, {"weight": factor.weight}) if factor else {"weight": ""}


# What a run found


def findings(run: StrategyRun, request: PersonRequest) -> dict[str, Any]:
    """The answer as charts and the tables beside them."""
    answer = run.summary
    by_period = _by_period(answer["dates"], answer["rank_ic"]["by_date"])
    return {
        "answer": answer,
        "terms": read_run_terms(run.terms),
        "recipe": recipe_of(run.version),
        "size": column_label(recipe_of(run.version).size_field),
        "cadence": CADENCE_WORDS[recipe_of(run.version).cadence],
        "quantiles": [f"{share:.0%}" for share in QUANTILES],
        "data": [(DatasetKind(kind).label, file_hash) for kind, file_hash in sorted(run.datasets.items())],
        "factors": [_factor_shown(factor) for factor in answer["factors"]],
        "groups": [(number, mean) for number, mean in enumerate(answer["groups"], start=1)],
        "group_chart": _group_chart(answer["groups"], read_run_terms(run.terms)["horizon_days"]),
        "ic_rows": by_period,
        "ic_chart": _ic_chart(by_period) if by_period else None,
    }


def _factor_shown(factor: dict[str, Any]) -> dict[str, Any]:
    steps = [{**each, "words": STEP_WORDS[each["step"]]} for each in factor["steps"]]
    labels = [f"{low:+.1f}" for low in BINS[:-1]]
    table = list(zip(labels, *(factor["histogram"][step] for step in STEP_WORDS), strict=True))
    return {
        **factor,
        "label": column_label(factor["field"]),
        "steps": steps,
        "table": table,
        "chart": _spread_chart(factor, labels),
    }


def _spread_chart(factor: dict[str, Any], labels: Sequence[str]) -> Drawing:
    series = tuple(Series(words, tuple(factor["histogram"][step]), Mark.LINE) for step, words in STEP_WORDS.items())
    title = f"{column_label(factor['field'])} before and after each step"
    return drawing(Chart(f"spread-{factor['field']}", title, "share", "", "Standard deviations", tuple(labels), series))


def _group_chart(means: Sequence[float | None], horizon_days: int) -> Drawing:
    title = f"Mean return over {horizon_days} trading days by group of score"
    labels = tuple(str(number) for number in range(1, len(means) + 1))
    series = (Series("Mean return", tuple(means), Mark.LINE),)
    return drawing(Chart("groups", title, "rate", "", "Group, lowest score first", labels, series))


def _by_period(dates: Sequence[str], values: Sequence[float | None]) -> list[tuple[str, int, float]]:
    """Mean by month, or by year where there are too many months: period, dates, mean."""
    told = [(day, value) for day, value in zip(dates, values, strict=True) if value is not None]
    length = 7 if len({day[:7] for day, _ in told}) <= MOST_MONTHS else 4
    periods: dict[str, list[float]] = {}
    for day, value in told:
        periods.setdefault(day[:length], []).append(value)
    return [(period, len(each), sum(each) / len(each)) for period, each in periods.items()]


def _ic_chart(rows: Sequence[tuple[str, int, float]]) -> Drawing:
    series = (Series("Rank correlation", tuple(mean for _, _, mean in rows), Mark.LINE),)
    labels = tuple(period for period, _, _ in rows)
    return drawing(Chart("ic", "Information coefficient", "factor", "", "Date of the score", labels, series))


SHOWN[Task.SIGNALS] = (TAB, "strategies/findings/signals.html", findings)
