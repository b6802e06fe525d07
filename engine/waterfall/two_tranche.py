"""The senior and mezzanine deal of `engine.waterfall.kernel` as a deal of classes."""

from __future__ import annotations

import numpy as np

from engine.waterfall.classes import (
    Account,
    Cash,
    Cost,
    DealTerms,
    Floats,
    Kind,
    LockUp,
    Measure,
    NoteClass,
    Reserve,
    Step,
    Trigger,
    Unpaid,
)
from engine.waterfall.terms import WaterfallPaths, WaterfallTerms

SENIOR, MEZZ = "senior", "mezzanine"
MATURED, SWEEPING, MEZZ_SWEEPING = "senior has matured", "senior is swept", "mezzanine is swept"

TWO_TRANCHE_STEPS: tuple[Step, ...] = (
    Step(Kind.COST, ("operating costs",)),
    Step(Kind.COST, ("hedge payments",), share=0.0),
    Step(Kind.COST, ("wrap premium",)),
    Step(Kind.TRAP_RELEASE),
    Step(Kind.RECEIVE, ("swap margin",)),
    Step(Kind.INTEREST, (SENIOR,), beside="hedge payments"),
    Step(Kind.PRINCIPAL, (SENIOR,)),
    Step(Kind.INTEREST, (SENIOR,), Account.RESERVE),
    Step(Kind.PRINCIPAL, (SENIOR,), Account.RESERVE),
    Step(Kind.RELEASE, when=MATURED),
    Step(Kind.TOP_UP),
    Step(Kind.COST, ("swap loss",)),
    Step(Kind.INTEREST, (MEZZ,)),
    Step(Kind.PRINCIPAL, (MEZZ,)),
    Step(Kind.SWEEP, (SENIOR,), when=SWEEPING),
    Step(Kind.SWEEP, (MEZZ,), when=MEZZ_SWEEPING),
    Step(Kind.TRAP),
    Step(Kind.EQUITY),
)


def two_tranche_deal(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats) -> tuple[DealTerms, Cash]:
    """The same deal for `run_deal`; `targets` as for `run_waterfall`."""
    deal = DealTerms(
        months=terms.months,
        classes=_classes(paths, terms),
        steps=_steps(terms),
        costs=_costs(terms),
        reserve=Reserve(terms.dsra_initial_amount),
        lock_up=LockUp((SENIOR,), terms.window_months, tuple(zip(paths.lock_levels, paths.lock_shares, strict=True))),
        triggers=(
            Trigger(MATURED, Measure.MONTH, terms.senior_maturity),
            Trigger(SWEEPING, Measure.MONTH, terms.senior_maturity + 1 if terms.sweeps else terms.months + 1),
            Trigger(MEZZ_SWEEPING, Measure.MONTH, terms.mezz_maturity + 1 if terms.mezz_sweeps else terms.months + 1),
        ),
    )
    return deal, _cash(paths, terms, targets)


def _steps(terms: WaterfallTerms) -> tuple[Step, ...]:
    """The steps of every such deal, and where there is one the sweep ahead of maturity."""
    if terms.sweep_ratio <= 0.0:
        return TWO_TRANCHE_STEPS
    at = TWO_TRANCHE_STEPS.index(Step(Kind.SWEEP, (SENIOR,), when=SWEEPING))
    early = Step(Kind.SWEEP, (SENIOR,), unless=MATURED, share=terms.sweep_ratio)
    return (*TWO_TRANCHE_STEPS[:at], early, *TWO_TRANCHE_STEPS[at:])


def _classes(paths: WaterfallPaths, terms: WaterfallTerms) -> tuple[NoteClass, ...]:
    senior = NoteClass(
        name=SENIOR,
        rank=1,
        amount=float(paths.senior_schedule[0]),
        monthly_rate=terms.senior_monthly_rate,
        maturity_months=terms.senior_maturity,
        amortisation="cash_sweep" if terms.sweep_ratio > 0.0 else "interest_only",
        schedule=tuple(paths.senior_schedule.tolist()),
        later_from_month=terms.senior_maturity + 1,
        later_monthly_rate=terms.senior_later_monthly_rate,
        refinance_capacity_amount=np.inf if terms.sweeps else terms.refinance_capacity,
        final_month=terms.months if terms.sweeps else None,
    )
    mezz = NoteClass(
        name=MEZZ,
        rank=2,
        amount=float(paths.mezz_schedule[0]),
        monthly_rate=terms.mezz_monthly_rate,
        maturity_months=terms.mezz_maturity,
        schedule=tuple(paths.mezz_schedule.tolist()),
        unpaid_interest=Unpaid.DEFERS,
        later_from_month=terms.mezz_maturity + 1,
        later_monthly_rate=terms.mezz_later_monthly_rate,
    )
    return senior, mezz


def _costs(terms: WaterfallTerms) -> tuple[Cost, ...]:
    hedge, wrap, loss = "hedge payments", "wrap premium", "swap loss"
    return (
        Cost("operating costs"),
        Cost(hedge, -terms.trs_carry, SENIOR, terms.senior_maturity, arrears_to=hedge),
        Cost(wrap, terms.wrap_monthly_rate, SENIOR, arrears_to=wrap, is_service=True),
        Cost(loss, arrears_to=loss, is_tested=False),
    )


def _cash(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats) -> Cash:
    margin, loss, aims = np.zeros(terms.months), np.zeros(terms.months), targets.copy()
    margin[terms.senior_maturity - 1] = max(terms.margin_amount - terms.margin_loss_amount, 0.0)
    loss[terms.senior_maturity - 1] = max(terms.margin_loss_amount - terms.margin_amount, 0.0)
    aims[terms.senior_maturity :] = 0.0
    return Cash(
        income=paths.gross_income,
        costs={"operating costs": paths.opex, "hedge payments": -paths.swap, "swap loss": loss},
        receipts={"swap margin": margin},
        reserve_targets=aims,
    )
