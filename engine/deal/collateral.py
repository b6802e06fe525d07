"""One financing's senior notes as a central bank would look at them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.deal.structure import Structure, modified_duration_years, price
from engine.deal.terms import Deal
from engine.measures.cover import DSCR_MINIMUM
from engine.ratings.checks import RATING
from engine.ratings.repo import RepoAssessment, RepoAsset, RepoRules, assess
from engine.ratings.scale import notch_of


def assess_collateral(
    rules: RepoRules,
    deal: Deal,
    agency_ratings: Mapping[str, str] | None = None,
    evidence: Mapping[str, bool] | None = None,
) -> tuple[RepoAssessment, ...]:
    """Every facility's verdict on the financing's senior notes; empty where there are none."""
    asset = collateral(price(deal), agency_ratings or {}, evidence or {})
    return () if asset is None else assess(rules, asset)


def collateral(
    structure: Structure, agency_ratings: Mapping[str, str], evidence: Mapping[str, bool]
) -> RepoAsset | None:
    """The senior notes, their average life and duration counted from the start of operations; None without any."""
    deal, senior, flow = structure.deal, structure.senior, structure.flow
    if flow is None:
        return None
    construction_years = deal.resolved.project.construction_months / 12.0
    return RepoAsset(
        asset_class=deal.rules.notes_class,
        structure_type=_structure_type(senior.balloon_ratio),
        seniority="senior",
        currency=deal.inputs.currency.value,
        region=deal.inputs.country.value,
        amount=senior.amount,
        indicative_notch=int(structure.verdict[RATING]),
        wal_years=flow.senior_wal_years - construction_years,
        maturity_years=senior.maturity / 12.0,
        duration_years=modified_duration_years(structure),
        ltv_ratio=senior.amount / structure.cash.value_amount,
        dscr_minimum=float(structure.cover[DSCR_MINIMUM]),
        reserve_months=float(deal.choice.dsra_months),
        traps_cash=any(share > 0.0 for _, share in deal.terms.cash_trap(ard=senior.ard_trap).steps),
        agency_notches={agency: notch_of(rating) for agency, rating in agency_ratings.items()},
        evidence=dict(evidence),
        amortised_ratio=1.0 - senior.balloon_ratio,
    )


def _structure_type(balloon_ratio: float) -> str:
    if balloon_ratio >= 1.0:
        return "bullet"
    return "partially_amortising" if balloon_ratio > 0.0 else "fully_amortising"


def lendable_amount(structure: Structure, notch: int) -> float | None:
    """What the rule set's central bank lends on the senior notes at a rating; None where its terms are not met."""
    deal, senior = structure.deal, structure.senior
    rules = deal.rules
    bank, tenor_years = rules.bank_for(deal.inputs.country), senior.maturity / 12.0
    if bank is None or notch > notch_of(bank.minimum_rating) or bank.currency != deal.inputs.currency:
        return None
    if tenor_years > bank.max_tenor_years or senior.amount > bank.max_advance_ratio * structure.cash.value_amount:
        return None
    haircut = rules.repo_haircut(notch, tenor_years)
    return None if haircut is None else senior.amount * (1.0 - haircut)
