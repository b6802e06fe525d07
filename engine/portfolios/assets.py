"""One facility of a pool in the 71 columns of the source layout, and how it is held in the deal.

Amounts are in the asset's currency, rates fractions a year, `market_value` and `purchase_price_pct` percent of par.
None stands for what the tape does not say: it is never read as nought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_type_hints


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    AMOUNT = "amount"
    RATE = "rate"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One row of the tape; the last four fields come from the positions file."""

    blkrockid: str
    issue_name: str = ""
    issuer_name: str = ""
    issuer_id: str
    tranche: str = ""
    bond_loan: str = ""
    par_amount: Decimal | None = None
    maturity: date | None = None
    coupon_type: str = ""
    payment_frequency: Decimal | None = None
    coupon_spread: Decimal | None = None
    libor_floor: Decimal | None = None
    index: str = ""
    coupon: Decimal | None = None
    commitment_fee: Decimal | None = None
    unfunded_amount: Decimal | None = None
    facility_size: Decimal | None = None
    moodys_industry: str = ""
    s_p_industry: str = ""
    moody_asset_category: str = ""
    s_p_priority_category: str = ""
    country: str = ""
    seniority: str = ""
    deferred_interest_bond: bool | None = None
    piking: bool | None = None
    pik_amount: Decimal | None = None
    default_obligation: bool = False
    date_of_defaulted: date | None = None
    delayed_drawdown: bool | None = None
    revolver: bool | None = None
    letter_of_credit: bool | None = None
    participation: bool | None = None
    dip: bool | None = None
    convertible: bool | None = None
    structured_finance: bool | None = None
    bridge_loan: bool | None = None
    current_pay: bool | None = None
    cov_lite: bool | None = None
    currency: str
    wal: Decimal | None = None
    market_value: Decimal | None = None
    first_lien_last_out_loan: bool | None = None
    moodys_rating_21: str = ""
    moodys_recovery_rate_23: Decimal | None = None
    moodys_default_probability_rating_18: str = ""
    moodys_rating_warf: str = ""
    moody_facility_rating: str = ""
    moody_facility_outlook: str = ""
    moody_issuer_rating: str = ""
    moody_issuer_outlook: str = ""
    moodys_senior_secured_rating: str = ""
    moody_senior_unsecured_rating: str = ""
    moody_subordinate_rating: str = ""
    moodys_credit_estimate: str = ""
    moodys_credit_estimate_date: date | None = None
    s_p_facility_rating: str = ""
    s_p_issuer_rating: str = ""
    s_p_senior_secured_rating: str = ""
    s_p_subordinated_rating: str = ""
    s_p_recovery_rating: str = ""
    dated_date: date | None = None
    issue_date: date | None = None
    first_payment_date: date | None = None
    amortization_type: str = ""
    day_count: str = ""
    index_cap: Decimal | None = None
    business_day_convention: str = ""
    pmt_eom: bool | None = None
    amount_issued: Decimal | None = None
    credit_opinion: str = ""
    deal_par_amount: Decimal
    purchase_date: date | None = None
    purchase_price_pct: Decimal | None = None
    swapped_non_discount: bool | None = None
    participation_seller: str = ""

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Asset:
        """The asset of `to_dict`: decimals and dates as text, what is not known left out."""
        return cls(**{name: _READ[KINDS[name]](value) for name, value in row.items()})

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able mapping of what is known."""
        found = ((each, getattr(self, each)) for each in FIELDS)
        return {
            name: value if isinstance(value, bool | str) else str(value)
            for name, value in found
            if value is not None and value != ""
        }

    @property
    def is_senior_secured(self) -> bool | None:
        """By Moody's category; None where there is none."""
        return (
            self.moody_asset_category.casefold() == "moody's senior secured loan" if self.moody_asset_category else None
        )

    @property
    def is_senior_secured_loan(self) -> bool | None:
        """In that category and a loan: bonds are none."""
        if self.is_senior_secured and not self.bond_loan:
            return None
        return self.is_senior_secured and self.bond_loan.casefold() == "loan"

    @property
    def is_junior_by_s_p(self) -> bool | None:
        """In S&P's category of unsecured and second lien loans; None where there is none."""
        category = self.s_p_priority_category.casefold()
        return category == "senior unsecured loan/second lien loan" if category else None

    @property
    def is_floating(self) -> bool | None:
        """None where the coupon type is not known."""
        return {"float": True, "fixed": False}.get(self.coupon_type.casefold())


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {value!r}")
    return value


FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Asset))
POSITION_FIELDS = FIELDS[71:]
_RATES = frozenset(("coupon_spread", "libor_floor", "coupon", "commitment_fee", "moodys_recovery_rate_23", "index_cap"))
_NUMBERS = frozenset(("payment_frequency", "wal", "market_value", "purchase_price_pct"))
_READ: Mapping[Kind, Any] = {
    Kind.TEXT: str, Kind.AMOUNT: Decimal, Kind.RATE: Decimal, Kind.NUMBER: Decimal, Kind.DATE: date.fromisoformat,
    Kind.FLAG: _flag,
}  # fmt: skip


def _kind(name: str, hint: Any) -> Kind:
    if name in _RATES:
        return Kind.RATE
    if name in _NUMBERS:
        return Kind.NUMBER
    if hint is str:
        return Kind.TEXT
    return {Decimal: Kind.AMOUNT, date: Kind.DATE, bool: Kind.FLAG}[getattr(hint, "__args__", (hint,))[0]]


KINDS: Mapping[str, Kind] = {name: _kind(name, hint) for name, hint in get_type_hints(Asset).items() if name in FIELDS}


@dataclass(frozen=True, slots=True)
class Pool:
    """The assets on one day, and the principal cash beside them in the deal's currency."""

    assets: tuple[Asset, ...]
    principal_cash: Decimal = Decimal(0)

    @property
    def performing(self) -> tuple[Asset, ...]:
        """Those not in default."""
        return tuple(asset for asset in self.assets if not asset.default_obligation)
