"""Notes deals, pools and behaviours read from outside data and written back; every problem with its place.

A place is the path into the content: `classes.1.balance_amount`, `interest_steps.3.target`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from engine.basics.business_days import BusinessDays, Calendar
from engine.basics.day_counts import DayCount
from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.notes.papers import commitment_fees, problems_after_enforcement, problems_of_order
from engine.notes.terms import (
    ALWAYS,
    BREACHED,
    HOLDS,
    LIQUIDITY,
    Amortisation,
    Behaviour,
    CouponKind,
    DefaultKind,
    Draw,
    DrawUse,
    Fee,
    FurtherLoans,
    Hedge,
    HedgeKind,
    HedgeSide,
    LiquidityFacility,
    Loan,
    NoteClass,
    NoteStructure,
    Notional,
    PlanKind,
    Pool,
    PrepaymentKind,
    PrincipalRule,
    Reserve,
    Rule,
    Step,
    StepKind,
    Trigger,
    TriggerKind,
)
from engine.ratings.scale import NOT_RATED, notch_of

_N, _I, _C, _F, _T = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.CHOICE, FieldKind.FLAG, FieldKind.TEXT
MOST_AMOUNT, MOST_MONTHS, FREQUENCIES = 1e15, 600, (1, 3, 6, 12)
MOST_FINAL_MONTHS, MOST_LOANS = 1_200, 100_000
_CODE, _CURRENCY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*"), re.compile(r"[A-Z]{3}")
Row = Mapping[str, Any]
Made = TypeVar("Made")


def _text(path: str, label: str, *, required: bool = True, most: int = 60, default: str | None = None) -> FieldSpec:
    return FieldSpec(path, label, _T, required=required, maximum=most, default=default)


def _share(path: str, label: str, default: float | None = 0.0) -> FieldSpec:
    return FieldSpec(path, label, _N, "share", default, minimum=0, maximum=1)


def _rate(path: str, label: str) -> FieldSpec:
    return FieldSpec(path, label, _N, "rate", 0.0, minimum=0, maximum=1)


def _amount(path: str, label: str, default: float | None = 0.0) -> FieldSpec:
    return FieldSpec(path, label, _N, "amount", default, minimum=0, maximum=MOST_AMOUNT)


def _balance(path: str, label: str) -> FieldSpec:
    return FieldSpec(path, label, _N, "amount", required=True, minimum=0, maximum=MOST_AMOUNT, exclusive_minimum=True)


def _day_count() -> FieldSpec:
    return FieldSpec("day_count", "Day count", _C, default="equal", choices=tuple(DayCount))


STRUCTURE_FIELDS = (
    _text("code", "Code"), _text("name", "Name", most=200), _text("currency", "Currency", most=3),
    FieldSpec("closing_date", "Closing date", FieldKind.DATE, required=True),
    FieldSpec("payment_frequency_months", "Months between payments", _I, "months", 3, minimum=1, maximum=12),
    _share("clean_up_ratio", "Clean-up call at"),
    FieldSpec("index_rate", "Index of floating classes", _N, "rate", 0.0, minimum=-0.05, maximum=0.5),
    _text("enforcement_trigger", "Enforced by", required=False, default=""),
    FieldSpec("business_days", "Payment dates moved", _C, default="unadjusted", choices=tuple(BusinessDays)),
    FieldSpec("calendar", "Holidays of", _C, default="weekends", choices=tuple(Calendar)),
    FieldSpec("accrues_to_payment", "Interest accrues to the moved date", _F, default=False),
)  # fmt: skip
CLASS_FIELDS = (
    _text("code", "Code"), _text("name", "Name", most=200), _balance("balance_amount", "Balance"),
    FieldSpec("coupon_kind", "Coupon", _C, default="fixed", choices=tuple(CouponKind)),
    _rate("coupon_rate", "Coupon"), FieldSpec("margin_bps", "Margin", _N, "bps", 0.0, minimum=-500, maximum=5000),
    FieldSpec("deferrable", "Interest may be deferred", _F, default=False),
    FieldSpec("ard_months", "Anticipated repayment", _I, "months", minimum=1, maximum=MOST_MONTHS),
    FieldSpec("step_up_bps", "Step-up", _N, "bps", 0.0, minimum=0, maximum=2000),
    _text("target_rating", "Target rating", required=False, most=8),
    FieldSpec("rank", "Rank", _I, "count", 0, minimum=0, maximum=100),
    _text("accrues_until", "Accrues until", required=False, default=""),
    FieldSpec("plan_kind", "Planned by", _C, default="none", choices=tuple(PlanKind)),
    FieldSpec("plan_low", "Slower speed", _N, "rate", 0.0, minimum=0, maximum=20),
    FieldSpec("plan_high", "Faster speed", _N, "rate", 0.0, minimum=0, maximum=20),
    _amount("commitment_amount", "Commitment"), _rate("commitment_fee_rate", "Commitment fee"),
    FieldSpec("available_months", "Drawn until", _I, "months", minimum=1, maximum=MOST_MONTHS), _day_count(),
    FieldSpec("legal_final_months", "Legal final after", _I, "months", minimum=1, maximum=MOST_FINAL_MONTHS),
)  # fmt: skip
FEE_FIELDS = (
    _text("code", "Code"), _text("name", "Name", most=200), _rate("annual_rate", "Rate a year"),
    _amount("annual_amount", "Amount a year"), _day_count(),
)  # fmt: skip
RESERVE_FIELDS = (
    _share("target_ratio", "Target"), _amount("floor_amount", "Floor"), _amount("initial_amount", "At closing"),
)  # fmt: skip
TRIGGER_FIELDS = (
    _text("code", "Code"), FieldSpec("kind", "Test", _C, required=True, choices=tuple(TriggerKind)),
    FieldSpec("limit", "Limit", _N, "factor", 0.0, minimum=0, maximum=MOST_MONTHS),
    _text("class_code", "Class", required=False), FieldSpec("cures", "Cures", _F, default=True),
)  # fmt: skip
STEP_FIELDS = (
    FieldSpec("kind", "Step", _C, required=True, choices=tuple(StepKind)),
    _text("target", "Target", required=False, most=200, default=""), _text("when", "When", required=False, default=ALWAYS),
    _amount("cap_amount", "At most", None), _share("cap_ratio", "At most", None),
    FieldSpec("to_cure", "No more than cures", _F, default=False),
)  # fmt: skip
LIQUIDITY_FIELDS = (
    _amount("commitment_amount", "Commitment"), _share("commitment_ratio", "Commitment, share of the classes"),
    _text("covers", "Covers", required=False, most=200, default=""), _rate("commitment_fee_rate", "Commitment fee"),
    FieldSpec("margin_bps", "Margin on what is drawn", _N, "bps", 0.0, minimum=0, maximum=5000),
    FieldSpec("ends_months", "Until", _I, "months", minimum=1, maximum=MOST_MONTHS), _day_count(),
)  # fmt: skip
DRAW_FIELDS = (
    _text("class_code", "Class"),
    FieldSpec("after_months", "After", _I, "months", required=True, minimum=0, maximum=MOST_MONTHS),
    _amount("amount", "Amount", None), FieldSpec("use", "Goes to", _C, default="principal", choices=tuple(DrawUse)),
    _text("loans", "Loans bought", required=False, default=""),
)  # fmt: skip
FURTHER_FIELDS = (
    _text("code", "Code"), _text("name", "Name", most=200), _rate("coupon_rate", "Coupon"),
    FieldSpec("remaining_months", "Term", _I, "months", required=True, minimum=1, maximum=MOST_MONTHS),
    FieldSpec("amortisation", "Amortisation", _C, default="annuity", choices=tuple(each for each in Amortisation if each != Amortisation.SCHEDULE)),
)  # fmt: skip
HEDGE_FIELDS = (
    _text("code", "Code"), _text("name", "Name", most=200), _text("counterparty", "Counterparty", required=False, most=200, default=""),
    FieldSpec("kind", "Swap", _C, required=True, choices=tuple(HedgeKind)),
    FieldSpec("side", "Named leg", _C, default="pay", choices=tuple(HedgeSide)),
    FieldSpec("notional_kind", "Notional", _C, default="amount", choices=tuple(Notional)),
    _amount("notional_amount", "Notional amount"), _share("notional_ratio", "Notional, share", 1.0),
    _text("notional_class", "Notional, class", required=False, default=""),
    FieldSpec("starts_months", "Starts after", _I, "months", 0, minimum=0, maximum=MOST_MONTHS),
    FieldSpec("ends_months", "Ends after", _I, "months", required=True, minimum=1, maximum=MOST_MONTHS),
    FieldSpec("fixed_rate", "Fixed rate", _N, "rate", 0.0, minimum=0, maximum=0.5),
    FieldSpec("margin_bps", "Margin over the index", _N, "bps", 0.0, minimum=-500, maximum=5000),
    FieldSpec("basis_bps", "Other index over the index", _N, "bps", 0.0, minimum=-500, maximum=2000),
    FieldSpec("inflation_rate", "Inflation", _N, "rate", 0.0, minimum=-0.05, maximum=0.5),
    FieldSpec("default_months", "Counterparty defaults after", _I, "months", minimum=1, maximum=MOST_MONTHS),
    FieldSpec("termination_amount", "Owed at termination", _N, "amount", 0.0, minimum=-MOST_AMOUNT, maximum=MOST_AMOUNT), _day_count(),
)  # fmt: skip
RULE_FIELDS = (
    FieldSpec("kind", "Rule", _C, default="sequential", choices=tuple(Rule)),
    _text("switch_trigger", "Switched by", required=False, default=""),
    FieldSpec("switch_kind", "To", _C, choices=tuple(Rule)),
)  # fmt: skip
LOAN_FIELDS = (
    _text("code", "Code"), _text("currency", "Currency", most=3), _balance("balance_amount", "Balance"),
    _rate("coupon_rate", "Coupon"),
    FieldSpec("remaining_months", "Remaining months", _I, "months", required=True, minimum=1, maximum=MOST_MONTHS),
    FieldSpec("amortisation", "Amortisation", _C, default="annuity", choices=tuple(Amortisation)),
    FieldSpec("schedule", "Schedule", FieldKind.NUMBERS, "amount", minimum=0, maximum=MOST_AMOUNT),
    _text("obligor", "Obligor", required=False, most=200, default=""),
    _text("sector", "Sector", required=False, most=200, default=""),
    _text("rating", "Rating", required=False, most=8, default=""),
    FieldSpec("age_months", "Age", _I, "months", 0, minimum=0, maximum=MOST_MONTHS),
)  # fmt: skip
BEHAVIOUR_FIELDS = (
    FieldSpec("prepayment_kind", "Prepayment", _C, default="none", choices=tuple(PrepaymentKind)),
    FieldSpec("default_kind", "Default", _C, default="none", choices=tuple(DefaultKind)),
    _share("severity_ratio", "Severity"),
    FieldSpec("recovery_lag_months", "Recovery after", _I, "months", 0, minimum=0, maximum=120),
    _share("delinquency_ratio", "Paid a month late"),
)  # fmt: skip
# A rate is at most 1, a multiple of a standard curve at most 20 times.
MOST_FIGURE = {PrepaymentKind.PSA: 20.0, DefaultKind.SDA: 20.0}
TABLES = {
    "classes": CLASS_FIELDS, "fees": FEE_FIELDS, "triggers": TRIGGER_FIELDS, "interest_steps": STEP_FIELDS,
    "principal_steps": STEP_FIELDS, "enforcement_steps": STEP_FIELDS, "draws": DRAW_FIELDS,
    "hedges": HEDGE_FIELDS,
    "further_loans": FURTHER_FIELDS,
}  # fmt: skip
STEP_TABLES = tuple(name for name, specs in TABLES.items() if specs is STEP_FIELDS)
PARTS = {"reserve": RESERVE_FIELDS, "principal_rule": RULE_FIELDS, LIQUIDITY: LIQUIDITY_FIELDS}
SWAPS = (StepKind.HEDGE, StepKind.TERMINATION)
CODED = ("classes", "fees", "triggers", "hedges", "further_loans")
CURED = (TriggerKind.OC, TriggerKind.IC, TriggerKind.IC_OWED)
COVERED = (*CURED, TriggerKind.DSCR)
OF_A_CLASS = (*COVERED, TriggerKind.LEGAL_FINAL)
FIGURES = ("prepayment", "default")
HOLIDAYS = "holidays"


def read_structure(content: Any) -> NoteStructure:
    """The structure; raises InputProblems with every problem."""
    structure, problems = _structure(content)
    return _or_refuse(structure, problems)


def problems_of(content: Any) -> list[Problem]:
    """Everything wrong with a structure's content, each with its place."""
    return _structure(content)[1]


def read_pool(content: Any) -> Pool:
    """The pool; raises InputProblems with every problem."""
    pool, problems = _pool(content)
    return _or_refuse(pool, problems)


def problems_of_pool(content: Any) -> list[Problem]:
    """Everything wrong with a pool's content, each with its place."""
    return _pool(content)[1]


def good_loans(content: Any) -> Pool:
    """The loans nothing is wrong with: what is kept of a tape as a draft."""
    bad = {int(p.place.split(".")[1]) for p in problems_of_pool(content) if p.place.count(".")}
    kept = [row for number, row in enumerate(_rows(content, "loans")) if number not in bad]
    return _pool({"loans": kept})[0] or Pool(())


def read_behaviour(content: Any) -> Behaviour:
    """The behaviour; raises InputProblems with every problem."""
    behaviour, problems = _behaviour(content)
    return _or_refuse(behaviour, problems)


def problems_of_behaviour(content: Any) -> list[Problem]:
    """Everything wrong with a behaviour's content, each with its place."""
    return _behaviour(content)[1]


def write_structure(structure: NoteStructure) -> dict[str, Any]:
    """The JSON-able content that `read_structure` reads back."""
    return _written(structure)  # type: ignore[no-any-return]


def write_pool(pool: Pool) -> dict[str, Any]:
    """The JSON-able content that `read_pool` reads back."""
    return {"loans": _written(pool.loans)}


def write_behaviour(behaviour: Behaviour) -> dict[str, Any]:
    """The JSON-able content that `read_behaviour` reads back."""
    return _written(behaviour)  # type: ignore[no-any-return]


def problems_between(structure: NoteStructure, pool: Pool) -> list[Problem]:
    """What keeps a pool from paying these notes: a loan in another currency."""
    message = f"expected the notes' currency {structure.currency}, got "
    return [
        Problem("mixed_currencies", f"loans.{k}.currency", f"Currency: {message}{loan.currency}.")
        for k, loan in enumerate(pool.loans)
        if loan.currency != structure.currency
    ]


def _or_refuse(made: Made | None, problems: Sequence[Problem]) -> Made:
    if problems or made is None:
        raise InputProblems(problems)
    return made


def _written(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _written(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


# Structures


def _structure(content: Any) -> tuple[NoteStructure | None, list[Problem]]:
    problems: list[Problem] = []
    if not isinstance(content, Mapping):
        return None, [Problem("not_a_row", "", "Expected named values.")]
    plain = {name: value for name, value in content.items() if name not in {*TABLES, *PARTS, HOLIDAYS}}
    values = _read(problems, "", STRUCTURE_FIELDS, plain)
    values[HOLIDAYS] = _holidays(problems, content.get(HOLIDAYS) or ())
    tables = {name: _read_table(problems, name, specs, content) for name, specs in TABLES.items()}
    parts = {name: _read(problems, name, specs, content.get(name) or {}) for name, specs in PARTS.items()}
    if problems:
        return None, problems
    structure = _built(values, tables, parts)
    problems = list(_across(structure)) or problems_of_order(structure) or problems_after_enforcement(structure)
    return structure, problems


def _built(values: Row, tables: Mapping[str, Sequence[Row]], parts: Mapping[str, Row]) -> NoteStructure:
    rule = parts["principal_rule"]
    switch = Rule(rule["switch_kind"]) if rule["switch_kind"] else None
    return NoteStructure(
        **{
            **values,
            "closing_date": date.fromisoformat(values["closing_date"]),
            "business_days": BusinessDays(values["business_days"]),
            "calendar": Calendar(values["calendar"]),
        },
        classes=tuple(_class_of(row) for row in tables["classes"]),
        fees=tuple(Fee(**_counted(row)) for row in tables["fees"]),
        triggers=tuple(Trigger(**{**row, "kind": TriggerKind(row["kind"])}) for row in tables["triggers"]),
        interest_steps=_steps_of(tables["interest_steps"]),
        principal_steps=_steps_of(tables["principal_steps"]),
        enforcement_steps=_steps_of(tables["enforcement_steps"]),
        reserve=Reserve(**parts["reserve"]),
        liquidity=LiquidityFacility(**_counted(parts[LIQUIDITY])),
        draws=tuple(Draw(**{**row, "use": DrawUse(row["use"])}) for row in tables["draws"]),
        hedges=tuple(_hedge_of(row) for row in tables["hedges"]),
        further_loans=tuple(
            FurtherLoans(**{**row, "amortisation": Amortisation(row["amortisation"])})
            for row in tables["further_loans"]
        ),
        principal_rule=PrincipalRule(Rule(rule["kind"]), rule["switch_trigger"], switch),
    )


def _holidays(problems: list[Problem], days: Any) -> tuple[date, ...]:
    """Days of the deal's own, each once, in their order."""
    if isinstance(days, str) or not isinstance(days, Sequence):
        problems.append(Problem("not_a_list", HOLIDAYS, "Holidays: expected a list of days as YYYY-MM-DD."))
        return ()
    found = set[date]()
    for number, text in enumerate(days):
        try:
            found.add(date.fromisoformat(str(text)))
        except ValueError:
            message = f"Holidays: expected a day as YYYY-MM-DD, got {text!r}."
            problems.append(Problem("not_a_date", f"{HOLIDAYS}.{number}", message))
    return tuple(sorted(found))


def _counted(row: Row) -> dict[str, Any]:
    return {**row, "day_count": DayCount(row["day_count"])}


def _class_of(row: Row) -> NoteClass:
    return NoteClass(
        **{**_counted(row), "coupon_kind": CouponKind(row["coupon_kind"]), "plan_kind": PlanKind(row["plan_kind"])}
    )


def _hedge_of(row: Row) -> Hedge:
    enums = {"kind": HedgeKind, "side": HedgeSide, "notional_kind": Notional}
    return Hedge(**{**_counted(row), **{name: enum(row[name]) for name, enum in enums.items()}})


def _steps_of(rows: Sequence[Row]) -> tuple[Step, ...]:
    return tuple(Step(**{**row, "kind": StepKind(row["kind"])}) for row in rows)


def _read(problems: list[Problem], place: str, specs: Sequence[FieldSpec], row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        problems.append(Problem("not_a_row", place, f"{place}: expected named values."))
        return {}
    reader = Reader(specs, row)
    values = reader.read()
    prefix = f"{place}." if place else ""
    problems.extend(Problem(p.code, f"{prefix}{p.place}", p.message) for p in reader.problems)
    return values


def _rows(content: Any, table: str) -> Sequence[Any]:
    rows = content.get(table, ()) if isinstance(content, Mapping) else ()
    return rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()


def _read_table(problems: list[Problem], table: str, specs: Sequence[FieldSpec], content: Any) -> list[dict[str, Any]]:
    rows = content.get(table, ()) if isinstance(content, Mapping) else None
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        problems.append(Problem("not_rows", table, f"{table}: expected a list of rows with named values."))
    return [_read_row(problems, table, number, specs, row) for number, row in enumerate(_rows(content, table))]


def _read_row(problems: list[Problem], table: str, number: int, specs: Sequence[FieldSpec], row: Any) -> dict[str, Any]:
    place = f"{table}.{number}"
    if table != "triggers" or not isinstance(row, Mapping):
        return _read(problems, place, specs, row)
    values = _read(problems, place, specs, {name: value for name, value in row.items() if name != "of"})
    joined = row.get("of") or ()
    if isinstance(joined, str) or not all(isinstance(name, str) for name in joined):
        problems.append(Problem("not_a_list", f"{place}.of", "Triggers it joins: expected a list of codes."))
        joined = ()
    return {**values, "of": tuple(joined)}


def _across(structure: NoteStructure) -> Iterator[Problem]:
    """Faults between rows."""
    if not structure.classes:
        yield Problem("missing", "classes", "Give at least one class.")
    if structure.payment_frequency_months not in FREQUENCIES:
        message = f"Months between payments: expected 1, 3, 6 or 12, got {structure.payment_frequency_months}."
        yield Problem("out_of_range", "payment_frequency_months", message)
    yield from _formed(structure)
    for table in CODED:
        yield from _repeated(table, [each.code for each in getattr(structure, table)])
    yield from _ranks(structure)
    for number, each in enumerate(structure.classes):
        yield from _accrual(structure, f"classes.{number}", each)
        yield from _plan(structure, f"classes.{number}", each)
        yield from _commitment(structure, f"classes.{number}", each)
        yield from _legal_final(f"classes.{number}", each)
    yield from _facility(structure)
    for number, draw in enumerate(structure.draws):
        yield from _draw(structure, f"draws.{number}", draw)
    yield from _hedges(structure)
    for number, trigger in enumerate(structure.triggers):
        yield from _trigger(structure, f"triggers.{number}", trigger)
    yield from _circles(structure)
    yield from _rule(structure)
    for table in STEP_TABLES:
        for number, step in enumerate(getattr(structure, table)):
            yield from _step(structure, table, f"{table}.{number}", step)
    yield from _residuals(structure)
    yield from _enforcement(structure)


def _formed(structure: NoteStructure) -> Iterator[Problem]:
    if not _CURRENCY.fullmatch(structure.currency):
        yield Problem("not_a_code", "currency", f"Currency: expected three capitals, got {structure.currency!r}.")
    for table in CODED:
        for number, each in enumerate(getattr(structure, table)):
            if not _CODE.fullmatch(each.code):
                message = f"Code: expected letters, digits, - and _, got {each.code!r}."
                yield Problem("not_a_code", f"{table}.{number}.code", message)
    for number, note in enumerate(structure.classes):
        if note.target_rating and notch_of(note.target_rating) == NOT_RATED:
            message = f"Target rating: {note.target_rating!r} is not on the scale from AAA to D."
            yield Problem("unknown", f"classes.{number}.target_rating", message)


def _repeated(table: str, codes: Sequence[str]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for number, code in enumerate(codes):
        seen[code] += 1
        if seen[code] == 2:
            yield Problem("duplicate", f"{table}.{number}.code", f"{code} is named twice.")


def _ranks(structure: NoteStructure) -> Iterator[Problem]:
    ranks = structure.ranks
    for number in range(1, len(ranks)):
        if ranks[number] < ranks[number - 1]:
            yield Problem(
                "order", f"classes.{number}.rank", "List the classes from the most senior down: ranks must not fall."
            )


def _accrual(structure: NoteStructure, place: str, each: NoteClass) -> Iterator[Problem]:
    ranks = dict(zip(structure.balances, structure.ranks, strict=False))
    yield from _unknown(f"{place}.accrues_until", [each.accrues_until], list(ranks), "class")
    if ranks.get(each.accrues_until, 0) >= ranks[each.code]:
        message = f"{each.code}: name a class senior to it, until which it accrues."
        yield Problem("order", f"{place}.accrues_until", message)


def _plan(structure: NoteStructure, place: str, each: NoteClass) -> Iterator[Problem]:
    if not each.is_planned:
        return
    if each.plan_high < each.plan_low:
        yield Problem("order", f"{place}.plan_high", f"{each.code}: the faster speed is below the slower one.")
    if each.plan_kind == PlanKind.CPR and max(each.plan_low, each.plan_high) > 1.0:
        yield Problem("out_of_range", f"{place}.plan_high", f"{each.code}: a CPR is at most 100%.")
    steps = (*structure.interest_steps, *structure.principal_steps)
    if not any(step.kind == StepKind.PLANNED and each.code in step.targets for step in steps):
        yield Problem("never_paid", f"{place}.plan_kind", f"No step pays {each.code} down to its planned balance.")


def _commitment(structure: NoteStructure, place: str, each: NoteClass) -> Iterator[Problem]:
    if each.code == LIQUIDITY:
        yield Problem(
            "duplicate", f"{place}.code", f"{LIQUIDITY} names the liquidity facility: give the class another code."
        )
    if 0.0 < each.commitment_amount < each.balance_amount:
        message = f"{each.code}: the commitment includes what is drawn at closing, and is no less than the balance."
        yield Problem("out_of_range", f"{place}.commitment_amount", message)
    if each.commitment_amount and each.code in {fee.code for fee in structure.fees}:
        yield Problem(
            "duplicate", f"{place}.code", f"{each.code} is the code of a fee as well: its commitment fee needs its own."
        )


def _legal_final(place: str, each: NoteClass) -> Iterator[Problem]:
    if each.legal_final_months is not None and each.legal_final_months <= (each.ard_months or 0):
        message = f"{each.code}: its legal final date lies after its anticipated repayment."
        yield Problem("order", f"{place}.legal_final_months", message)


def _facility(structure: NoteStructure) -> Iterator[Problem]:
    facility, place = structure.liquidity, f"{LIQUIDITY}.covers"
    classes = {each.code: each for each in structure.classes}
    if not facility.is_there:
        if facility.covers:
            yield Problem("missing", f"{LIQUIDITY}.commitment_amount", "Liquidity facility: give its commitment.")
        return
    if not set(facility.targets) & set(classes):
        yield Problem("missing", place, "Name the classes whose interest the facility covers.")
    yield from _unknown(place, facility.targets, [*classes, *(fee.code for fee in structure.fees)], "class or fee")
    yield from _repeated_in(place, facility.targets)
    for code in facility.targets:
        if code in classes and (classes[code].deferrable or classes[code].accrues_until):
            message = f"{code} may owe its interest: the facility covers classes that are due theirs."
            yield Problem("not_a_choice", place, message)


def _draw(structure: NoteStructure, place: str, draw: Draw) -> Iterator[Problem]:
    yield from _unknown(f"{place}.class_code", [draw.class_code], list(structure.balances), "class")
    for each in structure.classes:
        if each.code == draw.class_code and not each.commitment_amount:
            yield Problem("missing", f"{place}.class_code", f"{each.code} has no commitment to be drawn.")
    if draw.use == DrawUse.RESERVE and not structure.reserve.is_held:
        yield Problem("not_a_choice", f"{place}.use", "There is no reserve to draw for: give it a target or a floor.")
    if draw.use != DrawUse.RESERVE and draw.amount is None:
        purpose = "to principal collections" if draw.use == DrawUse.PRINCIPAL else "to buy loans"
        yield Problem("missing", f"{place}.amount", f"Give the amount that is drawn {purpose}.")
    yield from _purchase(structure, place, draw)


def _purchase(structure: NoteStructure, place: str, draw: Draw) -> Iterator[Problem]:
    """A draw that buys loans is made in full or not at all: what is committed reaches for all draws on its class."""
    if draw.use != DrawUse.LOANS:
        if draw.loans:
            yield Problem("unknown", f"{place}.loans", "Only a draw that buys loans names their kind.")
        return
    yield from _unknown(
        f"{place}.loans", [draw.loans or "?"], [each.code for each in structure.further_loans], "kind of loans"
    )
    if draw.amount == 0.0:
        yield Problem("missing", f"{place}.amount", "Give the amount that is drawn to buy loans.")
    note = next((each for each in structure.classes if each.code == draw.class_code), None)
    if note is None:
        return
    others = [each for each in structure.draws if each.class_code == draw.class_code]
    if any(each.amount is None for each in others) or note.accrues_until:
        message = (
            f"{note.code} buys loans: its other draws need an amount, and its interest is not added to its balance."
        )
        yield Problem("not_a_choice", f"{place}.class_code", message)
    elif note.balance_amount + sum(each.amount or 0.0 for each in others) > note.commitment_amount * (1.0 + 1e-12):
        message = f"{note.code}: its balance and all its draws are more than its commitment."
        yield Problem("out_of_range", f"{place}.amount", message)
    frequency = structure.payment_frequency_months
    date = max(-(-draw.after_months // frequency), 1)
    if note.available_months is not None and date * frequency >= note.available_months:
        yield Problem("order", f"{place}.after_months", f"{note.code} can be drawn no more by then.")


NOTIONALS = {
    HedgeKind.INFLATION: (Notional.AMOUNT, "an amount"),
    HedgeKind.RETURN: (Notional.POOL, "a share of the pool"),
}


def _hedges(structure: NoteStructure) -> Iterator[Problem]:
    for number, hedge in enumerate(structure.hedges):
        yield from _hedge(structure, f"hedges.{number}", hedge)
    for table in STEP_TABLES:
        yield from _swaps_in_order(structure, table)


def _hedge(structure: NoteStructure, place: str, hedge: Hedge) -> Iterator[Problem]:
    needed, words = NOTIONALS.get(hedge.kind, (hedge.notional_kind, ""))
    if hedge.notional_kind != needed:
        yield Problem("not_a_choice", f"{place}.notional_kind", f"{hedge.code}: a {hedge.kind} is on {words}.")
    if hedge.notional_kind == Notional.CLASS:
        named = [hedge.notional_class or "?"]
        yield from _unknown(f"{place}.notional_class", named, list(structure.balances), "class")
    elif hedge.notional_class:
        yield Problem(
            "unknown", f"{place}.notional_class", f"{hedge.code}: only a notional of the kind 'class' names one."
        )
    if hedge.notional_kind == Notional.AMOUNT and hedge.notional_amount <= 0.0:
        yield Problem("missing", f"{place}.notional_amount", f"{hedge.code}: give its notional amount.")
    if hedge.notional_kind != Notional.AMOUNT and hedge.notional_ratio <= 0.0:
        yield Problem("missing", f"{place}.notional_ratio", f"{hedge.code}: give the share that it is on.")
    if hedge.ends_months <= hedge.starts_months:
        yield Problem("order", f"{place}.ends_months", f"{hedge.code}: it ends before it starts.")
    if hedge.default_months is not None and not hedge.starts_months < hedge.default_months <= hedge.ends_months:
        message = f"{hedge.code}: its counterparty defaults while it runs, or not at all."
        yield Problem("out_of_range", f"{place}.default_months", message)
    if hedge.termination_amount and hedge.default_months is None:
        message = f"{hedge.code}: a termination payment needs the month of the counterparty's default."
        yield Problem("missing", f"{place}.default_months", message)


def _swaps_in_order(structure: NoteStructure, table: str) -> Iterator[Problem]:
    """What is owed net on a swap is paid ahead of all interest; a termination by the counterparty's default after it."""
    steps: tuple[Step, ...] = getattr(structure, table)
    interest = [k for k, each in enumerate(steps) if each.kind == StepKind.INTEREST and each.target != LIQUIDITY]
    for number, step in enumerate(steps):
        place = f"{table}.{number}"
        if step.kind in SWAPS and (step.when != ALWAYS or not _is_uncapped(step)):
            yield Problem("not_a_condition", place, "What is owed on a swap has no condition and no cap.")
        if step.kind == StepKind.HEDGE and interest and number > interest[0]:
            yield Problem(
                "order", place, "What is owed net on a hedge is senior: put it ahead of the classes' interest."
            )
        if step.kind == StepKind.TERMINATION and interest and number < interest[-1]:
            message = "A termination by the counterparty's default is subordinated: put it after the classes' interest."
            yield Problem("order", place, message)


def _trigger(structure: NoteStructure, place: str, trigger: Trigger) -> Iterator[Problem]:
    if trigger.class_code is not None:
        yield from _unknown(f"{place}.class_code", [trigger.class_code], [c.code for c in structure.classes], "class")
    elif trigger.kind in OF_A_CLASS:
        what = "the class" if trigger.kind == TriggerKind.LEGAL_FINAL else "the last class that the test covers"
        yield Problem("missing", f"{place}.class_code", f"{trigger.code}: name {what}.")
    finals = {each.code for each in structure.classes if each.legal_final_months is not None}
    if trigger.kind == TriggerKind.LEGAL_FINAL and trigger.class_code in set(structure.balances) - finals:
        message = f"{trigger.code}: {trigger.class_code} has no legal final date of its own."
        yield Problem("missing", f"{place}.class_code", message)
    if trigger.kind == TriggerKind.ANY:
        if not trigger.of:
            yield Problem("missing", f"{place}.of", f"{trigger.code}: name the triggers it joins.")
        yield from _unknown(f"{place}.of", trigger.of, [t.code for t in structure.triggers], "trigger")
    elif trigger.of:
        yield Problem("unknown", f"{place}.of", f"{trigger.code}: only a trigger of the kind 'any' joins others.")
    if trigger.kind in {*COVERED, TriggerKind.DATE} and trigger.limit <= 0.0:
        yield Problem("out_of_range", f"{place}.limit", f"{trigger.code}: expected a limit above 0.")


def _circles(structure: NoteStructure) -> Iterator[Problem]:
    """Triggers that in the end wait for themselves."""
    joins = {each.code: each.of for each in structure.triggers}
    for number, each in enumerate(structure.triggers):
        way = _way_back(each.code, joins)
        if way:
            yield Problem("circular", f"triggers.{number}.of", f"{each.code} waits for itself: {' -> '.join(way)}.")


def _way_back(code: str, joins: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A way from a trigger along what it joins back to it; nothing where there is none."""
    open_ways: list[tuple[str, ...]] = [(code, name) for name in joins[code]]
    seen: set[str] = set()
    while open_ways:
        way = open_ways.pop()
        if way[-1] == code:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            open_ways += [(*way, name) for name in joins.get(way[-1], ())]
    return ()


def _rule(structure: NoteStructure) -> Iterator[Problem]:
    rule = structure.principal_rule
    if bool(rule.switch_trigger) != (rule.switch_kind is not None):
        yield Problem("missing", "principal_rule", "A switch needs both: its trigger and the rule it switches to.")
    yield from _unknown(
        "principal_rule.switch_trigger", [rule.switch_trigger], [t.code for t in structure.triggers], "trigger"
    )


def _step(structure: NoteStructure, table: str, place: str, step: Step) -> Iterator[Problem]:
    yield from _target(structure, table, place, step)
    if step.when != ALWAYS and not step.when.startswith((HOLDS, BREACHED)):
        message = f"When: expected always, holds:<trigger> or breached:<trigger>, got {step.when!r}."
        yield Problem("not_a_condition", f"{place}.when", message)
    elif step.when != ALWAYS:
        yield from _unknown(f"{place}.when", [step.trigger or "?"], [t.code for t in structure.triggers], "trigger")
    if step.kind == StepKind.PRINCIPAL and not step.target:
        if step.when != ALWAYS and structure.principal_rule.switch_kind:
            message = "The rule has its own switch: this step cannot have a condition as well."
            yield Problem("order", f"{place}.when", message)
        if table == "interest_steps":
            yield Problem("missing", f"{place}.target", "Principal paid from income names the classes it repays.")
    if step.to_cure:
        yield from _cure(structure, place, step)
    yield from _of_class_kind(structure, place, step)
    is_whole = step.kind == StepKind.DEFERRED_INTEREST or (step.kind == StepKind.PRINCIPAL and not step.target)
    if is_whole and (step.cap_amount is not None or step.cap_ratio is not None):
        message = "Only a step that pays one thing can be capped: name the class, or cap its interest instead."
        yield Problem("not_a_cap", f"{place}.cap_amount", message)


def _of_class_kind(structure: NoteStructure, place: str, step: Step) -> Iterator[Problem]:
    """What planned and accruing classes ask of the lines that pay them."""
    classes = {each.code: each for each in structure.classes}
    named = [classes[code] for code in step.targets if code in classes]
    if step.kind == StepKind.PLANNED:
        for each in named:
            if not each.is_planned:
                message = f"{each.code} has no planned balance: give it two speeds, or pay it principal."
                yield Problem("not_a_choice", f"{place}.target", message)
    yield from _of_covered(structure, place, step)
    accruing = [each.code for each in named if each.accrues_until]
    if step.kind == StepKind.INTEREST and accruing and not place.startswith("enforcement_steps"):
        yield from _of_accruing(accruing[0], place, step)


def _of_covered(structure: NoteStructure, place: str, step: Step) -> Iterator[Problem]:
    covered = set(step.targets) & set(structure.liquidity.targets)
    if structure.liquidity.is_there and covered and step.kind in {StepKind.INTEREST, StepKind.FEE}:
        if not covered.issuperset(step.targets):
            message = f"The liquidity facility covers {' and '.join(sorted(covered))} and not the others: give them lines of their own."
            yield Problem("not_a_choice", f"{place}.target", message)
        if not _is_uncapped(step):
            yield Problem("not_a_cap", f"{place}.cap_amount", "What the liquidity facility covers cannot be capped.")


def _of_accruing(code: str, place: str, step: Step) -> Iterator[Problem]:
    if len(step.targets) > 1:
        yield Problem("not_a_choice", f"{place}.target", f"{code} accrues: its interest has a line of its own.")
    if step.when != ALWAYS:
        yield Problem("not_a_condition", f"{place}.when", f"{code} accrues: this line has no condition.")
    if not _is_uncapped(step):
        yield Problem("not_a_cap", f"{place}.cap_amount", f"{code} accrues: this line cannot be capped.")


def _cure(structure: NoteStructure, place: str, step: Step) -> Iterator[Problem]:
    if step.when.startswith(HOLDS):
        message = f"Circular: it cures {step.trigger}, yet is taken only while {step.trigger} holds."
        yield Problem("circular", f"{place}.when", message)
        return
    tests = {t.code for t in structure.triggers if t.kind in CURED}
    if step.trigger not in tests or step.kind != StepKind.PRINCIPAL or not step.target:
        message = "Only principal of named classes, paid while an OC or IC test is breached, cures it."
        yield Problem("not_a_cure", f"{place}.to_cure", message)


def _target(structure: NoteStructure, table: str, place: str, step: Step) -> Iterator[Problem]:
    if step.kind in SWAPS:
        yield from _swap(structure, table, place, step)
        return
    of_fees = step.kind == StepKind.FEE
    known = [each.code for each in structure.fees] if of_fees else [each.code for each in structure.classes]
    if of_fees:
        known += commitment_fees(structure)
    elif structure.liquidity.is_there and step.kind in {StepKind.INTEREST, StepKind.PRINCIPAL}:
        known.append(LIQUIDITY)
    if step.kind in {StepKind.RESERVE, StepKind.RESIDUAL}:
        if step.target:
            yield Problem("unknown", f"{place}.target", f"A {step.kind} step has no target, got {step.target!r}.")
        return
    if not step.target and step.kind != StepKind.PRINCIPAL:
        yield Problem("missing", f"{place}.target", f"This step needs a {'fee' if of_fees else 'class'} to pay.")
    named = (step.target,) if of_fees else step.targets
    yield from _unknown(f"{place}.target", named, known, "fee" if of_fees else "class")
    yield from _repeated_in(f"{place}.target", step.targets)
    if table == "principal_steps" and step.kind in {StepKind.FEE, StepKind.RESERVE, StepKind.LEDGER}:
        yield Problem("not_a_choice", f"{place}.kind", f"A {step.kind} step belongs to the interest steps.")


def _swap(structure: NoteStructure, table: str, place: str, step: Step) -> Iterator[Problem]:
    known = [each.code for each in structure.hedges if step.kind == StepKind.HEDGE or each.terminates]
    if not step.target:
        yield Problem("missing", f"{place}.target", "This step needs a hedge to pay.")
    yield from _unknown(
        f"{place}.target",
        step.targets,
        known,
        f"hedge with a {step.kind} payment of the issuer's" if step.kind == StepKind.TERMINATION else "hedge",
    )
    yield from _repeated_in(f"{place}.target", step.targets)
    if table == "principal_steps":
        yield Problem("not_a_choice", f"{place}.kind", f"A {step.kind} step belongs to the interest steps.")


def _repeated_in(place: str, codes: Sequence[str]) -> Iterator[Problem]:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Problem("duplicate", place, f"{code} is named twice.")


def _residuals(structure: NoteStructure) -> Iterator[Problem]:
    """What is left goes last, once, always; of income, and after enforcement, it must go."""
    enforced = bool(structure.enforcement_steps)
    for table, needed in (("interest_steps", True), ("principal_steps", False), ("enforcement_steps", enforced)):
        steps: Sequence[Step] = getattr(structure, table)
        places = [number for number, step in enumerate(steps) if step.kind == StepKind.RESIDUAL]
        if needed and not places:
            message = f"End the {table.partition('_')[0]} steps with a residual step."
            yield Problem("missing", table, message)
        for number in places:
            if number != len(steps) - 1:
                message = "The residual takes all that is left: it must be the last step."
                yield Problem("order", f"{table}.{number}", message)
            elif steps[number].when != ALWAYS:
                yield Problem("order", f"{table}.{number}.when", "The residual step has no condition.")


def _enforcement(structure: NoteStructure) -> Iterator[Problem]:
    """A trigger for good, and lines without conditions that pay everybody everything."""
    code, lines = structure.enforcement_trigger, structure.enforcement_steps
    if bool(code) != bool(lines):
        yield Problem("missing", "enforcement_steps", "Enforcement needs both: its trigger and its steps.")
    yield from _unknown("enforcement_trigger", [code], [t.code for t in structure.triggers], "trigger")
    if any(each.code == code and each.cures for each in structure.triggers):
        message = f"There is no way back from enforcement: {code} must be a trigger that is not cured."
        yield Problem("not_a_choice", "enforcement_trigger", message)
    for number, step in enumerate(lines):
        place = f"enforcement_steps.{number}"
        if step.when != ALWAYS:
            yield Problem("not_a_condition", f"{place}.when", "After enforcement a step has no condition.")
        if step.kind in {StepKind.RESERVE, StepKind.LEDGER, StepKind.PLANNED}:
            message = f"A {step.kind} step has no place after enforcement: all that is there is paid out by rank."
            yield Problem("not_a_choice", f"{place}.kind", message)
    repaid = [step for step in lines if step.kind == StepKind.PRINCIPAL and _is_uncapped(step)]
    if lines and all(step.target for step in repaid):
        named = {target for step in repaid for target in step.targets}
        for each in structure.classes:
            if each.code not in named:
                yield Problem(
                    "never_paid", "enforcement_steps", f"After enforcement no step repays {each.code} in full."
                )


def _is_uncapped(step: Step) -> bool:
    return step.cap_amount is None and step.cap_ratio is None


def _unknown(place: str, names: Sequence[str], known: Sequence[str], what: str) -> Iterator[Problem]:
    for name in names:
        if name and name not in known:
            yield Problem("unknown", place, f"No {what} is called {name!r}.")


# Pools


def _pool(content: Any) -> tuple[Pool | None, list[Problem]]:
    problems: list[Problem] = []
    rows = _read_table(problems, "loans", LOAN_FIELDS, content)
    if not _rows(content, "loans"):
        problems.append(Problem("missing", "loans", "Give at least one loan."))
    if problems:
        bad = {problem.place.split(".")[1] for problem in problems if "." in problem.place}
        sound = [(k, row) for k, row in enumerate(rows) if str(k) not in bad]
        return None, [*problems, *_loans_across(sound)]
    problems = list(_loans_across(list(enumerate(rows))))
    loans = tuple(Loan(**{**row, "amortisation": Amortisation(row["amortisation"])}) for row in rows)
    return Pool(loans), problems


def _loans_across(rows: Sequence[tuple[int, Row]]) -> Iterator[Problem]:
    """Faults within a loan and between loans; the first loan's currency is the pool's."""
    seen: set[str] = set()
    for number, row in rows:
        place, currency = f"loans.{number}", rows[0][1]["currency"]
        if row["code"] in seen:
            yield Problem("duplicate", f"{place}.code", f"{row['code']} is named twice.")
        seen.add(row["code"])
        if row["currency"] != currency:
            message = f"Currency: expected the pool's {currency}, got {row['currency']}."
            yield Problem("mixed_currencies", f"{place}.currency", message)
        yield from _schedule(f"{place}.schedule", row)


def _schedule(place: str, row: Row) -> Iterator[Problem]:
    schedule, months = row["schedule"], row["remaining_months"]
    if row["amortisation"] != Amortisation.SCHEDULE:
        if schedule:
            yield Problem("unknown", place, "Schedule: only a loan that amortises by a schedule has one.")
        return
    if not schedule or len(schedule) != months:
        yield Problem(
            "length", place, f"Schedule: expected a balance for each of {months} months, got {len(schedule or ())}."
        )
        return
    path = [row["balance_amount"], *schedule]
    for month in range(1, len(path)):
        if path[month] > path[month - 1]:
            yield Problem("order", f"{place}.{month - 1}", f"Schedule: the balance rises in month {month}.")
    if path[-1] != 0.0:
        yield Problem("order", f"{place}.{months - 1}", "Schedule: nothing may stand at the end of the last month.")


# Behaviour


def _behaviour(content: Any) -> tuple[Behaviour | None, list[Problem]]:
    problems: list[Problem] = []
    if not isinstance(content, Mapping):
        return None, [Problem("not_a_row", "", "Expected named values.")]
    values = _read(problems, "", BEHAVIOUR_FIELDS, {k: v for k, v in content.items() if k not in FIGURES})
    for name in FIGURES:
        values[name] = _figure(problems, name, str(values.get(f"{name}_kind")), content.get(name))
    if problems:
        return None, problems
    values["prepayment_kind"] = PrepaymentKind(values["prepayment_kind"])
    values["default_kind"] = DefaultKind(values["default_kind"])
    return Behaviour(**values), []


def _figure(problems: list[Problem], name: str, kind: str, raw: Any) -> Any:
    """A rate, a multiple, or the rates of a vector."""
    is_vector = kind == "vector"
    label, most = name.capitalize(), MOST_FIGURE.get(kind, 1.0)  # type: ignore[call-overload]
    spec = FieldSpec(
        name, label, FieldKind.NUMBERS if is_vector else _N, "rate", None if is_vector else 0.0,
        required=kind != "none", minimum=0, maximum=most,
    )  # fmt: skip
    if kind == "none":
        return 0.0
    value = _read(problems, "", (spec,), {name: raw})[name]
    if is_vector and value == ():
        problems.append(Problem("missing", name, f"{label}: give at least one rate."))
    return value
