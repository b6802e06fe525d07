"""A run of notes on a terminal."""

from __future__ import annotations

from lib import figures
from lib.terminal import text_table
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


def _scenarios(run: NotesRun) -> list[str]:
    found = run.summary["scenarios"]
    if not found:
        return []
    names = [each["name"] for each in run.summary["classes"]]
    rows = [(each["name"], *(figures.percent(one["price_ratio"]) for one in each["classes"])) for each in found]
    return ["", *text_table([("Price in scenario", *names), *rows])]
