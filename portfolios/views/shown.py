"""What several pages show alike: a test as a line with its bar, a figure in the unit of its test."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.portfolios.compliance import Result, Status
from engine.portfolios.rules import group_of
from engine.portfolios.trades import Change
from lib.figures import amount, percent

BADGES = {
    Status.PASS.value: ("pass", "Pass"),
    Status.FAIL.value: ("fail", "Fail"),
    Status.KEPT.value: ("warn", "Maintained or improved"),
    Status.NOT_ASSESSED.value: ("info", "Not assessed"),
}
PLAIN = {35: 2, 36: 1, 37: 2, 54: 1}
GROUP_TITLES = {"concentration": "Concentration", "quality": "Quality", "coverage": "Coverage"}


def figure(number: int, value: Any) -> str:
    """A test's value or threshold in its unit: years, factors and scores plain, all else in percent."""
    if number in PLAIN:
        return amount(value, PLAIN[number])
    return percent(value)


@dataclass(frozen=True, slots=True)
class ShownTest:
    """One test as a line."""

    result: Result
    badge: str
    verdict: str
    value: str
    threshold: str
    margin: str
    fill: int

    @property
    def number(self) -> int:
        """Of the test."""
        return self.result.rule.number


def shown_test(result: Result) -> ShownTest:
    """The line of a result; the bar is the value in shares of its threshold, full at 100 for a limit just used."""
    number = result.rule.number
    badge, verdict = BADGES[result.status.value]
    fill = 0
    if result.value is not None and result.threshold:
        fill = int(min(Decimal(100), max(Decimal(0), 100 * result.value / result.threshold)))
    return ShownTest(
        result,
        badge,
        verdict,
        figure(number, result.value),
        figure(number, result.threshold),
        figure(number, result.margin),
        fill,
    )


def grouped(results: tuple[Result, ...]) -> list[tuple[str, list[ShownTest]]]:
    """The lines by group of tests."""
    found: dict[str, list[ShownTest]] = {name: [] for name in GROUP_TITLES}
    for result in results:
        found[group_of(result.rule.number)].append(shown_test(result))
    return [(GROUP_TITLES[name], lines) for name, lines in found.items() if lines]


def shown_change(change: Change) -> dict[str, Any]:
    """One test before and after as a line."""
    number = change.after.rule.number
    return {
        "number": number,
        "name": change.after.rule.name,
        "before": figure(number, change.before.value),
        "after": figure(number, change.after.value),
        "change": figure(number, change.change),
        "is_negative": change.change is not None and change.change < 0,
        "moved": bool(change.change),
        "threshold": figure(number, change.after.threshold),
        "sense": change.after.limit.sense,
        "was": BADGES[change.before.status.value],
        "is": BADGES[change.after.status.value],
        "is_worse": change.is_worse,
    }
