"""Every figure that the papers of a run say, gathered once: what one paper says of a class, all say.

Words are set in the house's format, whoever asks. Equal runs give equal facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from math import isclose
from typing import Any

import numpy as np

from documents.facts import Marks
from documents.rendering.templating import day, day_short
from engine import ENGINE_VERSION
from engine.errors import Problem
from engine.notes.batch import run_batch
from engine.notes.measures import excess_spread_rate
from engine.notes.run import NotesResult, Payment, explain
from engine.notes.terms import Behaviour, DefaultKind, Loan, PrepaymentKind
from engine.notes.words import waterfall_words
from lib import figures
from lib.charts import Chart, Mark, Series
from lib.errors import Invalid
from securitisation.hedging import hedge_lines
from securitisation.models import NotesRun
from securitisation.papers.projects import ProjectBehind, Words, projects_behind
from securitisation.run_terms import RunTerms
from securitisation.running import class_answers, legal_final_of, quoted_yield, run_of
from securitisation.shown import class_lines, fee_lines, figure_lines, result_lines, trigger_lines, waterfall_charts
from securitisation.translate import Deal, engine_deal

# What a run kept of a class; another engine may come to other figures, and then no paper may be made from it.
KEPT = ("balance_amount", "wal_years", "yield_rate", "price_ratio", "loss_amount")
CURVE_POINTS, LEAST_CURVE_RATE, MOST_CURVE_RATE = 11, 0.10, 0.50
LEAST_SHARE = 1e-6  # of the pool, below which nothing is drawn
PRIORITIES = (
    ("interest_steps", "Interest"), ("principal_steps", "Principal"), ("enforcement_steps", "After enforcement"),
)  # fmt: skip


@dataclass(frozen=True)
class NotesFacts:
    """A run of notes as its papers tell it; `period` is the payment date that the investor report is of, counted from 1."""

    run: NotesRun
    deal: Deal
    result: NotesResult
    marks: Marks
    period: int = 1

    @property
    def title(self) -> str:
        """The issue's name."""
        return str(self.run.version.structure)

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return self.deal.structure.currency

    @property
    def made_at(self) -> datetime:
        """The moment the run was asked for: papers made again tomorrow say the same."""
        return self.run.created_at.astimezone(UTC).replace(microsecond=0)

    @property
    def lineage(self) -> str:
        """What all figures come from, in a short hash."""
        return f"Version {self.run.version.number}, SHA-256 {self.run.version.content_hash[:12]}"

    @property
    def about(self) -> Words:
        """Where the figures come from."""
        version = self.run.version
        return [
            ("Structure", f"{version}, SHA-256 {version.content_hash}"),
            ("Pool", f"{version.pool}, SHA-256 {version.pool.content_hash}. {version.pool.origin}"),
            ("Run", f"{self.run.code}, asked for {day(self.made_at)}, {figures.count(self.run.total_count)} scenarios"),
            ("Engine", self.run.engine_version),
        ]

    @cached_property
    def classes(self) -> list[dict[str, Any]]:
        """Each class with its terms in words, its measures and its risk, the most senior first."""
        terms = class_lines(self.deal.structure, self.deal.pool.balance_amount)
        return [
            {
                **found,
                "coupon": line.coupon,
                "notes": line.notes,
                "legal_final": legal_final_of(self.result, k),
                "share": line.share,
            }
            for k, (line, found) in enumerate(zip(terms, result_lines(self.run.summary), strict=True))
        ]

    @property
    def loans(self) -> tuple[Loan, ...]:
        """The pool's loans, the largest first."""
        return tuple(sorted(self.deal.pool.loans, key=lambda each: (-each.balance_amount, each.code)))

    @property
    def pool_amount(self) -> float:
        """Balance of all loans."""
        return self.deal.pool.balance_amount

    @property
    def pool_rate(self) -> float:
        """Average coupon of the pool by balance."""
        return sum(each.balance_amount * each.coupon_rate for each in self.loans) / self.pool_amount

    @property
    def excess_spread(self) -> float:
        """What the pool earns a year at closing beyond fees and coupons, on the pool."""
        structure = self.deal.structure
        fees = sum(fee.annual_rate + fee.annual_amount / self.pool_amount for fee in structure.fees)
        coupons = {each["code"]: each["coupon_rate"] for each in self.classes}
        return excess_spread_rate(self.pool_rate, fees, structure.balances, coupons, self.pool_amount)

    @property
    def equity_amount(self) -> float:
        """What of the pool no class stands on: retained, unless it is sold."""
        return self.pool_amount - self.deal.structure.notes_amount

    @cached_property
    def priorities(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each priority of payments in words, as a prospectus prints it."""
        structure = self.deal.structure
        found = [(title, waterfall_words(structure, table)) for table, title in PRIORITIES]
        return [(title, lines) for title, lines in found if lines]

    @property
    def hedges(self) -> Words:
        """The issuer's own swaps in words, with what they come to in the base case and at closing under the run's market."""
        swaps = {each["name"]: each for each in (self.run.summary.get("hedges") or {"swaps": []})["swaps"]}
        return [
            (name, f"{words}. {_hedge_figures(swaps[name], self.currency)}" if name in swaps else f"{words}.")
            for name, words in hedge_lines(self.deal.structure)
        ]

    @cached_property
    def projects(self) -> list[ProjectBehind]:
        """What stands behind a pool of financings."""
        return projects_behind(self.run.version.pool)

    @property
    def terms(self) -> Words:
        """Terms and base case."""
        return figure_lines(self.deal)

    @property
    def fees(self) -> Words:
        """Each fee and what it is a year."""
        return fee_lines(self.deal.structure)

    @cached_property
    def triggers(self) -> list[dict[str, Any]]:
        """Each trigger: when it is breached, and how the base case fares."""
        stands = {each["code"]: each for each in self.run.summary["triggers"]}
        return [
            {"code": code, "name": code_words(code), "words": words, "base": _trigger_words(stands[code])}
            for code, words in trigger_lines(self.deal.structure)
        ]

    @cached_property
    def sensitivities(self) -> list[dict[str, Any]]:
        """The base case and changes of it, one at a time: loss and average life by class, what equity takes."""
        cases = list(_cases(self.deal.behaviour))
        found = run_batch(self.deal.structure, self.deal.pool, [behaviour for _, behaviour in cases], self.yields)
        losses, lives = found.of("loss"), found.of("wal_years")
        balances = [each.balance_amount for each in self.deal.structure.classes]
        return [
            {
                "label": label,
                "loss_ratios": [float(loss) / balance for loss, balance in zip(losses[s], balances, strict=True)],
                "wal_years": [float(life) for life in lives[s]],
                "residual": float(found.of("residual")[s]),
                "pool_loss_ratio": float(found.of("pool_loss")[s]) / self.pool_amount,
            }
            for s, (label, _) in enumerate(cases)
        ]

    @property
    def yields(self) -> dict[str, float]:
        """The yield that each class is priced at."""
        structure, terms = self.deal.structure, RunTerms.from_dict(self.run.terms)
        return {each.code: quoted_yield(structure, each, terms) for each in structure.classes}

    @property
    def scenarios(self) -> list[dict[str, Any]]:
        """The run's own scenarios, by name."""
        return list(self.run.summary["scenarios"])

    def payments(self) -> list[Payment]:
        """Every line of the priorities on the investor report's date."""
        return explain(self.result, self.period)

    @property
    def payment_date(self) -> date:
        """The date that the investor report is of."""
        return self.result.periods[self.period - 1]

    # Charts

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """Every chart of the papers by its code."""
        drawn = (self._capital(), *self._by_year(), self._losses())
        return {chart.code: chart for chart in drawn}

    def _capital(self) -> Chart:
        """The stack: what is most junior at the bottom, each with where it attaches and detaches."""
        stack = [
            (f"{each['name']}, {figures.share(each['attachment_ratio'])} to {figures.share(each['detachment_ratio'])}", each["share"])
            for each in reversed(self.classes)
        ]  # fmt: skip
        below = self.equity_amount / self.pool_amount
        if below > LEAST_SHARE:
            stack.insert(0, (f"Equity, 0.0% to {figures.share(below)}", below))
        series = tuple(Series(name, (share,), Mark.STACKED) for name, share in stack)
        return Chart("capital", "Capital structure", "share", "", "Share of the pool", ("At closing",), series)

    def _by_year(self) -> Iterator[Chart]:
        for plain in waterfall_charts(self.run.summary, self.currency).values():
            series = tuple(Series(each["name"], tuple(each["values"]), Mark(each["mark"])) for each in plain["series"])
            yield Chart(**{**plain, "categories": tuple(plain["categories"]), "series": series})

    def _losses(self) -> Chart:
        """Share of each class that is lost, by constant default rate, the rest as in the base case."""
        stands = [each["break_even"]["cdr"] for each in self.classes if each["break_even"]["cdr"]]
        most = min(max([LEAST_CURVE_RATE, *(1.25 * rate for rate in stands)]), MOST_CURVE_RATE)
        rates = np.linspace(0.0, most, CURVE_POINTS)
        cases = [replace(self.deal.behaviour, default_kind=DefaultKind.CDR, default=float(rate)) for rate in rates]
        losses = run_batch(self.deal.structure, self.deal.pool, cases).of("loss")
        series = tuple(
            Series(each.name, tuple((losses[:, k] / each.balance_amount).tolist()), Mark.LINE)
            for k, each in enumerate(self.deal.structure.classes)
        )
        labels = tuple(figures.share(float(rate)) for rate in rates)
        return Chart("losses", "Loss by class", "share", "", "Constant default rate a year (CDR)", labels, series)


def facts_of(run: NotesRun, marks: Marks, period: int = 1) -> NotesFacts:
    """The facts of a run that is done; Invalid where the engine of today comes to other figures than it kept."""
    deal = engine_deal(run.version)
    result = run_of(deal, deal.behaviour)
    if not 1 <= period <= len(result.periods):
        sentence = f"Payment date: expected 1 to {len(result.periods)}, got {period}."
        raise Invalid([Problem("out_of_range", "period", sentence)])
    _require_same(run, class_answers(deal, result, RunTerms.from_dict(run.terms)))
    return NotesFacts(run, deal, result, marks, period)


def _require_same(run: NotesRun, now: list[dict[str, Any]]) -> None:
    for then, found in zip(run.summary["classes"], now, strict=True):
        for name in KEPT:
            before, after = then[name] or 0.0, found[name] or 0.0
            if not isclose(before, after, rel_tol=1e-9, abs_tol=1e-6):
                sentence = (
                    f"The run, by engine {run.engine_version}, found {then['name']} with a {name.replace('_', ' ')} of "
                    f"{before:,.6g}, engine {ENGINE_VERSION} {after:,.6g}: run the version again and make the papers from that."
                )
                raise Invalid([Problem("other_figures", "run", sentence)])


def _hedge_figures(swap: dict[str, Any], currency: str) -> str:
    paid = swap["paid_amount"]
    said = f"In the base case {figures.money(abs(paid), currency)} is {'paid' if paid >= 0.0 else 'received'} net"
    if worth := swap["worth"]:
        said += f"; worth {figures.money(worth['value_amount'], currency)} to the issuer at closing"
    return f"{said}."


def code_words(code: str) -> str:
    """A trigger's code as papers name it.

    >>> code_words("ic"), code_words("class_a_oc")
    ('IC', 'Class A OC')
    """
    parts = code.split("_")
    told = [part.upper() if len(part) <= 2 else part for part in parts]
    return " ".join([told[0][0].upper() + told[0][1:], *told[1:]])


def _trigger_words(found: dict[str, Any]) -> str:
    if not found["dates"]:
        return "Holds throughout"
    dates = figures.count(found["dates"])
    return f"First breached on {day_short(found['breached_on'])}, on {dates} date{'' if found['dates'] == 1 else 's'}"


def _cases(base: Behaviour) -> Iterator[tuple[str, Behaviour]]:
    yield "Base case", base
    for rate in (0.02, 0.05, 0.10):
        yield f"CDR {figures.agreed(rate, 'rate')}", replace(base, default_kind=DefaultKind.CDR, default=rate)
    severity = min(1.0, base.severity_ratio + 0.20)
    yield f"Severity {figures.agreed(severity, 'share')}", replace(base, severity_ratio=severity)
    lag = base.recovery_lag_months + 12
    yield f"Recoveries after {figures.months(lag)}", replace(base, recovery_lag_months=lag)
    yield "CPR 10.00%", replace(base, prepayment_kind=PrepaymentKind.CPR, prepayment=0.10)
    deep = max(0.6, severity)
    hard = replace(base, default_kind=DefaultKind.CDR, default=0.05, severity_ratio=deep)
    yield f"CDR 5.00% and severity {figures.agreed(deep, 'share')}", hard
