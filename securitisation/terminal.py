"""A run of notes on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from lib import figures
from lib.terminal import text_table
from securitisation.comparing import Side, groups_of
from securitisation.models import NotesRun
from securitisation.shown import result_lines

HEADINGS = (
    "Class",
    "Balance",
    "Rating",
    "Enhancement",
    "Average life",
    "Coupon",
    "Yield",
    "Price",
    "Loss",
    "Risk weight",
)


def class_table(run: NotesRun) -> str:
    """The classes of the base case, then each scenario's prices, as lines of text."""
    rows = [
        (
            each["name"],
            figures.amount(each["balance_amount"]),
            each["rating"],
            figures.share(each["enhancement_ratio"]),
            figures.years(each["wal_years"]),
            figures.percent(each["coupon_rate"]),
            figures.percent(each["yield_rate"]),
            figures.percent(each["price_ratio"]),
            figures.percent(each["loss_ratio"]),
            figures.share(each["risk_weight"]),
        )
        for each in result_lines(run.summary)
    ]
    title = f"{run.version}: {run.version.pool}, amounts in {run.version.pool.currency}"
    return "\n".join([title, *text_table([HEADINGS, *rows]), *_scenarios(run)])


def side_table(runs: Sequence[NotesRun]) -> str:
    """Runs beside each other, figure by figure, as lines of text."""
    groups = groups_of([Side(run.version, run, run) for run in runs])
    rows = [(f"{title}: {line.label}", *line.texts) for title, lines in groups for line in lines]
    return "\n".join(text_table([("Figure", *(str(run.version) for run in runs)), *rows]))


def _scenarios(run: NotesRun) -> list[str]:
    found = run.summary["scenarios"]
    if not found:
        return []
    names = [each["name"] for each in run.summary["classes"]]
    rows = [(each["name"], *(figures.percent(one["price_ratio"]) for one in each["classes"])) for each in found]
    return ["", *text_table([("Price in scenario", *names), *rows])]
