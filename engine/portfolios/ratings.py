"""Ratings of an asset as the papers read them: ladder to a default probability rating, outlooks, recovery by notching.

Rating factors: origin of the ladder's source. Cells of `RECOVERY` are marked in `NOT_CONFIRMED` where they were recalled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.portfolios.assets import Asset

MOODYS = ("Aaa", "Aa1", "Aa2", "Aa3", "A1", "A2", "A3", "Baa1", "Baa2", "Baa3", "Ba1", "Ba2", "Ba3", "B1", "B2", "B3",
          "Caa1", "Caa2", "Caa3", "Ca", "C")  # fmt: skip
SP = ("AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-", "B+", "B", "B-", "CCC+",
      "CCC", "CCC-", "CC", "C")  # fmt: skip
UNRATED, DEFAULTED = frozenset({"", "NR", "WR", "0", "None"}), "D"
FACTORS = dict(zip(MOODYS, (1, 10, 20, 40, 70, 120, 180, 260, 360, 610, 940, 1350, 1766, 2220, 2720, 3490, 4770, 6500,
                            8070, 10000, 10000), strict=True))  # fmt: skip
UNRATED_FACTOR = 10000
ESTIMATE_LASTS_DAYS = 456
RECOVERY = {
    "senior secured": ("0.60", "0.50", "0.45", "0.40", "0.30", "0.20"),
    "second lien": ("0.55", "0.45", "0.35", "0.25", "0.15", "0.05"),
    "unsecured": ("0.45", "0.35", "0.30", "0.25", "0.15", "0.05"),
}
CONFIRMED = {"senior secured": (2, 1, 0, -1), "second lien": (-1, -2), "unsecured": ()}
DIP_RECOVERY = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Notches for outlooks and reviews: a parameter of the deal, for agencies changed it over time."""

    outlook_negative: int = -1
    review_downgrade: int = -2
    review_upgrade: int = 1


@dataclass(frozen=True, slots=True)
class Derived:
    """A rating and the steps that led to it, in words."""

    rating: str
    reason: str


def notched(rating: str, notches: int) -> str:
    """The Moody's rating so many notches higher (negative: lower), within the scale.

    >>> notched("B2", -1)
    'B3'
    """
    return MOODYS[min(max(MOODYS.index(rating) - notches, 0), len(MOODYS) - 1)]


def default_probability_rating(asset: Asset, on: date) -> Derived:
    """Moody's default probability rating by the ladder: the first rung that holds."""
    if asset.dip and asset.moody_facility_rating in FACTORS:
        return Derived(notched(asset.moody_facility_rating, -1), "DIP: facility rating, one notch down")
    rungs = (
        (asset.moody_issuer_rating, 0, "issuer rating"),
        (asset.moody_senior_unsecured_rating, 0, "senior unsecured rating"),
        (asset.moodys_senior_secured_rating, -1, "senior secured rating, one notch down"),
    )
    for rating, notches, reason in rungs:
        if rating in FACTORS:
            return Derived(notched(rating, notches), reason)
    if asset.moodys_credit_estimate in FACTORS and _is_fresh(asset.moodys_credit_estimate_date, on):
        return Derived(asset.moodys_credit_estimate, "credit estimate of the last 15 months")
    if asset.s_p_issuer_rating in SP:
        notches = -1 if SP.index(asset.s_p_issuer_rating) <= SP.index("BBB-") else -2
        rating = notched(MOODYS[SP.index(asset.s_p_issuer_rating)], notches)
        return Derived(
            rating,
            f"S&P issuer rating {asset.s_p_issuer_rating}, {'one notch' if notches == -1 else 'two notches'} down",
        )
    return Derived("Caa3", "no rating")


def _is_fresh(dated: date | None, on: date) -> bool:
    return dated is not None and 0 <= (on - dated).days <= ESTIMATE_LASTS_DAYS


def rating_for_warf(asset: Asset, on: date, adjustments: Adjustments | None = None) -> Derived:
    """The default probability rating after outlook and review; a review of the facility outranks the outlook."""
    by = adjustments or Adjustments()
    base = default_probability_rating(asset, on)
    review = {"downgrade": by.review_downgrade, "upgrade": by.review_upgrade}.get(
        asset.moody_facility_outlook.casefold()
    )
    if review is not None:
        return Derived(
            notched(base.rating, review), f"{base.reason}; review for {asset.moody_facility_outlook.casefold()}"
        )
    if asset.moody_issuer_outlook.casefold() == "negative":
        return Derived(notched(base.rating, by.outlook_negative), f"{base.reason}; negative outlook")
    return base


def recovery_rate(asset: Asset, on: date) -> tuple[Decimal, bool] | None:
    """Moody's recovery rate by notching, and whether its cell is confirmed; None where the obligation has no rating."""
    if asset.dip:
        return DIP_RECOVERY, True
    if asset.moodys_rating_21 not in FACTORS:
        return None
    base = asset.moodys_default_probability_rating_18
    base = base if base in FACTORS else default_probability_rating(asset, on).rating
    above = MOODYS.index(base) - MOODYS.index(asset.moodys_rating_21)
    place, kind = min(max(above, -3), 2), lien_of(asset)
    return Decimal(RECOVERY[kind][2 - place]), place in CONFIRMED[kind]


def lien_of(asset: Asset) -> str:
    """Which row of the recovery table the asset is in."""
    if asset.seniority.casefold() == "senior unsecured":
        return "unsecured"
    return "senior secured" if asset.is_senior_secured and not asset.first_lien_last_out_loan else "second lien"


def rating_factor(rating: str) -> int | None:
    """Moody's rating factor; 10,000 for what is unrated, None for a text that is no rating."""
    return FACTORS.get(rating, UNRATED_FACTOR if rating in UNRATED and rating != "" else None)


def is_ccc(rating: str) -> bool:
    """S&P CCC+ or lower, not defaulted."""
    return rating in SP and SP.index(rating) >= SP.index("CCC+")


def is_caa(rating: str) -> bool:
    """Moody's Caa1 or lower."""
    return rating in FACTORS and MOODYS.index(rating) >= MOODYS.index("Caa1")
