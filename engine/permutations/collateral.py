"""One permutation's senior notes as a central bank would look at them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.debt.kinds import INTEREST_ONLY
from engine.measures.cover import DSCR_MINIMUM
from engine.permutations.layers import A_DSRA, value_at
from engine.permutations.resolve import Case
from engine.permutations.structure import Structure, build_structure, modified_duration_years
from engine.ratings.checks import RATING
from engine.ratings.repo import RepoAssessment, RepoAsset, RepoRules, assess
from engine.ratings.scale import notch_of


def assess_collateral(
    rules: RepoRules,
    case: Case,
    index: int,
    agency_ratings: Mapping[str, str] | None = None,
    evidence: Mapping[str, bool] | None = None,
) -> tuple[RepoAssessment, ...]:
    """Every facility's verdict on the permutation's senior notes; empty where there are none."""
    asset = collateral(build_structure(case, index), agency_ratings or {}, evidence or {})
    return () if asset is None else assess(rules, asset)


def collateral(
    structure: Structure, agency_ratings: Mapping[str, str], evidence: Mapping[str, bool]
) -> RepoAsset | None:
    """The senior notes, their average life and duration counted from the start of operations; None without any."""
    case, senior, flow = structure.case, structure.senior, structure.flow
    if flow is None:
        return None
    construction_years = case.resolved.project.construction_months / 12.0
    return RepoAsset(
        asset_class=case.rules.notes_class,
        structure_type="bullet" if senior.kind == INTEREST_ONLY else "fully_amortising",
        seniority="senior",
        currency=case.inputs.currency.value,
        region=case.inputs.country.value,
        amount=senior.amount,
        indicative_notch=int(structure.verdict[RATING]),
        wal_years=flow.senior_wal_years - construction_years,
        maturity_years=senior.maturity / 12.0,
        duration_years=modified_duration_years(structure),
        ltv_ratio=senior.amount / structure.cash.value_amount,
        dscr_minimum=float(structure.cover[DSCR_MINIMUM]),
        reserve_months=float(value_at(case.resolved.axes, A_DSRA, structure.index)),
        traps_cash=any(share > 0.0 for _, share in case.terms.lock_up_steps),
        agency_notches={agency: notch_of(rating) for agency, rating in agency_ratings.items()},
        evidence=dict(evidence),
    )


def lendable_amount(structure: Structure, notch: int) -> float | None:
    """What the rule set's central bank lends on the senior notes at a rating; None where its terms are not met."""
    rules, case, senior = structure.case.rules, structure.case, structure.senior
    bank, tenor_years = rules.bank_for(case.inputs.country), senior.maturity / 12.0
    if bank is None or notch > notch_of(bank.minimum_rating) or bank.currency != case.inputs.currency:
        return None
    if tenor_years > bank.max_tenor_years or senior.amount > bank.max_advance_ratio * structure.cash.value_amount:
        return None
    haircut = rules.repo_haircut(notch, tenor_years)
    return None if haircut is None else senior.amount * (1.0 - haircut)
