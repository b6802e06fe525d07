"""Whether a financing may be signed today: it passes both gates, under the rules and the market set in force."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from engine.deal.detail import Check, gate_a_checks, rating_checks
from engine.deal.reasons import CATALOGUE, PASSED_BOTH, STOPPED_AT_A, Reason
from engine.errors import Problem
from engine.ratings.checks import JUDGED_ROW
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.words import agreed_text, unit_text
from ratings.models import MarketSet, RuleSet
from ratings.queries import market_in_force, rule_set_choices

SUPERSEDED = ("rules_superseded", "market_superseded")
OPEN_AGAIN = "Open the financing again under what is in force, and make the pack of that."


def standing_problems(evaluation: Evaluation) -> tuple[Problem, ...]:
    """What keeps the financing from being signed today, each in a sentence that says what to do; empty where nothing does."""
    return (*_gate_problems(evaluation), *_version_problems(evaluation.financing))


def _gate_problems(evaluation: Evaluation) -> Iterator[Problem]:
    row = evaluation.row
    if row["gate"] == PASSED_BOTH:
        return
    gate = "A" if row["gate"] == STOPPED_AT_A else "B"
    advice = "choose one that passes both gates; its page says what would cure this one."
    sentence = f"{evaluation.financing} does not pass Gate {gate}{_failed_words(evaluation)}: {advice}"
    yield Problem(f"gate_{gate.lower()}_failed", "financing", sentence)


def _failed_words(evaluation: Evaluation) -> str:
    """` at BBB (LLCR: 1.08x, limit 1.15x)`: what stops it, with its figures where it has any."""
    reason = CATALOGUE[int(evaluation.row["reason"] or 0)]
    rating, check = _failed_check(evaluation, reason)
    at = f" at {rating}" if rating else ""
    if check is None:
        return f"{at} ({reason.label})"
    value, limit = (unit_text(each, check.unit) for each in (check.value, check.limit))
    if value == limit:
        value, limit = (agreed_text(each, check.unit) for each in (check.value, check.limit))
    return f"{at} ({check.label}: {value}, limit {limit})"


def _failed_check(evaluation: Evaluation, reason: Reason) -> tuple[str, Check | None]:
    """The rating judged, where one was, and the check behind a reason; None where it shows no figure."""
    structure = evaluation.structure
    if evaluation.row["gate"] == STOPPED_AT_A:
        rating, checks = "", gate_a_checks(structure)
    else:
        judged = rating_checks(structure)[int(structure.verdict[JUDGED_ROW])]
        rating, checks = judged.rating, judged.checks
    return rating, next((check for check in checks if check.code == reason.check and not check.passed), None)


def _version_problems(financing: Financing) -> Iterator[Problem]:
    rules, in_force = financing.rule_set, rule_set_choices(financing.rule_set.asset_class)
    if rules.pk not in {each.pk for each in in_force}:
        yield Problem("rules_superseded", "rule_set", f"{_rules_words(rules, in_force)} {OPEN_AGAIN}")
    held, (market, _) = financing.market_set, market_in_force(financing.currency)
    if (held.pk if held else None) != (market.pk if market else None):
        words = _market_words(held, market, financing.currency)
        yield Problem("market_superseded", "market_set", f"{words} {OPEN_AGAIN}")


def _rules_words(rules: RuleSet, in_force: list[RuleSet]) -> str:
    if rules.effective_from > timezone.localdate():
        return f"{rules} is in force from {rules.effective_from.isoformat()} only."
    later = next((each for each in in_force if each.family == rules.family), None)
    return f"{rules} is not in force any more{f', {later} is' if later else ''}."


def _market_words(held: MarketSet | None, market: MarketSet | None, currency: str) -> str:
    if held is None:
        return f"It was opened without a market set, and {market} is in force."
    return f"{held} is not in force any more{f', {market} is' if market else f', and no set with {currency} is'}."
