"""The priorities of payments in words, as a prospectus prints them."""

from __future__ import annotations

from engine.notes.papers import CLEAN_UP, FINAL, accruing_of, after_enforcement, papers_of
from engine.notes.terms import (
    ALWAYS,
    BREACHED,
    HOLDS,
    LIQUIDITY,
    Draw,
    DrawUse,
    NoteClass,
    NoteStructure,
    PlanKind,
    Rule,
    Step,
    StepKind,
)
from engine.waterfall.classes import Measure, Trigger
from engine.waterfall.words import describe_trigger, listed, ordinal

ENFORCEMENT = "enforcement_steps"
RULES = {
    Rule.SEQUENTIAL: "in the order of their rank",
    Rule.PRO_RATA: "pro rata to their balances",
    Rule.TURBO: "in the order of their rank",
    Rule.REVERSE_TURBO: "in the order of their rank",
}
TURBOS = {
    Rule.TURBO: "what is left of income repays the classes in the order of their rank",
    Rule.REVERSE_TURBO: "what is left of income repays the classes, the last rank first",
}
IMPLIED = {
    "clean_up": "the pool is sold at its balance and every class is due in full, provided that pays them all",
    "hedges": "what the counterparties of hedges pay net is added to the income available",
    "reserve": "what the reserve holds is added to the income available",
    "ard": "what is left of income repays the classes that are past their anticipated repayment dates",
    "final": "on the last date, what is left of income repays the classes in the order of their rank",
    "principal_left": "on the last date, what is left of principal, to the residual holder",
    "liquidity": "what income lacks for what it covers is drawn from the liquidity facility",
    "liquidity_end": "when the deal ends, what is drawn on the liquidity facility is repaid from principal",
    "enforced": "principal is added to the income available",
}
OWED = {
    StepKind.INTEREST: "interest due on",
    StepKind.DEFERRED_INTEREST: "deferred interest, with interest on it, on",
    StepKind.PRINCIPAL: "principal of",
    StepKind.PLANNED: "principal of",
    StepKind.LEDGER: "the principal deficiency of",
}

SWAPS = {
    StepKind.HEDGE: "what the issuer owes net on",
    StepKind.TERMINATION: "what the issuer owes at the termination, by its counterparty's default, of",
}


def waterfall_words(structure: NoteStructure, table: str) -> tuple[str, ...]:
    """One sentence a line of `interest_steps`, `principal_steps` or `enforcement_steps`, in their order."""
    steps: tuple[Step, ...] = getattr(structure, table)
    structure = _read_in(structure, table)
    return tuple(
        f"{('lastly' if k == len(steps) > 1 else ordinal(k)).capitalize()}, {step_words(structure, step)}."
        for k, step in enumerate(steps, start=1)
    )


def step_words(structure: NoteStructure, step: Step) -> str:
    """What one line pays, up to what and when."""
    said = when_words(structure, step.when)
    return _paid(structure, step) + _caps(step) + (f", {said}" if said else "")


def place_words(structure: NoteStructure, place: str) -> str:
    """A line by its place, an implied one included."""
    table, _, rest = place.partition(".")
    if table == "draws":
        return draw_words(structure, int(rest))
    if table == "purchases":
        return f"what is drawn buys {_kind_bought(structure, structure.draws[int(rest)])}"
    if table != "implied":
        return step_words(_read_in(structure, table), getattr(structure, table)[int(rest)])
    if rest == "turbo":
        return "; ".join(TURBOS[rule] for rule, _ in structure.principal_rule.kinds if rule in TURBOS)
    return IMPLIED[rest]


def draw_words(structure: NoteStructure, number: int) -> str:
    """One draw on a class, as its terms say it."""
    draw = structure.draws[number]
    amount = "what there is use for" if draw.amount is None else f"{draw.amount:,.2f}"
    use = {
        DrawUse.PRINCIPAL: "to principal collections",
        DrawUse.RESERVE: "to the reserve, up to its target",
        DrawUse.LOANS: f"to buy {_kind_bought(structure, draw)}",
    }[draw.use]
    return f"{amount} of Class {draw.class_code} is drawn {draw.after_months} months after closing, {use}"


def _kind_bought(structure: NoteStructure, draw: Draw) -> str:
    """The kind of loans that a draw buys, in words."""
    kind = next((each for each in structure.further_loans if each.code == draw.loans), None)
    if kind is None:
        return "loans"
    how = str(kind.amortisation).replace("_", " ")
    return f"{kind.name} ({100.0 * kind.coupon_rate:.6g}%, {kind.remaining_months} months, {how})"


def facility_words(structure: NoteStructure) -> str:
    """The liquidity facility in a sentence."""
    facility = structure.liquidity
    committed = [f"{facility.commitment_amount:,.2f}"] if facility.commitment_amount else []
    if facility.commitment_ratio:
        committed.append(f"{100.0 * facility.commitment_ratio:.6g}% of the classes it covers")
    until = "" if facility.ends_months is None else f", until {facility.ends_months} months after closing"
    return (
        f"{' and '.join(committed)} for {' and '.join(facility.targets)}{until}; {10_000 * facility.commitment_fee_rate:.6g} bps on "
        f"what is undrawn, {facility.margin_bps:.6g} bps over the index on what is drawn"
    )


def _read_in(structure: NoteStructure, table: str) -> NoteStructure:
    return after_enforcement(structure) if table == ENFORCEMENT else structure


def condition_words(structure: NoteStructure, place: str) -> str:
    """When a line pays; nothing where it always does."""
    table, _, rest = place.partition(".")
    if table in {"draws", "purchases"}:
        return _stops_words(structure, structure.draws[int(rest)])
    if table != "implied":
        return when_words(structure, condition_of(structure, place))
    triggers = trigger_words(structure)
    named = {"clean_up": CLEAN_UP, "final": FINAL, "principal_left": FINAL, "liquidity_end": FINAL}.get(rest, "")
    if rest == "ard":
        return "if " + " or ".join(said for name, said in triggers.items() if name.startswith("ARD of "))
    return f"if {triggers[named]}" if named else when_words(structure, condition_of(structure, place))


def _stops_words(structure: NoteStructure, draw: Draw) -> str:
    """What a draw waits for no more: enforcement, and for loans a pool that may be called."""
    called = [CLEAN_UP] if draw.use == DrawUse.LOANS and structure.clean_up_ratio > 0.0 else []
    triggers = trigger_words(structure)
    stops = [triggers[name] for name in (*called, structure.enforcement_trigger) if name]
    return f"unless {' or '.join(stops)}" if stops else ""


def condition_of(structure: NoteStructure, place: str) -> str:
    """The condition whose trigger a line hangs on: its own, or the switch of the rule it follows."""
    table, _, rest = place.partition(".")
    rule, by_rule = structure.principal_rule, place == "implied.turbo"
    if table == ENFORCEMENT or place == "implied.enforced":
        return BREACHED + structure.enforcement_trigger
    if table in {"draws", "purchases"}:
        return ALWAYS
    if table != "implied":
        step: Step = getattr(structure, table)[int(rest)]
        if step.when != ALWAYS:
            return step.when
        by_rule = step.kind == StepKind.PRINCIPAL and not step.target
    if not by_rule or rule.switch_kind is None:
        enforced = structure.enforcement_trigger
        return HOLDS + enforced if enforced and table != "implied" else ALWAYS
    return BREACHED + rule.switch_trigger if rule.switch_kind in TURBOS else HOLDS + rule.switch_trigger


def when_words(structure: NoteStructure, when: str) -> str:
    """A condition in words; nothing for always."""
    if when == ALWAYS:
        return ""
    return ("unless " if when.startswith(HOLDS) else "if ") + trigger_words(structure)[when.partition(":")[2]]


def trigger_words(structure: NoteStructure) -> dict[str, str]:
    """When each trigger is breached and how it is cured, by name; implied ones included."""
    return {each.name: _trigger_words(each) for each in papers_of(structure, 1).terms.triggers}


def _trigger_words(trigger: Trigger) -> str:
    if trigger.name == FINAL:
        return "the last payment date has come"
    if trigger.measure == Measure.MONTH:
        return f"payment date {trigger.level:.0f} has come"
    return describe_trigger(trigger)


def _paid(structure: NoteStructure, step: Step) -> str:
    if step.kind == StepKind.FEE:
        names = {fee.code: fee.name for fee in structure.fees}
        name = names.get(step.target) or f"commitment fee of {_named(step.targets)}"
        return f"{name}, with what is unpaid of it"
    if step.kind in SWAPS:
        names = {each.code: each.name for each in structure.hedges}
        return f"{SWAPS[step.kind]} {' and '.join(names[code] for code in step.targets)}, with what is unpaid of it"
    if step.kind == StepKind.RESERVE:
        return "to the reserve, until it stands at its target"
    if step.kind == StepKind.RESIDUAL:
        return "all that is left, to the residual holder"
    if step.kind == StepKind.PRINCIPAL and not step.target:
        return _by_rule(structure)
    said = f"{OWED[step.kind]} {_named(step.targets)}" + (", pro rata" if len(step.targets) > 1 else "")
    return said + _of_class_kind(structure, step)


def _named(targets: tuple[str, ...]) -> str:
    """Classes as a sentence names them, the liquidity facility by its name."""
    classes = tuple(code for code in targets if code != LIQUIDITY)
    facility = ["the liquidity facility"] if LIQUIDITY in targets else []
    return " and ".join([*([listed(classes)] if classes else []), *facility])


def _of_class_kind(structure: NoteStructure, step: Step) -> str:
    """What a line does with a class that accrues or has a plan."""
    accruing = accruing_of(structure, step) if step.kind == StepKind.INTEREST else None
    if accruing:
        stands = f"while Class {accruing.accrues_until} or a class senior to it stands"
        return f", which {stands} is added to its balance, its money to principal collections"
    if step.kind == StepKind.PLANNED:
        plans = dict.fromkeys(plan_words(each) for each in structure.classes if each.code in step.targets)
        return f", down to the balance planned for {' and '.join(plans)}"
    return ""


def plan_words(each: NoteClass) -> str:
    """The collar of a planned class."""
    low, high = f"{100.0 * each.plan_low:.6g}%", f"{100.0 * each.plan_high:.6g}%"
    return f"{low} to {high} {'PSA' if each.plan_kind == PlanKind.PSA else 'CPR'}"


def _by_rule(structure: NoteStructure) -> str:
    rule = structure.principal_rule
    said = f"principal of all classes, {RULES[rule.kind]}"
    if rule.switch_kind is None or RULES[rule.switch_kind] == RULES[rule.kind]:
        return said
    return f"{said}, but {RULES[rule.switch_kind]} if {trigger_words(structure)[rule.switch_trigger]}"


def _caps(step: Step) -> str:
    said = "" if step.cap_ratio is None else f", out of no more than {step.cap_ratio:.4g} of what is available"
    said += "" if step.cap_amount is None else f", up to {step.cap_amount:,.2f}"
    return said + (f", as far as it cures {step.trigger}" if step.to_cure else "")
