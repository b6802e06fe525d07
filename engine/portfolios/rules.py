"""The 54 tests: what each adds up, over what, and in words. Numerators leave defaulted assets out.

Definitions: the deal papers of the source, read off its workbook; 45, 47 and 48 had no working definition there and are
chosen here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.portfolios.assets import Asset
from engine.portfolios.measure import NIL, par_of, spread_of
from engine.portfolios.ratings import SP, UNRATED, is_caa, is_ccc, rating_factor
from engine.portfolios.terms import DealTerms

USA = "USA"
CANADA, BRITAIN = "Canada", "United Kingdom"
Amount = Callable[[Asset, DealTerms], Decimal | None]
Counts = Callable[[Asset, DealTerms], bool | None]
Key = Callable[[Asset], str]
CPA, PERFORMING, FLOATING, PAYING, FIXED = "cpa", "performing", "floating", "paying floating", "fixed"
DENOMINATORS = {
    CPA: "collateral principal amount: par not in default and principal cash",
    PERFORMING: "par not in default",
    FLOATING: "floating par not in default",
    PAYING: "floating par neither in default nor deferring",
    FIXED: "fixed par not in default",
    "junior": "junior overcollateralisation denominator",
    "score": "none: a score",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One test. `amount` is what an asset adds (None: not known); `adds_cash` counts principal cash too.

    With `group` the amounts are added by its key and the `rank`th largest is taken: fewer groups give nought.
    """

    number: int
    name: str
    words: str
    denominator: str = CPA
    amount: Amount | None = None
    adds_cash: bool = False
    group: Key | None = None
    rank: int = 1
    special: str = ""


def where(counts: Counts) -> Amount:
    """Par of the assets that count."""

    def amount(asset: Asset, terms: DealTerms) -> Decimal | None:
        found = counts(asset, terms)
        return None if found is None else par_of(asset, terms) if found else NIL

    return amount


def flagged(name: str) -> Amount:
    """Par of the assets whose flag says Yes."""
    return where(lambda asset, _: getattr(asset, name))


def _country(counts: Callable[[str, DealTerms], bool]) -> Amount:
    return where(lambda asset, terms: counts(asset.country, terms) if asset.country else None)


def _group(name: str) -> Amount:
    return _country(lambda country, terms: country in terms.country_groups.get(name, frozenset()))


def _issuer(asset: Asset) -> str:
    return asset.issuer_id


def _country_of(asset: Asset) -> str:
    return asset.country


def _not_senior(asset: Asset, _: DealTerms) -> bool | None:
    loan, junior = asset.is_senior_secured_loan, asset.is_junior_by_s_p
    if loan is False or junior:
        return True
    return None if loan is None or junior is None else False


def _dip(wanted: bool) -> Amount:
    return where(lambda asset, _: None if asset.dip is None else asset.dip is wanted)


def _all_par(asset: Asset, terms: DealTerms) -> Decimal:
    return par_of(asset, terms)


def _moodys_industry(asset: Asset) -> str:
    return asset.moodys_industry


def _sp_industry(asset: Asset) -> str:
    return asset.s_p_industry


def _named(key: Key) -> Amount:
    return lambda asset, terms: par_of(asset, terms) if key(asset) else None


def _unfunded(asset: Asset, terms: DealTerms) -> Decimal | None:
    return None if asset.unfunded_amount is None else asset.unfunded_amount * terms.fx[asset.currency]


def _small(asset: Asset, terms: DealTerms) -> bool | None:
    if asset.facility_size is None or not asset.country:
        return None
    return asset.facility_size < terms.facility_minimum["USA" if asset.country == USA else "other"]


def _small_anywhere(asset: Asset, terms: DealTerms) -> bool | None:
    return None if asset.facility_size is None else asset.facility_size < terms.facility_minimum["form8_any"]


def _rated(rating: str, low: Callable[[str], bool], scale: tuple[str, ...]) -> bool | None:
    return None if rating == "" or (rating not in scale and rating not in UNRATED and rating != "D") else low(rating)


def _ccc(asset: Asset, _: DealTerms) -> bool | None:
    return _rated(asset.s_p_facility_rating, is_ccc, SP)


def _caa(asset: Asset, _: DealTerms) -> bool | None:
    return None if rating_factor(asset.moodys_rating_21) is None else is_caa(asset.moodys_rating_21)


def _paid(asset: Asset, terms: DealTerms) -> Decimal | None:
    """Spread of the funded part and commitment fee of the rest, of a floating asset that pays; 0 of others."""
    if asset.is_floating is None or asset.piking is None:
        return None
    if not asset.is_floating or asset.piking:
        return NIL
    spread, unfunded = spread_of(asset, terms), asset.unfunded_amount
    if spread is None or unfunded is None or (unfunded and asset.commitment_fee is None):
        return None
    earned = (asset.deal_par_amount - unfunded) * spread + unfunded * (asset.commitment_fee or NIL)
    return earned * terms.fx[asset.currency]


def _earned(asset: Asset, terms: DealTerms) -> Decimal | None:
    if asset.is_floating is None:
        return None
    if not asset.is_floating:
        return NIL
    spread = spread_of(asset, terms)
    return None if spread is None else par_of(asset, terms) * spread


def _coupon(asset: Asset, terms: DealTerms) -> Decimal | None:
    if asset.is_floating is None:
        return None
    if asset.is_floating:
        return NIL
    return None if asset.coupon is None else par_of(asset, terms) * asset.coupon


def _recovered(asset: Asset, terms: DealTerms) -> Decimal | None:
    rate = asset.moodys_recovery_rate_23
    return None if rate is None else par_of(asset, terms) * rate


def _lived(asset: Asset, terms: DealTerms) -> Decimal | None:
    return None if asset.wal is None else par_of(asset, terms) * asset.wal


def _factored(asset: Asset, terms: DealTerms) -> Decimal | None:
    factor = rating_factor(asset.moodys_rating_warf)
    return None if factor is None else par_of(asset, terms) * factor


def _sold(asset: Asset, terms: DealTerms) -> Decimal | None:
    if asset.participation is None or (asset.participation and not asset.participation_seller):
        return None
    return par_of(asset, terms) if asset.participation else NIL


def _seller(asset: Asset) -> str:
    return asset.participation_seller


DIVIDED: Mapping[str, Counts] = {
    PERFORMING: lambda asset, _: True,
    FLOATING: lambda asset, _: asset.is_floating,
    PAYING: lambda asset, _: (
        None if asset.is_floating is None or asset.piking is None else asset.is_floating and not asset.piking
    ),
    FIXED: lambda asset, _: None if asset.is_floating is None else not asset.is_floating,
}
_SPREAD_WORDS = (
    "Spread = coupon spread of a SOFR loan whose floor is not above the benchmark, else coupon less benchmark"
)
_JUNIOR = "S&P's category Senior Unsecured Loan/Second Lien Loan"

_LIST = (
    Rule(1, "Senior secured loans", "Par of loans in Moody's category Senior Secured Loan, and principal cash",
         amount=where(lambda a, _: a.is_senior_secured_loan), adds_cash=True),
    Rule(2, "Assets not senior secured", f"Par of all that is no senior secured loan by Moody's category, or is in {_JUNIOR}",
         amount=where(_not_senior)),
    Rule(3, "6th largest obligor", "Par of the sixth largest issuer, DIP loans left out", amount=_dip(wanted=False), group=_issuer, rank=6),
    Rule(4, "Largest obligor", "Par of the largest issuer, DIP loans left out", amount=_dip(wanted=False), group=_issuer),
    Rule(5, "Largest DIP obligor", "Par of the largest issuer, of DIP loans only", amount=_dip(wanted=True), group=_issuer),
    Rule(6, "Largest obligor not senior secured", f"Par of the largest issuer in {_JUNIOR}",
         amount=where(lambda a, _: a.is_junior_by_s_p), group=_issuer),
    Rule(7, "Caa assets", "Par whose Moody's rating is Caa1 or lower", amount=where(_caa)),
    Rule(8, "Pays less often than quarterly", "Par that pays interest fewer than four times a year",
         amount=where(lambda a, _: None if a.payment_frequency is None else a.payment_frequency < 4)),
    Rule(9, "Fixed rate", "Par of fixed coupons", amount=where(DIVIDED[FIXED])),
    Rule(10, "Current pay", "Par flagged current pay", amount=flagged("current_pay")),
    Rule(11, "DIP", "Par flagged DIP", amount=flagged("dip")),
    Rule(12, "Unfunded commitments", "Unfunded amounts", amount=_unfunded),
    Rule(13, "Participation interest", "Par flagged as participation", amount=flagged("participation")),
    Rule(14, "Countries not US", "Par whose country is not the USA", amount=_country(lambda c, _: c != USA)),
    Rule(15, "Canada and tax jurisdictions", "Par in Canada or a tax jurisdiction",
         amount=_country(lambda c, t: c == CANADA or c in t.tax_jurisdictions)),
    Rule(16, "Not US, Canada or UK", "Par whose country is none of USA, Canada, United Kingdom",
         amount=_country(lambda c, _: c not in {USA, CANADA, BRITAIN})),
    Rule(17, "Group countries", "Par in the country groups I, II and III",
         amount=_country(lambda c, t: any(c in group for group in t.country_groups.values()))),
    *(
        rule
        for first, name in ((18, "I"), (20, "II"), (22, "III"))
        for rule in (
            Rule(first, f"Group {name}", f"Par in country group {name}", amount=_group(name)),
            Rule(first + 1, f"Largest country of group {name}", f"Par of the largest single country of group {name}",
                 amount=_group(name), group=_country_of),
        )
    ),
    Rule(24, "Tax jurisdictions", "Par in tax jurisdictions", amount=_country(lambda c, t: c in t.tax_jurisdictions)),
    *(
        Rule(number, f"{place} S&P industry", f"Par of the {place.lower()} S&P industry", amount=_named(_sp_industry), group=_sp_industry, rank=rank)
        for number, place, rank in ((25, "4th largest", 4), (26, "2nd largest", 2), (27, "Largest", 1))
    ),
    Rule(28, "Bridge loans", "Par flagged as bridge loan", amount=flagged("bridge_loan")),
    Rule(29, "Cov-lite", "Par flagged cov-lite", amount=flagged("cov_lite")),
    Rule(30, "Deferrable securities", "Par that may defer interest, whether or not it does", amount=flagged("deferred_interest_bond")),
    Rule(31, "Facility size", "Par of facilities below the deal's least size for the USA or elsewhere", amount=where(_small)),
    Rule(32, "Weighted average spread",
         f"Funded par x spread and unfunded x commitment fee of floating par that pays. {_SPREAD_WORDS}. "
         "Threshold = base - (WARR% - reference) x slope", PAYING, _paid),
    Rule(33, "Weighted average recovery rate", "Par x Moody's recovery rate; cash left out", PERFORMING, _recovered),
    Rule(34, "Weighted average coupon", "Fixed par x coupon; passed where there is none", FIXED, _coupon),
    Rule(35, "Weighted average life", "Par x weighted average life", PERFORMING, _lived),
    Rule(36, "Weighted average rating factor",
         "Par x rating factor of Moody's rating for WARF; unrated, Ca and C 10,000. Threshold = base + (WARR% - reference) x points",
         PERFORMING, _factored),
    Rule(37, "Diversity score",
         "Units of issuers, min(1, par / average par), by Moody's industry of an issuer's first asset; each looked up; scores added",
         "score", special="diversity"),
    Rule(38, "Junior overcollateralisation", "Adjusted collateral principal amount", "junior", special="junior_oc"),
    Rule(39, "Weighted average spread, form 14", "As 32. Threshold = base - (WARR% - its own reference) x factor", PAYING, _paid),
    Rule(40, "CCC obligations", "Par whose S&P facility rating is CCC+ or lower", amount=where(_ccc)),
    Rule(41, "Canada", "Par whose country is Canada", amount=_country(lambda c, _: c == CANADA)),
    Rule(42, "Letter of credit", "Par flagged as letter of credit", amount=flagged("letter_of_credit")),
    Rule(43, "Long dated", "Par that matures after the deal's stated maturity",
         amount=where(lambda a, t: None if a.maturity is None else a.maturity > t.stated_maturity)),
    Rule(44, "Unsecured loans", "Par whose seniority is not Senior Secured",
         amount=where(lambda a, _: a.seniority.casefold() != "senior secured" if a.seniority else None)),
    Rule(45, "Swapped non-discount", "Par flagged as swapped non-discount in the positions", amount=flagged("swapped_non_discount")),
    Rule(46, "Weighted average spread, form 6",
         f"Floating par x spread, unfunded and deferring not treated apart. {_SPREAD_WORDS}", FLOATING, _earned),
    Rule(47, "Obligors not of emerging markets", "Par in countries whose sovereign is at AA- or better, and principal cash",
         amount=_country(lambda c, t: c in t.strong_sovereigns), adds_cash=True),
    Rule(48, "S&P criteria", "Par of participations bought from the largest single seller", amount=_sold, group=_seller),
    *(
        Rule(number, f"{place} Moody's industry", f"Par of the {place.lower()} Moody's industry", amount=_named(_moodys_industry),
             group=_moodys_industry, rank=rank)
        for number, place, rank in ((49, "Largest", 1), (50, "2nd largest", 2), (51, "3rd largest", 3), (52, "4th largest", 4))
    ),
    Rule(53, "Facility size, form 8", "Par of facilities below the least size anywhere", amount=where(_small_anywhere)),
    Rule(54, "Rating factor, form 14", "As 36. Threshold = base + (WARR% - its own reference) x points", PERFORMING, _factored),
)  # fmt: skip
RULES: Mapping[int, Rule] = {rule.number: rule for rule in _LIST}
GROUPS = {
    "quality": (32, 33, 34, 35, 36, 37, 39, 46, 54),
    "coverage": (38,),
}


def group_of(number: int) -> str:
    """Which group of tests: quality, coverage or concentration."""
    return next((name for name, numbers in GROUPS.items() if number in numbers), "concentration")
