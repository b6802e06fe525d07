"""Overcollateralisation and interest coverage: what assets are carried at, the ratios, and the smallest cures.

Cures restore the ratio exactly. The source's cure of an interest test, (1 - ratio / trigger) x balance, does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.portfolios.assets import Asset, Pool
from engine.portfolios.measure import NIL, Base, base_of, cents, cents_up, interest_of, par_of, total
from engine.portfolios.ratings import UNRATED, is_caa, is_ccc
from engine.portfolios.terms import CoverageClass, DealTerms

ONE, HUNDRED = Decimal(1), Decimal(100)
PAR = "par"


@dataclass(frozen=True, slots=True)
class Carried:
    """One asset in the numerator: the share of par and the rule that decided, then what the CCC excess takes."""

    asset: Asset
    par: Decimal
    share: Decimal
    rule: str
    excess_par: Decimal = NIL
    excess_haircut: Decimal = NIL

    @property
    def amount(self) -> Decimal:
        """What it counts for."""
        return self.par * self.share - self.excess_haircut


@dataclass(frozen=True, slots=True)
class Excess:
    """The larger bucket of low ratings, and what lies above the limit."""

    sp_bucket: Decimal
    moodys_bucket: Decimal
    limit_amount: Decimal

    @property
    def bucket_used(self) -> str:
        """Whose bucket counts."""
        return "S&P" if self.sp_bucket >= self.moodys_bucket else "Moody's"

    @property
    def amount(self) -> Decimal:
        """Par above the limit."""
        return max(NIL, max(self.sp_bucket, self.moodys_bucket) - self.limit_amount)


@dataclass(frozen=True, slots=True)
class Carrying:
    """The whole pool as the coverage tests carry it; `unknown` are the assets whose value is missing."""

    base: Base
    lines: tuple[Carried, ...]
    excess: Excess
    unknown: tuple[str, ...]

    @property
    def adjusted_amount(self) -> Decimal:
        """The numerator of overcollateralisation: carried values and principal cash."""
        return total(line.amount for line in self.lines) + self.base.principal_cash

    @property
    def haircuts(self) -> Mapping[str, Decimal]:
        """What each rule takes off."""
        found: dict[str, Decimal] = {}
        for line in self.lines:
            if line.rule != PAR:
                found[line.rule] = found.get(line.rule, NIL) + line.par * (ONE - line.share)
        return found


def carry(pool: Pool, terms: DealTerms) -> Carrying:
    """Every asset at the lowest value its rules allow, then the CCC excess at market, lowest market value first."""
    return carry_lines([carried(asset, terms) for asset in pool.assets], base_of(pool, terms), terms)


def carry_lines(plain: Sequence[Carried], base: Base, terms: DealTerms) -> Carrying:
    """The same of assets that are carried one by one already."""
    limit = terms.haircuts.ccc_limit * base.collateral_principal_amount
    counted = [line for line in plain if not line.asset.default_obligation and not line.asset.piking]
    sp, moodys = ([line for line in counted if low(line.asset)] for low in (_is_sp_low, _is_moodys_low))
    excess = Excess(total(line.par for line in sp), total(line.par for line in moodys), limit)
    taken = _taken(sp if excess.bucket_used == "S&P" else moodys, excess.amount)
    lines = tuple(taken.get(line.asset.blkrockid, line) for line in plain)
    unknown = tuple(line.asset.blkrockid for line in lines if _lacks(line, terms))
    return Carrying(base, lines, excess, unknown)


def _is_sp_low(asset: Asset) -> bool:
    return is_ccc(asset.s_p_facility_rating)


def _is_moodys_low(asset: Asset) -> bool:
    return is_caa(asset.moodys_rating_21)


def carried(asset: Asset, terms: DealTerms) -> Carried:
    """The asset at the lowest share of par that a rule gives it, before any CCC excess."""
    shares = {PAR: ONE, **_shares(asset, terms)}
    rule = min(shares, key=lambda each: (shares[each], each == PAR))
    return Carried(asset, par_of(asset, terms), shares[rule], rule)


def _shares(asset: Asset, terms: DealTerms) -> Mapping[str, Decimal]:
    """Share of par under each rule that catches the asset; an unknown value is carried at nothing."""
    rules, found = terms.haircuts, {}
    market = (asset.market_value if asset.market_value is not None else NIL) / HUNDRED
    recovered = min(market, asset.moodys_recovery_rate_23 if asset.moodys_recovery_rate_23 is not None else NIL)
    if asset.default_obligation:
        days = (terms.determination_date - asset.date_of_defaulted).days if asset.date_of_defaulted else 0
        found["defaulted"] = NIL if days > rules.default_nil_after_days else recovered
    if asset.piking:
        found["deferring"] = recovered
    if is_discount(asset, terms):
        assert asset.purchase_price_pct is not None
        found["discount"] = asset.purchase_price_pct / HUNDRED
    if asset.maturity and (late := (asset.maturity - terms.stated_maturity).days) > 0:
        is_later = late > rules.long_dated_nil_after_days
        rule = "long-dated, more than two years" if is_later else "long-dated"
        found[rule] = NIL if is_later else min(market, rules.long_dated_cap)
    return found


def is_discount(asset: Asset, terms: DealTerms) -> bool:
    """Bought below the deal's price, unless it is a swapped non-discount obligation."""
    if asset.purchase_price_pct is None or asset.swapped_non_discount:
        return False
    is_senior = asset.seniority.casefold() == "senior secured"
    below = terms.haircuts.discount_below_senior if is_senior else terms.haircuts.discount_below_other
    return asset.purchase_price_pct / HUNDRED < below


def _taken(bucket: Sequence[Carried], excess: Decimal) -> dict[str, Carried]:
    """The lines that the excess is taken from; each loses what its market value lacks beyond a haircut it has."""
    left, found = excess, {}
    for line in sorted(bucket, key=lambda each: (each.asset.market_value or NIL, each.asset.blkrockid)):
        if not left:
            break
        part = min(line.par, left)
        left -= part
        lost = part * (ONE - (line.asset.market_value or NIL) / HUNDRED) - line.par * (ONE - line.share)
        found[line.asset.blkrockid] = Carried(line.asset, line.par, line.share, line.rule, part, max(NIL, lost))
    return found


def _lacks(line: Carried, terms: DealTerms) -> bool:
    """True where the tape lacks what the rules read of this asset."""
    asset = line.asset
    needs_market = line.rule not in {PAR, "discount"} or line.excess_par > NIL
    needs_recovery = asset.default_obligation or bool(asset.piking)
    return (
        (needs_market and asset.market_value is None)
        or (needs_recovery and asset.moodys_recovery_rate_23 is None)
        or asset.purchase_price_pct is None
        or asset.maturity is None
        or asset.piking is None
        or (asset.s_p_facility_rating == "" and asset.moodys_rating_21 in UNRATED)
    )


# Ratios and cures


@dataclass(frozen=True, slots=True)
class Ratio:
    """One coverage test; `value` is None over an empty denominator, `passed` where it is not assessed."""

    numerator: Decimal
    denominator: Decimal
    trigger: Decimal
    is_assessed: bool = True

    @property
    def value(self) -> Decimal | None:
        """Numerator over denominator."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def passed(self) -> bool | None:
        """At or above the trigger; a test over nothing owed has ended."""
        if not self.is_assessed or self.value is None:
            return None
        return self.value >= self.trigger


@dataclass(frozen=True, slots=True)
class Cures:
    """The smallest amounts that restore an overcollateralisation ratio; None where no amount can."""

    from_interest: Decimal
    from_principal: Decimal | None
    into_collateral: Decimal


def oc_cures(numerator: Decimal, denominator: Decimal, trigger: Decimal) -> Cures:
    """Notes repaid from interest, from principal cash, or collateral bought at par with interest.

    >>> oc_cures(Decimal("362500000.00"), Decimal("296000000.00"), Decimal("1.25")).from_principal
    Decimal('30000000.00')
    """
    short = trigger * denominator - numerator
    if short <= 0:
        return Cures(NIL, NIL, NIL)
    from_principal = cents_up(short / (trigger - 1)) if trigger > 1 else None
    return Cures(cents_up(short / trigger), from_principal, cents_up(short))


def ic_cure(
    income: Decimal, due: Decimal, trigger: Decimal, payable: Sequence[tuple[Decimal, Decimal]]
) -> Decimal | None:
    """Principal to repay, class by class, until the interest that comes off restores the ratio.

    `payable`: balance and interest of one unit of it (rate x day fraction), in the order of payment. None where repaying
    them all does not suffice.
    """
    excess = due - income / trigger
    repaid = NIL
    for balance, unit_interest in payable:
        if excess <= 0:
            break
        if unit_interest <= 0:
            repaid += balance
        elif balance * unit_interest >= excess:
            return cents_up(repaid + excess / unit_interest)
        else:
            repaid, excess = repaid + balance, excess - balance * unit_interest
    return cents_up(repaid) if excess <= 0 else None


@dataclass(frozen=True, slots=True)
class ClassCoverage:
    """One class and all senior to it."""

    terms: CoverageClass
    interest_due: Decimal
    cumulative_balance: Decimal
    cumulative_interest: Decimal
    oc: Ratio | None
    ic: Ratio | None

    @property
    def oc_cures(self) -> Cures | None:
        """What would restore the overcollateralisation, where it fails."""
        if self.oc is None or self.oc.passed is not False:
            return None
        return oc_cures(self.oc.numerator, self.oc.denominator, self.oc.trigger)


@dataclass(frozen=True, slots=True)
class Coverage:
    """All coverage tests of a determination date."""

    carrying: Carrying
    interest_collections: Decimal
    senior_fees: Decimal
    classes: tuple[ClassCoverage, ...]
    diversion: Ratio | None
    interest_unknown: tuple[str, ...]


def cover(pool: Pool, terms: DealTerms) -> Coverage:
    """Ratios of every class, in the order of the classes: the first is paid first."""
    carrying = carry(pool, terms)
    interest = {asset.blkrockid: interest_of(asset, terms) for asset in pool.assets}
    unknown = tuple(name for name, amount in interest.items() if amount is None)
    collections = total(amount for amount in interest.values() if amount is not None)
    fees = senior_fees(carrying.base.collateral_principal_amount, terms)
    lines = _classes(carrying, collections - fees, terms, not unknown)
    last = lines[-1].cumulative_balance if lines else NIL
    diversion = None
    if terms.diversion_trigger is not None:
        diversion = Ratio(carrying.adjusted_amount, last, terms.diversion_trigger, not carrying.unknown)
    return Coverage(carrying, collections, fees, lines, diversion, unknown)


def _classes(carrying: Carrying, income: Decimal, terms: DealTerms, is_known: bool) -> tuple[ClassCoverage, ...]:
    balance = interest = NIL
    found = []
    for each in terms.classes:
        due = class_interest(each, terms)
        balance, interest = balance + each.balance + each.deferred, interest + due
        oc = (
            Ratio(carrying.adjusted_amount, balance, each.oc_trigger, not carrying.unknown) if each.oc_trigger else None
        )
        ic = Ratio(income, interest, each.ic_trigger, is_known) if each.ic_trigger else None
        found.append(ClassCoverage(each, due, balance, interest, oc, ic))
    return tuple(found)


def class_interest(each: CoverageClass, terms: DealTerms) -> Decimal:
    """Interest of the period on the class, its deferred interest included."""
    rate = each.fixed_rate if each.fixed_rate is not None else terms.benchmark_rate + each.spread
    return cents((each.balance + each.deferred) * rate * terms.days / 360)


def senior_fees(collateral_principal_amount: Decimal, terms: DealTerms) -> Decimal:
    """Fees of the period ahead of the notes."""
    rates = (terms.fees.trustee_rate, terms.fees.base_management_rate)
    by_rate = total(cents(collateral_principal_amount * rate * terms.days / 360) for rate in rates)
    return by_rate + cents(terms.fees.administrative_amount)
