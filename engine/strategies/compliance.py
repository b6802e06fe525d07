"""Pre-trade compliance: orders against a desk's limits and lists, every reason with its offender, value and limit.

Weights and limits are Decimals and compared as they are. A limit itself is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from engine.strategies.limits import RESTRICTED, RULES, SHORT_NOT_ALLOWED, WATCHED, Limit, Limits, Rule

PORTFOLIO = "portfolio"
DAYS_LIQUID = Decimal(5)
PASSIVE = "passive breach, improving"
NIL = Decimal(0)
_EXACT = Context(prec=60)
_SHORT = Rule(SHORT_NOT_ALLOWED, "Short positions", "{offender} would weigh {value}")
_NO_SHORT = Limit(block=NIL)
_RISK = ("tracking_error", "var95_one_day")

Weights = Mapping[str, Decimal]
Figures = dict[tuple[str, str], Decimal]


class Status(StrEnum):
    """What a check says; the worst of its reasons."""

    OK = "OK"
    REVIEW = "REVIEW"
    BLOCK = "BLOCK"


_SEVERITY = (Status.BLOCK, Status.REVIEW, Status.OK)


@dataclass(frozen=True, slots=True)
class Order:
    """A change of one name's weight, and how much of a day's average volume it is."""

    ident: str
    weight_change: Decimal
    share_of_adv: Decimal | None


@dataclass(frozen=True, slots=True)
class Instrument:
    """What the rules need to know of a name; None is not known. `days` sell it at a fifth of its daily volume."""

    sector: str | None = None
    beta: Decimal | None = None
    esg: Decimal | None = None
    days: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Lists:
    """Names that may not be bought or sold short, and names that a person looks at first."""

    restricted: frozenset[str] = frozenset()
    watch: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a check does not say OK."""

    status: Status
    rule: str
    offender: str
    value: Decimal | None
    limit: Decimal | None
    why: str = ""

    @property
    def sentence(self) -> str:
        """The reason for people."""
        return _sentence(self)

    def as_row(self) -> dict[str, str | None]:
        """The reason as plain text, numbers as they were compared."""
        value = None if self.value is None else plain(self.value)
        limit = None if self.limit is None else f"{self.limit:f}"
        return {
            "status": str(self.status), "rule": self.rule, "offender": self.offender, "value": value, "limit": limit,
            "why": self.why,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """The worst status and every reason: BLOCK first, then by rule, then by offender."""

    status: Status
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class _Measured:
    """The figures of a portfolio by rule and offender; which facts of which names are missing for which rule."""

    values: Figures = field(default_factory=dict)
    lacking: list[tuple[str, str]] = field(default_factory=list)


def check_orders(
    limits: Limits,
    before: Weights,
    orders: Sequence[Order],
    instruments: Mapping[str, Instrument],
    risk: Mapping[str, Decimal | None],
    lists: Lists,
    risk_before: Mapping[str, Decimal | None] | None = None,
) -> Check:
    """What the rules say of the orders, all carried out. Orders of one name are taken together."""
    with localcontext(_EXACT):
        after = weights_after(before, orders)
        now = _measure(limits, after, instruments, risk)
        then = _measure(limits, before, instruments, risk_before or {})
        reasons = [*_of_figures(limits, now, then), *_of_orders(limits, orders), *_of_lists(before, after, lists)]
    ordered = sorted(reasons, key=lambda r: (_SEVERITY.index(r.status), r.rule, r.offender))
    return Check(ordered[0].status if ordered else Status.OK, tuple(ordered))


def weights_after(before: Weights, orders: Sequence[Order]) -> dict[str, Decimal]:
    """The weights once every order is carried out, by name."""
    after = dict(before)
    for order in orders:
        after[order.ident] = after.get(order.ident, NIL) + order.weight_change
    return {ident: after[ident] for ident in sorted(after)}


def orders_to(before: Weights, after: Weights, shares_of_adv: Mapping[str, Decimal | None]) -> list[Order]:
    """The orders that lead from one portfolio to another, a name each."""
    changes = {ident: after.get(ident, NIL) - before.get(ident, NIL) for ident in sorted({*before, *after})}
    return [Order(ident, change, shares_of_adv.get(ident)) for ident, change in changes.items() if change]


# Figures


def _measure(
    limits: Limits, weights: Weights, instruments: Mapping[str, Instrument], risk: Mapping[str, Decimal | None]
) -> _Measured:
    held = {ident: weight for ident, weight in weights.items() if weight}
    measured = _Measured()
    for code in limits.by_rule:
        fact = RULES[code].fact
        missing = [ident for ident in held if fact and getattr(_of(instruments, ident), fact) is None]
        measured.lacking += [(code, ident) for ident in missing]
        if code in _FIGURES and (not missing or fact == "sector"):
            known = {ident: weight for ident, weight in held.items() if ident not in missing}
            measured.values |= {(code, who): value for who, value in _FIGURES[code](known, instruments)}
        if code in _RISK:
            _take_risk(measured, code, risk.get(code))
    if not limits.short_allowed:
        measured.values |= {(SHORT_NOT_ALLOWED, ident): weight for ident, weight in held.items() if weight < 0}
    return measured


def _take_risk(measured: _Measured, code: str, value: Decimal | None) -> None:
    if value is None:
        measured.lacking.append((code, PORTFOLIO))
    else:
        measured.values[code, PORTFOLIO] = value


def _of(instruments: Mapping[str, Instrument], ident: str) -> Instrument:
    return instruments.get(ident, Instrument())


Found = Iterator[tuple[str, Decimal]]
Facts = Mapping[str, Instrument]


def _longs(held: Weights, _: Facts) -> Found:
    yield from ((ident, weight) for ident, weight in held.items() if weight > 0)


def _shorts(held: Weights, _: Facts) -> Found:
    yield from ((ident, weight) for ident, weight in held.items() if weight < 0)


def _sectors(held: Weights, facts: Facts) -> dict[str, Decimal]:
    nets: dict[str, Decimal] = {}
    for ident, weight in held.items():
        sector = str(facts[ident].sector)
        nets[sector] = nets.get(sector, NIL) + weight
    return nets


def _long_sectors(held: Weights, facts: Facts) -> Found:
    yield from ((sector, net) for sector, net in _sectors(held, facts).items() if net > 0)


def _short_sectors(held: Weights, facts: Facts) -> Found:
    yield from ((sector, net) for sector, net in _sectors(held, facts).items() if net < 0)


def _gross_of(held: Weights) -> Decimal:
    return sum((abs(weight) for weight in held.values()), NIL)


def _gross(held: Weights, _: Facts) -> Found:
    yield PORTFOLIO, _gross_of(held)


def _net(held: Weights, _: Facts) -> Found:
    yield PORTFOLIO, sum(held.values(), NIL)


def _beta(held: Weights, facts: Facts) -> Found:
    yield PORTFOLIO, sum((weight * (facts[ident].beta or NIL) for ident, weight in held.items()), NIL)


def _esg(held: Weights, facts: Facts) -> Found:
    if held:
        weighed = sum((weight * (facts[ident].esg or NIL) for ident, weight in held.items()), NIL)
        yield PORTFOLIO, weighed / _gross_of(held)


def _illiquid(held: Weights, facts: Facts) -> Found:
    if held:
        slow = {ident: weight for ident, weight in held.items() if (facts[ident].days or NIL) > DAYS_LIQUID}
        yield PORTFOLIO, _gross_of(slow) / _gross_of(held)


def _hhi(held: Weights, _: Facts) -> Found:
    yield PORTFOLIO, sum((weight * weight for weight in held.values()), NIL)


_FIGURES: dict[str, Callable[[Weights, Facts], Found]] = {
    "single_name": _longs, "single_short": _shorts, "sector_net": _long_sectors, "sector_net_short": _short_sectors,
    "gross": _gross, "net": _net, "beta": _beta, "illiquid_share": _illiquid, "hhi": _hhi, "esg_score_min": _esg,
}  # fmt: skip


# Reasons


def _of_figures(limits: Limits, now: _Measured, then: _Measured) -> Iterator[Reason]:
    for (code, offender), value in now.values.items():
        limit = limits.by_rule.get(code, _NO_SHORT)
        yield from _judged(_rule(code), limit, offender, value, then.values.get((code, offender)))
    for code, offender in now.lacking:
        yield _unknown(code, offender, RULES[code].fact or code)


def _rule(code: str) -> Rule:
    return _SHORT if code == SHORT_NOT_ALLOWED else RULES[code]


def _judged(rule: Rule, limit: Limit, offender: str, value: Decimal, before: Decimal | None) -> Iterator[Reason]:
    if limit.block is not None and rule.is_beyond(value, limit.block):
        was_beyond = before is not None and rule.is_beyond(before, limit.block)
        if before is not None and was_beyond and rule.is_closer(value, before):
            yield Reason(Status.REVIEW, rule.code, offender, value, limit.block, PASSIVE)
        else:
            yield Reason(Status.BLOCK, rule.code, offender, value, limit.block)
    elif limit.review is not None and rule.is_beyond(value, limit.review):
        yield Reason(Status.REVIEW, rule.code, offender, value, limit.review)


def _unknown(code: str, offender: str, what: str) -> Reason:
    return Reason(Status.REVIEW, code, offender, None, None, f"not assessable: {what} missing")


def _of_orders(limits: Limits, orders: Sequence[Order]) -> Iterator[Reason]:
    """Of each name's orders together: cut into pieces, an order is as large."""
    code = "order_share_of_adv"
    if code not in limits.by_rule:
        return
    for ident in sorted({order.ident for order in orders}):
        shares = [order.share_of_adv for order in orders if order.ident == ident]
        known = [abs(share) for share in shares if share is not None]
        if len(known) < len(shares):
            yield _unknown(code, ident, "share_of_adv")
        else:
            yield from _judged(RULES[code], limits.by_rule[code], ident, sum(known, NIL), None)


def _of_lists(before: Weights, after: Weights, lists: Lists) -> Iterator[Reason]:
    grown = {ident: weight for ident, weight in after.items() if _has_grown(before.get(ident, NIL), weight)}
    for ident, weight in grown.items():
        if ident in lists.restricted:
            why = "order increases or reverses a restricted name"
            yield Reason(Status.BLOCK, RESTRICTED, ident, weight, None, why)
        if ident in lists.watch:
            why = "order increases or reverses a watched name"
            yield Reason(Status.REVIEW, WATCHED, ident, weight, None, why)


def _has_grown(before: Decimal, after: Decimal) -> bool:
    """Larger on its side, or come through zero to the other."""
    return abs(after) > abs(before) or before * after < 0


# Words


def plain(value: Decimal) -> str:
    """`0.05` of 0.050: the number without exponent and closing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sentence(reason: Reason) -> str:
    if reason.rule in {RESTRICTED, WATCHED}:
        return _list_sentence(reason)
    rule = _rule(reason.rule)
    if reason.value is None:
        return _gap_sentence(rule, reason)
    said = rule.says.format(offender=reason.offender, value=rule.shown(reason.value))
    if reason.rule == SHORT_NOT_ALLOWED:
        kept = "; the order brings it closer to zero" if reason.why == PASSIVE else ""
        return f"{said}, and this fund may not sell short{kept}."
    limit = rule.shown(reason.limit or NIL)
    side = "below" if rule.is_minimum else "beyond"
    if reason.why == PASSIVE:
        return f"{said}: still {side} {limit}, as it was before, but the orders bring it closer."
    return f"{said}, {side} {limit}, where {_DONE[reason.status]}."


_DONE = {Status.BLOCK: "orders are blocked", Status.REVIEW: "a person has to look"}


def _list_sentence(reason: Reason) -> str:
    listed, weight = reason.rule.replace("_", " "), RULES["single_name"].shown(reason.value or NIL)
    return f"{reason.offender} is on the {listed}, and the order would take it to {weight}."


_FACTS = {
    "sector": "sector", "beta": "beta", "esg": "ESG score", "days": "daily volume",
    "tracking_error": "tracking error", "var95_one_day": "value at risk", "share_of_adv": "daily volume",
}  # fmt: skip


def _gap_sentence(rule: Rule, reason: Reason) -> str:
    fact = _FACTS[reason.why.removeprefix("not assessable: ").removesuffix(" missing")]
    whose = f"the {PORTFOLIO}" if reason.offender == PORTFOLIO else reason.offender
    return f"The {fact} of {whose} is not known, so the rule on {rule.subject} cannot be judged."
