"""Candidate trades by the hundred: each test's sums are kept, and a trade moves only what it touches.

The verdicts are those of `trades.try_trades`; a test tries both on random trades.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.errors import InputProblems
from engine.portfolios.assets import Asset, Pool
from engine.portfolios.compliance import Compliance, Status, check, threshold_of, verdict, with_previous
from engine.portfolios.coverage import Carried, carried, carry_lines
from engine.portfolios.diversity import diversity
from engine.portfolios.measure import NIL, Base, par_of
from engine.portfolios.rules import CPA, DIVIDED, PERFORMING, RULES, Rule
from engine.portfolios.terms import DealTerms
from engine.portfolios.trades import Trade, traded

WARR = 33


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with what it does for the objective; `worse` are the tests that it breaks."""

    trade: Trade
    score: Decimal
    holds: bool
    worse: tuple[int, ...]
    values: Mapping[int, Decimal | None]


@dataclass(slots=True)
class _Sums:
    """What one test adds up: all of it, by group where it is ranked, and the par whose inputs lack."""

    total: Decimal
    groups: dict[str, Decimal]
    lacking: Decimal


class Ledger:
    """The sums of a pool, from which those of a pool with a few assets changed follow."""

    def __init__(self, pool: Pool, terms: DealTerms) -> None:
        self.pool, self.before = pool, check(pool, terms)
        self.terms = with_previous(terms, self.before)
        self.rules = [RULES[number] for number in sorted({*terms.limits, WARR}) if RULES[number].amount]
        self.held = {asset.blkrockid: asset for asset in pool.assets}
        self.lines = {asset.blkrockid: carried(asset, terms) for asset in pool.assets}
        self.sums = {rule.number: _Sums(NIL, {}, NIL) for rule in self.rules}
        self.divided = dict.fromkeys(DIVIDED, NIL)
        for asset in pool.performing:
            self._add(asset, 1, self.sums, self.divided)

    def _add(self, asset: Asset, sign: int, sums: dict[int, _Sums], divided: dict[str, Decimal]) -> None:
        par = sign * par_of(asset, self.terms)
        for name, counts in DIVIDED.items():
            if counts(asset, self.terms):
                divided[name] += par
        for rule in self.rules:
            assert rule.amount is not None
            amount, found = rule.amount(asset, self.terms), sums[rule.number]
            if amount is None:
                found.lacking += par
                continue
            found.total += sign * amount
            if rule.group and amount:
                found.groups[rule.group(asset)] = found.groups.get(rule.group(asset), NIL) + sign * amount

    def values_after(self, pool: Pool) -> dict[int, tuple[Decimal | None, Status]]:
        """Value and verdict of each test of a pool that shares most of its assets with this one."""
        after = {asset.blkrockid: asset for asset in pool.assets}
        gone = [asset for name, asset in self.held.items() if after.get(name) is not asset]
        come = [asset for name, asset in after.items() if self.held.get(name) is not asset]
        sums = {number: _Sums(each.total, dict(each.groups), each.lacking) for number, each in self.sums.items()}
        divided = dict(self.divided)
        for assets, sign in ((gone, -1), (come, 1)):
            for asset in assets:
                if not asset.default_obligation:
                    self._add(asset, sign, sums, divided)
        return self._verdicts(pool, sums, divided)

    def _verdicts(
        self, pool: Pool, sums: dict[int, _Sums], divided: dict[str, Decimal]
    ) -> dict[int, tuple[Decimal | None, Status]]:
        par, cash = divided[PERFORMING], pool.principal_cash
        values: dict[int, Decimal | None] = {}
        for rule in self.rules:
            below = par + cash if rule.denominator == CPA else divided[rule.denominator]
            above = _above(rule, sums[rule.number]) + (cash if rule.adds_cash else NIL)
            values[rule.number] = above / below if below else None
        found: dict[int, tuple[Decimal | None, Status]] = {}
        for number, limit in self.terms.limits.items():
            value = values[number] if number in values else self._special(number, pool, Base(par, cash))
            threshold = threshold_of(number, limit, values[WARR], self.terms)
            lacking = sums[number].lacking if number in sums else NIL
            covered = (par - lacking) / par if par else Decimal(1)
            if number == 34 and value is None and not lacking:
                found[number] = (NIL, Status.PASS)
            elif value is None or threshold is None or covered < self.terms.least_coverage:
                found[number] = (value, Status.NOT_ASSESSED)
            else:
                found[number] = (value, verdict(value, threshold, limit))
        return found

    def _special(self, number: int, pool: Pool, base: Base) -> Decimal | None:
        """Diversity and junior overcollateralisation, which no sum gives."""
        if RULES[number].special == "diversity":
            return diversity((a.issuer_id, a.moodys_industry, par_of(a, self.terms)) for a in pool.performing).score
        if not self.terms.junior_oc_denominator:
            return None
        lines = [self._line(asset) for asset in pool.assets]
        return carry_lines(lines, base, self.terms).adjusted_amount / self.terms.junior_oc_denominator

    def _line(self, asset: Asset) -> Carried:
        known = self.lines.get(asset.blkrockid)
        return known if known and known.asset is asset else carried(asset, self.terms)


def _above(rule: Rule, found: _Sums) -> Decimal:
    if not rule.group:
        return found.total
    order = sorted((amount for amount in found.groups.values() if amount), reverse=True)
    return order[rule.rank - 1] if len(order) >= rule.rank else NIL


def search(
    pool: Pool,
    terms: DealTerms,
    candidates: Iterable[Trade],
    weights: Mapping[int, Decimal],
    fixed: Sequence[Trade] = (),
) -> list[Ranked]:
    """Each candidate tried after the fixed trades, best first: those that hold, then by the objective.

    The objective adds, for each test, weight x the move of its value towards its limit's good side, in shares of the
    threshold. What cannot be traded is left out.
    """
    ledger = Ledger(pool, terms)
    found = []
    for candidate in candidates:
        try:
            after = traded(pool, [*fixed, candidate], terms)
        except InputProblems:
            continue
        found.append(_ranked(ledger, candidate, after, weights))
    return sorted(found, key=lambda each: (not each.holds, -each.score, each.trade.asset.blkrockid))


def _ranked(ledger: Ledger, candidate: Trade, after: Pool, weights: Mapping[int, Decimal]) -> Ranked:
    values = ledger.values_after(after)
    before = {result.rule.number: result.status for result in ledger.before.results}
    worse = tuple(
        number
        for number, (_, status) in values.items()
        if status is Status.FAIL or (status is Status.NOT_ASSESSED and before[number] is not Status.NOT_ASSESSED)
    )
    holds = not worse and after.principal_cash >= NIL
    plain = {number: value for number, (value, _) in values.items()}
    return Ranked(candidate, _score(ledger.before, plain, weights), holds, worse, plain)


def _score(before: Compliance, values: Mapping[int, Decimal | None], weights: Mapping[int, Decimal]) -> Decimal:
    score = NIL
    for result in before.results:
        weight, value = weights.get(result.rule.number), values[result.rule.number]
        if weight and value is not None and result.value is not None and result.threshold:
            towards = 1 if result.limit.sense == "min" else -1
            score += weight * towards * (value - result.value) / abs(result.threshold)
    return score
