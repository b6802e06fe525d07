"""A desk's limits as data: for each rule the value beyond which a person looks, and the one beyond which nothing passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_UP, Decimal, InvalidOperation
from typing import Any

from engine.errors import InputProblems, Problem

SHARE, PLAIN = "share", "plain"
SHORT_ALLOWED = "short_allowed"
SHORT_NOT_ALLOWED, RESTRICTED, WATCHED = "short_not_allowed", "restricted_list", "watch_list"
_PLACES = {SHARE: 3, PLAIN: 4}  # that people read


@dataclass(frozen=True, slots=True)
class Rule:
    """What is limited. `says` begins a sentence about an offender; `fact` is what each held name must bring."""

    code: str
    label: str
    says: str
    unit: str = SHARE
    fact: str = ""
    is_minimum: bool = False

    @property
    def subject(self) -> str:
        """The label inside a sentence, without what follows its comma."""
        head = self.label.split(",")[0]
        return head if head[:2].isupper() else head[0].lower() + head[1:]

    def is_beyond(self, value: Decimal, limit: Decimal) -> bool:
        """Whether a limit, itself allowed, is passed; of both signs alike where it is a most."""
        return value < limit if self.is_minimum else abs(value) > limit

    def is_closer(self, value: Decimal, before: Decimal) -> bool:
        """Whether the value lies nearer to what is allowed than before, on the same side."""
        if self.is_minimum:
            return value > before
        return abs(value) < abs(before) and (value < 0) == (before < 0)

    def shown(self, value: Decimal) -> str:
        """The value for people; what is cut off never hides that it lies beyond."""
        scaled = value * 100 if self.unit == SHARE else value
        away = ROUND_FLOOR if self.is_minimum else ROUND_UP
        places = min(_PLACES[self.unit], max(0, -int(scaled.as_tuple().exponent)))
        text = f"{scaled.quantize(Decimal(1).scaleb(-places), away):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text + ("%" if self.unit == SHARE else "")


RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("single_name", "Weight of one name, long", "{offender} would weigh {value}"),
        Rule("single_short", "Weight of one name, short", "{offender} would weigh {value}"),
        Rule("sector_net", "Net weight of a sector, long", "Sector {offender} would weigh {value} net", fact="sector"),
        Rule(
            "sector_net_short",
            "Net weight of a sector, short",
            "Sector {offender} would weigh {value} net",
            fact="sector",
        ),
        Rule("gross", "Gross exposure", "Gross exposure would be {value}"),
        Rule("net", "Net exposure", "Net exposure would be {value}"),
        Rule("beta", "Beta", "Beta would be {value}", PLAIN, "beta"),
        Rule("tracking_error", "Tracking error", "Tracking error would be {value} a year"),
        Rule("var95_one_day", "Value at risk, one day at 95%", "Value at risk of one day at 95% would be {value}"),
        Rule(
            "order_share_of_adv",
            "Order as a share of average daily volume",
            "The order in {offender} is {value} of its average daily volume",
        ),
        Rule(
            "illiquid_share",
            "Share that takes more than five days to sell",
            "Names that take more than five days to sell would make {value} of gross exposure",
            fact="days",
        ),
        Rule("hhi", "Concentration (sum of squared weights)", "Concentration would be {value}", PLAIN),
        Rule("esg_score_min", "ESG score, at least", "The ESG score would be {value}", PLAIN, "esg", is_minimum=True),
    )
}


@dataclass(frozen=True, slots=True)
class Limit:
    """Beyond `review` a person looks; beyond `block` nothing passes. At least one of them is there."""

    review: Decimal | None = None
    block: Decimal | None = None

    def in_words(self, rule: Rule) -> str:
        """What happens where."""
        side = "below" if rule.is_minimum else "beyond"
        parts = [("review", self.review), ("blocked", self.block)]
        return ", ".join(f"{word} {side} {rule.shown(value)}" for word, value in parts if value is not None)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one fund, by rule; whether it may hold less than nothing of a name."""

    by_rule: Mapping[str, Limit]
    short_allowed: bool = False

    def in_words(self) -> list[tuple[str, str]]:
        """Each rule with its limits, for people."""
        shorts = ("Short positions", "allowed" if self.short_allowed else "blocked")
        return [shorts, *((RULES[code].label, limit.in_words(RULES[code])) for code, limit in self.by_rule.items())]


def decimal_of(value: Any) -> Decimal | None:
    """The finite number in a value from outside, exactly as it is written; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = value.strip() if isinstance(value, str) else str(value)
    if "_" in text or not text.isascii():
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def read_limits(content: Mapping[str, Any]) -> Limits:
    """The limits in plain content; raises InputProblems with every fault."""
    problems: list[Problem] = []
    if not isinstance(content.get(SHORT_ALLOWED), bool):
        problems.append(Problem("not_a_flag", SHORT_ALLOWED, "Say whether short positions are allowed: true or false."))
    by_rule = {code: _limit(code, found, problems) for code, found in sorted(content.items()) if code != SHORT_ALLOWED}
    if problems:
        raise InputProblems(problems)
    return Limits(by_rule, content[SHORT_ALLOWED])


def _limit(code: str, found: Any, problems: list[Problem]) -> Limit:
    if code not in RULES:
        problems.append(Problem("unknown", code, f"{code} is not a rule that this desk can check."))
        return Limit()
    if not isinstance(found, Mapping) or not found or not set(found) <= {"review", "block"}:
        problems.append(
            Problem("missing", code, f"{RULES[code].label}: give a limit for review, for blocking, or both.")
        )
        return Limit()
    levels = {level: decimal_of(value) for level, value in found.items() if value is not None}
    limit = Limit(levels.get("review"), levels.get("block"))
    problems += limit_problems(RULES[code], limit, [level for level, value in levels.items() if value is None])
    return limit


def limit_problems(rule: Rule, limit: Limit, unread: list[str]) -> list[Problem]:
    """What keeps one rule's limits from being used."""
    problems = [
        Problem("not_a_number", f"{rule.code}.{level}", f"{rule.label}: {level} is not a number.") for level in unread
    ]
    known = [value for value in (limit.review, limit.block) if value is not None]
    if not problems and not known:
        problems.append(Problem("missing", rule.code, f"{rule.label}: give a limit for review, for blocking, or both."))
    if any(value < 0 for value in known):
        problems.append(Problem("out_of_range", rule.code, f"{rule.label}: a limit is not negative."))
    if limit.review is not None and limit.block is not None and rule.is_beyond(limit.review, limit.block):
        problems.append(
            Problem("out_of_order", rule.code, f"{rule.label}: the limit for review lies beyond the one for blocking.")
        )
    return problems
