"""The priority of payments in words, as a prospectus says it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.basics.ranges import exact
from engine.waterfall.classes import Account, DealTerms, Kind, Measure, Sharing, Step, Trigger

ONES = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth")  # fmt: skip
TENS = ("", "", "twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet")
OWED: dict[Kind, str] = {
    Kind.INTEREST: "interest due and deferred, with interest on what was deferred, on",
    Kind.CURRENT_INTEREST: "interest due on",
    Kind.INTEREST_ON_DEFERRED: "interest on the deferred interest of",
    Kind.DEFERRED_INTEREST: "deferred interest on",
    Kind.PRINCIPAL: "principal then due on",
    Kind.SWEEP: "principal of",
    Kind.DEFICIENCY: "the principal deficiency of",
    Kind.PLANNED: "principal, down to the planned balance, of",
    Kind.ACCRETE: "interest due, added to the balance while its money goes to principal collections, on",
}
MOVED: dict[Kind, str] = {
    Kind.TOP_UP: "to the reserve, until it stands at its target",
    Kind.RELEASE: "the reserve's excess over its target is added to what is available",
    Kind.TRAP: "to the cash trap, the share its cover test asks for",
    Kind.TRAP_RELEASE: "what the cash trap holds is added to what is available, once no share is to be trapped",
    Kind.CALL: "the pool is sold at its balance (clean-up call), and every class is due in full",
    Kind.EQUITY: "all that is left, to equity",
}
FUNDS = {
    Account.CASH: "",
    Account.PRINCIPAL: "from principal collections, ",
    Account.RESERVE: "from the reserve, ",
    Account.TRAP: "from the cash trap, ",
}
TESTS: dict[Measure, str] = {
    Measure.OC: "the overcollateralisation ratio of {classes} is below {percent}%",
    Measure.IC: "the interest coverage ratio of {classes} is below {percent}%",
    Measure.IC_OWED: "the interest coverage ratio of {classes}, unpaid interest included, is below {percent}%",
    Measure.DSCR: "the debt service cover of {classes} over {window} is below {times}x",
    Measure.CUMULATIVE_LOSS: "cumulative losses exceed {percent}% of the initial pool",
    Measure.POOL_FACTOR: "the pool is below {percent}% of its initial balance",
    Measure.MONTH: "month {level:.0f} has come",
    Measure.PATH: "{path} is {side} {level:g}",
    Measure.SERVICE: "the debt service cover of {classes} is below {times}x",
    Measure.ANY: "any of {of} is breached",
    Measure.STANDING: "{classes} or a class senior to it stands",
    Measure.OVERDUE: "{classes} stands after its legal final date",
}


def describe(terms: DealTerms) -> tuple[str, ...]:
    """One sentence a step, in their order."""
    tests = {each.name: each for each in terms.triggers}
    last = len(terms.steps)
    return tuple(
        f"{('lastly' if k == last and last > 1 else ordinal(k)).capitalize()}, {describe_step(step, tests)}."
        for k, step in enumerate(terms.steps, start=1)
    )


def describe_step(step: Step, tests: dict[str, Trigger]) -> str:
    """What one step pays, from what, when and up to what."""
    return FUNDS[step.source] + _paid(step) + _bounds(step, tests) + _conditions(step, tests)


def describe_trigger(trigger: Trigger) -> str:
    """When a test is breached, and how it is cured."""
    window = "the month" if trigger.window_months == 1 else f"{trigger.window_months} months"
    said = TESTS[trigger.measure].format(
        classes=listed(trigger.classes[-1:] or ("",)), level=trigger.level, window=window, path=trigger.path,
        of=", ".join(trigger.of), percent=exact(100.0 * trigger.level, 2), times=exact(trigger.level, 2), side="above" if trigger.is_breached_above else "below",
    )  # fmt: skip
    cures = {0: ", once and for good", 1: ""}
    return said + cures.get(trigger.cure_months, f", until passed {trigger.cure_months} months in a row")


def _paid(step: Step) -> str:
    if step.kind in OWED:
        order = "" if len(step.target) == 1 else ", pro rata" if step.sharing == Sharing.PRO_RATA else ", in that order"
        ranks = f", and {step.beside} with what is unpaid of it, pro rata to what each is due" if step.beside else ""
        return f"{OWED[step.kind]} {listed(step.target)}{order}{ranks}"
    if step.kind == Kind.COST and step.share == 0.0:
        return f"what is received of {step.target[0]} is added to what is available"
    if step.kind == Kind.COST:
        return f"{step.target[0]}, with what is unpaid of it"
    if step.kind in {Kind.RECEIVE, Kind.DRAW}:
        what = step.target[0] if step.kind == Kind.RECEIVE else f"what is lacking, drawn from {step.draws},"
        return f"{what} is added to what is available"
    if step.kind == Kind.TRANSFER:
        return {"cash": "to the income available", "principal": "to principal collections"}.get(
            step.target[0], f"to the {step.target[0]}"
        )
    return MOVED[step.kind]


def _bounds(step: Step, tests: dict[str, Trigger]) -> str:
    is_whole = step.share == 1.0 or (step.kind == Kind.COST and step.share == 0.0)
    said = "" if is_whole else f", out of no more than {step.share:.4g} of what is available"
    said += f", up to {step.limit}" if step.limit else ""
    measure = {
        Measure.OC: "overcollateralisation",
        Measure.IC: "interest coverage",
        Measure.IC_OWED: "interest coverage",
    }
    if step.cures:
        test = tests[step.cures]
        said += f", as far as it cures the {measure[test.measure]} test of {listed(test.classes[-1:])}"
    return said


def _conditions(step: Step, tests: dict[str, Trigger]) -> str:
    said = f", if {describe_trigger(tests[step.when])}" if step.when else ""
    return said + (f", unless {describe_trigger(tests[step.unless])}" if step.unless else "")


def listed(names: Sequence[str]) -> str:
    """Classes as a sentence names them.

    >>> listed(("A", "B-1", "B-2"))
    'Classes A, B-1 and B-2'
    """
    if len(names) == 1:
        return f"Class {names[0]}"
    return f"Classes {', '.join(names[:-1])} and {names[-1]}"


def ordinal(number: int) -> str:
    """A place in words, to the ninety-ninth.

    >>> [ordinal(k) for k in (1, 12, 20, 23)]
    ['first', 'twelfth', 'twentieth', 'twenty-third']
    """
    if number < len(ONES):
        return ONES[number]
    tens, ones = divmod(number, 10)
    return f"{TENS[tens]}y-{ONES[ones]}" if ones else f"{TENS[tens]}ieth"
