"""The priority of payments of a CLO as data: classes, fees, triggers, and the steps of interest and of principal.

The nine waterfalls of the source are `PRESETS`; what they share is the order of `interest_steps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

NIL = Decimal(0)


class Do(StrEnum):
    """What a step does; the order is the batch kernel's numbering."""

    TRUSTEE = "trustee fee"
    ADMINISTRATION = "administrative expenses within the cap"
    BASE_FEE = "base management fee"
    INTEREST = "interest"
    DEFERRED = "deferred interest"
    CURE = "test cure"
    DIVERSION = "interest diversion to principal"
    SUBORDINATED_FEE = "subordinated management fee"
    EXPENSES = "administrative expenses above the cap"
    RESIDUAL = "subordinated notes and incentive fee"
    SHORTFALLS = "shortfalls of fees and senior interest"
    REINVEST = "collateral bought"
    REDEEM = "principal"


@dataclass(frozen=True, slots=True)
class Step:
    """One line: its number in the papers, what it does, and the group of classes it does it for."""

    label: str
    do: Do
    group: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One class of notes; classes of one group stand side by side. A fixed rate accrues 30/360, a spread actual/360."""

    name: str
    group: str
    balance: Decimal
    spread: Decimal = NIL
    fixed_rate: Decimal | None = None
    is_deferrable: bool = False
    deferred: Decimal = NIL


@dataclass(frozen=True, slots=True)
class Triggers:
    """Of one group: None where the papers have no such test."""

    oc: Decimal | None = None
    ic: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fees:
    """Rates a year on performing par and principal cash at the start of the period, actual/360."""

    trustee_rate: Decimal = NIL
    base_management_rate: Decimal = NIL
    subordinated_management_rate: Decimal = NIL
    administrative_cap_amount: Decimal = NIL


@dataclass(frozen=True, slots=True)
class Incentive:
    """The manager's share beyond the hurdle, a yearly rate on what the subordinated notes cost."""

    hurdle_rate: Decimal = NIL
    share: Decimal = NIL
    invested_amount: Decimal = NIL


@dataclass(frozen=True, slots=True)
class Papers:
    """What the indenture says of payments. `lot_amount` is the par that collateral is bought in.

    `acceleration` is the one priority of all proceeds after an event of default; without it payments stop there.
    """

    closing: date
    notes: tuple[Note, ...]
    triggers: Mapping[str, Triggers]
    interest: tuple[Step, ...]
    principal: tuple[Step, ...]
    fees: Fees = Fees()
    incentive: Incentive = Incentive()
    reinvestment_end: date = date.min
    diversion_trigger: Decimal | None = None
    diversion_share: Decimal = Decimal("0.5")
    ccc_limit: Decimal = Decimal("0.075")
    lot_amount: Decimal = Decimal(1000)
    ic_from_payment: int = 1
    acceleration: tuple[Step, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """In the order they are paid."""
        return tuple(dict.fromkeys(note.group for note in self.notes))


def interest_steps(groups: tuple[str, ...], deferrable: frozenset[str], cured: frozenset[str], *,
                   deferred_after_cure: bool = False, junior_fee_first: bool = False) -> tuple[Step, ...]:  # fmt: skip
    """The usual order: fees, each group's interest, deferred interest and cure, diversion, junior fees, the rest."""
    steps = [Step("1", Do.TRUSTEE), Step("2", Do.ADMINISTRATION), Step("3", Do.BASE_FEE)]
    for group in groups:
        parts = [Do.INTEREST]
        parts += [Do.DEFERRED] if group in deferrable else []
        parts += [Do.CURE] if group in cured else []
        if deferred_after_cure and Do.DEFERRED in parts and Do.CURE in parts:
            parts = [Do.INTEREST, Do.CURE, Do.DEFERRED]
        steps += [Step("", do, group) for do in parts]
    last = [Step("", Do.DIVERSION), Step("", Do.SUBORDINATED_FEE)]
    steps += [*(reversed(last) if junior_fee_first else last), Step("", Do.EXPENSES), Step("", Do.RESIDUAL)]
    return tuple(Step(str(number), step.do, step.group) for number, step in enumerate(steps, start=1))


def principal_steps(cured: tuple[str, ...]) -> tuple[Step, ...]:
    """Shortfalls, cures, reinvestment, then the notes; what is left goes on as in the interest waterfall."""
    dos = [(Do.SHORTFALLS, ""), *((Do.CURE, group) for group in cured), (Do.REINVEST, ""), (Do.REDEEM, "")]
    return tuple(Step(f"P{number}", do, group) for number, (do, group) in enumerate(dos, start=1))


def acceleration_steps(interest: tuple[Step, ...], groups: tuple[str, ...]) -> tuple[Step, ...]:
    """After an event of default, of the deal's own steps: the fees it pays ahead of the notes; then group by group its
    interest, what of it was not paid before, and its principal; then junior fees and the rest.

    >>> usual = interest_steps(("A", "B"), frozenset(), frozenset(("A",)))
    >>> [step.do.value for step in acceleration_steps(usual, ("A",))][2:7]
    ['base management fee', 'interest', 'deferred interest', 'principal', 'subordinated management fee']
    """
    first = next((place for place, step in enumerate(interest) if step.do is Do.INTEREST), len(interest))
    by_group = [Step("", do, group) for group in groups for do in (Do.INTEREST, Do.DEFERRED, Do.REDEEM)]
    last = [step for step in interest[first:] if step.do in {Do.SUBORDINATED_FEE, Do.EXPENSES, Do.RESIDUAL}]
    steps = enumerate((*interest[:first], *by_group, *last), start=1)
    return tuple(Step(f"E{number}", step.do, step.group) for number, step in steps)


@dataclass(frozen=True, slots=True)
class Preset:
    """One waterfall of the source: how it departs from the usual order."""

    title: str
    deferred_after_cure: bool = False
    junior_fee_first: bool = False


# The source has one class a deal; its 9, 11, 12, 14, 15, 16 and 17 pay in the same order and differ in data only
# (classes, triggers, class E's denominator, which 16 took from class D by mistake).
_USUAL = ("8", "9", "11", "12", "14", "15 and 17", "16")
PRESETS: Mapping[str, Preset] = {
    **{f"MAG{number}": Preset(f"MAG{number}: deferred interest after the cure, junior fee before the diversion", True, True) for number in ("6", "7")},
    **{f"MAG{number}": Preset(f"MAG{number}: deferred interest before the cure, diversion before the junior fee") for number in _USUAL},
}  # fmt: skip
STANDARD = "MAG15 and 17"


def steps_of(
    preset: str, notes: tuple[Note, ...], triggers: Mapping[str, Triggers]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps of interest and of principal that a preset makes of a deal's classes."""
    chosen = PRESETS[preset]
    groups = tuple(dict.fromkeys(note.group for note in notes))
    deferrable = frozenset(note.group for note in notes if note.is_deferrable)
    cured = tuple(group for group in groups if triggers.get(group, Triggers()) != Triggers())
    interest = interest_steps(
        groups, deferrable, frozenset(cured),
        deferred_after_cure=chosen.deferred_after_cure, junior_fee_first=chosen.junior_fee_first,
    )  # fmt: skip
    return interest, principal_steps(cured)
