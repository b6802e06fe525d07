"""One trade in three or more books: who agrees, what stands by priority, what by majority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.reconciliation.records import Record, shown
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import Verdict

COMPARED = ("price", "quantity")
WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True)
class Row:
    """One trade: every side's value by field, the proposals, and what is said of them."""

    name: str
    verdict: Verdict
    detail: str
    values: Mapping[str, Mapping[str, Decimal | None]]
    by_priority: Mapping[str, Decimal | None]
    by_majority: Mapping[str, Decimal | None]

    @property
    def asks(self) -> bool:
        """True where priority and majority propose different values: a person decides."""
        return any(self.by_majority[f] is not None and self.by_majority[f] != self.by_priority[f] for f in self.values)


def reconcile_nway(sides: Mapping[str, Sequence[Record]], terms: Terms) -> list[Row]:
    """One row for every trade of any side, in order of their names."""
    books = {side: {each.text("trade_id") or each.id: each for each in records} for side, records in sides.items()}
    names = sorted({name for book in books.values() for name in book})
    return [_row(name, {side: book.get(name) for side, book in books.items()}, terms) for name in names]


def _row(name: str, records: Mapping[str, Record | None], terms: Terms) -> Row:
    values = {field: {side: _value(record, field) for side, record in records.items()} for field in COMPARED}
    priority = {field: _by_priority(values[field], terms.priority) for field in COMPARED}
    majority = {field: _by_majority(values[field]) for field in COMPARED}
    missing = [side for side, record in records.items() if record is None]
    said = [_disagreement(f, values[f], priority[f], majority[f], in_short=bool(missing)) for f in COMPARED]
    told = [each for each in said if each]
    if missing:
        detail = "; and ".join([", ".join(missing), *told])
        return Row(name, Verdict.NWAY_MISSING, detail, values, priority, majority)
    verdict = Verdict.NWAY_DISAGREEMENT if told else Verdict.AGREE
    return Row(name, verdict, "; ".join(told), values, priority, majority)


def _value(record: Record | None, field: str) -> Decimal | None:
    value = record.get(field) if record else None
    return value if isinstance(value, Decimal) else None


def _by_priority(values: Mapping[str, Decimal | None], order: Sequence[str]) -> Decimal | None:
    ranked = [*order, *(side for side in values if side not in order)]
    return next((values[side] for side in ranked if values.get(side) is not None), None)


def _by_majority(values: Mapping[str, Decimal | None]) -> Decimal | None:
    """The value that more than half of those who say one say."""
    said = [value for value in values.values() if value is not None]
    return next((value for value in said if 2 * said.count(value) > len(said)), None)


def _disagreement(
    field: str,
    values: Mapping[str, Decimal | None],
    priority: Decimal | None,
    majority: Decimal | None,
    *,
    in_short: bool,
) -> str:
    camps: dict[Decimal, list[str]] = {}
    for side, value in values.items():
        if value is not None:
            camps.setdefault(value, []).append(side)
    if len(camps) < 2:
        return ""
    if in_short and all(len(camp) == 1 for camp in camps.values()):
        return f"{field} differs between {' and '.join(side for camp in camps.values() for side in camp)}"
    detail = f"{field}: {_camps(list(camps.values()))}"
    if majority is not None and majority != priority:
        first = next(side for side, value in values.items() if value == priority)
        detail += f"; priority takes the {first}, majority does not: show both, ask"
    return detail


def _camps(camps: Sequence[Sequence[str]]) -> str:
    if all(len(camp) == 1 for camp in camps):
        return f"{WORDS.get(len(camps), str(len(camps)))} values"
    ordered = sorted(camps, key=len, reverse=True)
    return ", ".join(f"{' and '.join(camp)} {'agree' if len(camp) > 1 else 'differs'}" for camp in ordered)


def as_text(value: Decimal | None) -> str:
    """The value as text; empty where there is none."""
    return "" if value is None else shown(value)
