"""Every test of a deal on one day: numerator, denominator, threshold, verdict, the rows behind it, what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from engine.portfolios.assets import Asset, Pool
from engine.portfolios.coverage import Coverage, cover
from engine.portfolios.diversity import Diversity, diversity
from engine.portfolios.measure import NIL, Base, par_of, total
from engine.portfolios.rules import CPA, DIVIDED, PERFORMING, RULES, Rule
from engine.portfolios.terms import DealTerms, Limit

MAX, MIN = "max", "min"
WARR = 33
_PLACES = Decimal("0.0001")
_PERCENT = Decimal(100)


class Status(StrEnum):
    """What a test says; one that lacks an input says nothing."""

    PASS = "pass"  # noqa: S105  a verdict
    FAIL = "fail"
    KEPT = "maintained or improved"
    NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, slots=True)
class Result:
    """One test. `rows` are the assets of the numerator with what each adds; `lacking` those whose input is missing.

    `coverage_ratio` is the share of par not in default whose inputs are known. `winner` is the issuer, country or
    industry that a test of the largest found.
    """

    rule: Rule
    limit: Limit
    threshold: Decimal | None
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None
    status: Status
    coverage_ratio: Decimal
    rows: tuple[tuple[str, Decimal], ...] = ()
    lacking: tuple[str, ...] = ()
    winner: str = ""

    @property
    def margin(self) -> Decimal | None:
        """How far the value is on the right side of its threshold; negative beyond it."""
        if self.value is None or self.threshold is None:
            return None
        return self.threshold - self.value if self.limit.sense == MAX else self.value - self.threshold

    @property
    def room_amount(self) -> Decimal | None:
        """What the numerator may still move by before the verdict turns, all else as it is."""
        if self.threshold is None or self.value is None:
            return None
        least = self.threshold * self.denominator
        return least - self.numerator if self.limit.sense == MAX else self.numerator - least


@dataclass(frozen=True, slots=True)
class Compliance:
    """All of a day's tests, in the order of their numbers, with the coverage tests."""

    base: Base
    results: tuple[Result, ...]
    coverage: Coverage
    diversity: Diversity

    def of(self, number: int) -> Result:
        """The result of one test."""
        return next(result for result in self.results if result.rule.number == number)


@dataclass(frozen=True, slots=True)
class _Sum:
    numerator: Decimal
    denominator: Decimal
    rows: tuple[tuple[str, Decimal], ...] = ()
    lacking: tuple[str, ...] = ()
    winner: str = ""
    scale: Decimal = Decimal(1)


def check(pool: Pool, terms: DealTerms) -> Compliance:
    """Every test that the deal has a limit for."""
    coverage = cover(pool, terms)
    base, performing = coverage.carrying.base, pool.performing
    scored = diversity((a.issuer_id, a.moodys_industry, par_of(a, terms)) for a in performing)
    pars = {asset.blkrockid: par_of(asset, terms) for asset in performing}
    sums: dict[int, _Sum] = {}
    for number in {*terms.limits, WARR}:
        sums[number] = _sum(RULES[number], performing, terms, base, coverage, scored)
    warr = _value(sums[WARR])
    results = tuple(
        _result(RULES[number], terms.limits[number], sums[number], warr, terms, pars) for number in sorted(terms.limits)
    )
    return Compliance(base, results, coverage, scored)


def _sum(
    rule: Rule, performing: Sequence[Asset], terms: DealTerms, base: Base, coverage: Coverage, scored: Diversity
) -> _Sum:
    if rule.special == "diversity":
        nameless = tuple(a.blkrockid for a in performing if not a.moodys_industry)
        return _Sum(scored.score, Decimal(1) if performing else NIL, lacking=nameless)
    if rule.special == "junior_oc":
        carrying = coverage.carrying
        rows = tuple((line.asset.blkrockid, line.amount) for line in carrying.lines)
        return _Sum(carrying.adjusted_amount, terms.junior_oc_denominator or NIL, rows, carrying.unknown)
    assert rule.amount is not None
    found = [(asset, rule.amount(asset, terms)) for asset in performing]
    lacking = tuple(asset.blkrockid for asset, amount in found if amount is None)
    counted = [(asset, amount) for asset, amount in found if amount]
    winner = ""
    if rule.group:
        winner, counted = _ranked(rule, counted)
    rows = tuple((asset.blkrockid, amount) for asset, amount in counted)
    numerator = total(amount for _, amount in rows) + (base.principal_cash if rule.adds_cash else NIL)
    return _Sum(numerator, _denominator(rule, performing, terms, base), rows, lacking, winner)


def _ranked(rule: Rule, counted: Sequence[tuple[Asset, Decimal]]) -> tuple[str, list[tuple[Asset, Decimal]]]:
    """The group at the rule's place and its assets; nobody where there are fewer."""
    assert rule.group is not None
    sums: dict[str, Decimal] = {}
    for asset, amount in counted:
        sums[rule.group(asset)] = sums.get(rule.group(asset), NIL) + amount
    order = sorted(sums, key=lambda key: (-sums[key], key))
    if len(order) < rule.rank:
        return "", []
    winner = order[rule.rank - 1]
    return winner, [(asset, amount) for asset, amount in counted if rule.group(asset) == winner]


def _denominator(rule: Rule, performing: Sequence[Asset], terms: DealTerms, base: Base) -> Decimal:
    if rule.denominator == CPA:
        return base.collateral_principal_amount
    if rule.denominator == PERFORMING:
        return base.performing_par
    counts = DIVIDED[rule.denominator]
    return total(par_of(asset, terms) for asset in performing if counts(asset, terms))


def _value(found: _Sum) -> Decimal | None:
    return found.numerator / found.denominator if found.denominator else None


def _result(
    rule: Rule, limit: Limit, found: _Sum, warr: Decimal | None, terms: DealTerms, pars: dict[str, Decimal]
) -> Result:
    value, threshold = _value(found), threshold_of(rule.number, limit, warr, terms)
    every = total(pars.values())
    unknown = total(pars.get(name, NIL) for name in found.lacking)
    covered = (every - unknown) / every if every else Decimal(1)
    if rule.number == 34 and not found.denominator and not found.lacking:
        value, status = NIL, Status.PASS  # by rule: no fixed assets
    elif value is None or threshold is None or covered < terms.least_coverage or (found.lacking and covered == 1):
        status = Status.NOT_ASSESSED
    else:
        status = verdict(value, threshold, limit)
    return Result(
        rule, limit, threshold, found.numerator, found.denominator, value, status, covered, found.rows, found.lacking, found.winner
    )  # fmt: skip


def threshold_of(number: int, limit: Limit, warr: Decimal | None, terms: DealTerms) -> Decimal | None:
    """The number of the papers, or what moves with the recovery rate; None where that is not known."""
    if limit.threshold is not None or warr is None:
        return limit.threshold
    moving = terms.moving
    above = (warr - moving.warr_reference) * _PERCENT
    above_14 = (warr - moving.form_14_warr) * _PERCENT
    slope = moving.was_slope if moving.was_base >= moving.was_slope_break else moving.was_slope_below
    return {
        32: moving.was_base - above * slope,
        36: moving.warf_base + above * moving.warf_per_point,
        39: moving.was_base - above_14 * moving.was_factor,
        54: moving.warf_base + above_14 * moving.form_14_per_point,
    }.get(number)


def verdict(value: Decimal, threshold: Decimal, limit: Limit) -> Status:
    """Pass at the threshold; a failed test that is no worse than before, at four decimals, is shown as kept."""
    is_max = limit.sense == MAX
    if value <= threshold if is_max else value >= threshold:
        return Status.PASS
    if limit.previous is None:
        return Status.FAIL
    now, before = (each.quantize(_PLACES, ROUND_HALF_UP) for each in (value, limit.previous))
    return Status.KEPT if (now <= before if is_max else now >= before) else Status.FAIL


def with_previous(terms: DealTerms, before: Compliance) -> DealTerms:
    """The terms with each test's value of before: what a trade must maintain or improve."""
    values = {result.rule.number: result.value for result in before.results}
    limits = {number: replace(limit, previous=values.get(number)) for number, limit in terms.limits.items()}
    return replace(terms, limits=limits)
