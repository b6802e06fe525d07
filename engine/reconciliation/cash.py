"""Expected movements against the lines of statements: reference first, then amount and date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from engine.reconciliation.candidates import components, split
from engine.reconciliation.comparing import day_difference
from engine.reconciliation.records import Record, Value, shown
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import Difference, Group, Verdict, Weight, pair, verdict_of

PART = re.compile(r"\b(part|partial|instal\w*|teil\w*)\b", re.IGNORECASE)
TOKEN = re.compile(r"[\w./-]+")
SAME_LINE = ("account", "currency", "booking_date", "value_date", "amount", "text")


def statement_problems(
    lines: Sequence[Record], balances: Mapping[str, tuple[Decimal, Decimal]]
) -> list[tuple[str, str]]:
    """Currency and sentence of every balance that does not hold: opening and lines make the closing balance."""
    sums: dict[str, Decimal] = dict.fromkeys(balances, Decimal(0))
    for line in lines:
        sums[line.text("currency")] = sums.get(line.text("currency"), Decimal(0)) + line.number("amount")
    found = []
    for currency, total in sums.items():
        if currency not in balances:
            found.append((currency, f"{currency}: there are lines, but no balance."))
        elif balances[currency][0] + total != balances[currency][1]:
            opening, closing = balances[currency]
            found.append(
                (
                    currency,
                    f"{currency}: {opening} and lines of {total} make {opening + total}, the statement says {closing}.",
                )
            )
    return found


def reconcile_cash(internal: Sequence[Record], external: Sequence[Record], terms: Terms) -> list[Group]:
    """One group for every movement and line."""
    groups, lines = _without_duplicates(internal, external)
    known = {each.text("reference") for each in internal if each.text("reference")}
    edges = [(name, line.id) for line in lines for name in _references(line, known)]
    by_id, by_reference = {each.id: each for each in lines}, _by_reference(internal)
    done = set[str]()
    for names, ids in components(edges):
        movements = [each for name in names for each in by_reference[name]]
        groups += _referenced(movements, [by_id[n] for n in ids], terms)
        done.update(ids, (each.id for each in movements))
    left, open_ = [e for e in internal if e.id not in done], [e for e in lines if e.id not in done]
    found = _by_amount(left, open_, terms)
    groups += found
    done = {name for group in found for name in (*group.internal, *group.external)}
    groups += [Group(Verdict.MISSING_EXTERNAL, internal=(e.id,)) for e in left if e.id not in done]
    groups += [Group(Verdict.MISSING_INTERNAL, external=(e.id,)) for e in open_ if e.id not in done]
    return groups


def _references(line: Record, known: set[str]) -> list[str]:
    tokens = {line.text("reference"), *TOKEN.findall(line.text("text"))}
    return sorted(tokens & known)


def _by_reference(internal: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for each in internal:
        found.setdefault(each.text("reference"), []).append(each)
    return found


def _without_duplicates(internal: Sequence[Record], external: Sequence[Record]) -> tuple[list[Group], list[Record]]:
    """A line said twice counts once, unless we expect its amount as often."""
    expected: dict[tuple[str, Value | None], int] = {}
    for each in internal:
        key = (each.text("currency"), each.get("amount"))
        expected[key] = expected.get(key, 0) + 1
    seen: dict[tuple[Value | None, ...], list[Record]] = {}
    groups, kept = [], []
    for line in external:
        same = seen.setdefault(tuple(line.get(name) for name in SAME_LINE), [])
        if same and len(same) >= expected.get((line.text("currency"), line.get("amount")), 1):
            groups.append(Group(Verdict.DUPLICATE, external=(line.id,), paired_by=f"the same line as {same[0].id}"))
        else:
            same.append(line)
            kept.append(line)
    return groups, kept


def _referenced(movements: Sequence[Record], lines: Sequence[Record], terms: Terms) -> list[Group]:
    """Groups of what bears one reference."""
    if len(movements) == len(lines) == 1:
        return [_one_to_one(movements[0], lines[0], terms)]
    if len(lines) == 1 or len(movements) == 1 or len({e.text("reference") for e in movements}) == 1:
        return [_sums(movements, lines, terms)]
    return [_sums(movements, lines, terms, note="one line names several references")]


def _one_to_one(movement: Record, line: Record, terms: Terms) -> Group:
    if movement.text("currency") != line.text("currency"):
        return _converted(movement, line, terms)
    found = [_amount(movement.number("amount"), line, terms.tolerances.cash_abs, terms), _date(movement, line, terms)]
    return pair(movement.id, line.id, [each for each in found if each], "reference")


def _converted(movement: Record, line: Record, terms: Terms) -> Group:
    """A payment in another currency at the day's rate."""
    base, quote = movement.text("currency"), line.text("currency")
    rate, paid = terms.fx_rate(base, quote), line.number("amount")
    expected = movement.number("amount") * rate if rate else None
    said = ("amount", f"{base} {movement.text('amount')}", f"{quote} {line.text('amount')}")
    date = _date(movement, line, terms)
    if expected is None or rate is None:
        differences = [Difference(*said, "FX_RATE_BREAK", Weight.ERROR, f"no rate of {base}{quote} is known")]
    elif abs(paid - expected) <= terms.tolerances.fx_tolerance(expected):
        differences = [Difference(*said, "FX", Weight.INFO, f"at {shown(rate.normalize())}")]
    else:
        implied = paid / movement.number("amount")
        size = f"{abs(implied / rate - 1) * 10_000:.4f} bp of the rate: {implied:.4f} for {rate:.4f}"
        differences = [Difference(*said, "FX_RATE_BREAK", Weight.ERROR, size)]
    found = [*differences, *([date] if date else [])]
    verdict = Verdict.BREAK if any(each.weight is Weight.ERROR for each in found) else Verdict.FX
    return Group(verdict, (movement.id,), (line.id,), "reference", tuple(found))


def _sums(movements: Sequence[Record], lines: Sequence[Record], terms: Terms, note: str = "") -> Group:
    """Several movements paid net, accruals against one payment, or one movement paid in parts."""
    is_accrual = any(each.text("basis") == "accrual" for each in movements)
    allowed = terms.tolerances.accrual_abs_a_line * len(movements) if is_accrual else terms.tolerances.cash_abs
    total = sum((each.number("amount") for each in movements), Decimal(0))
    paid = sum((each.number("amount") for each in lines), Decimal(0))
    found = _amount_of(total, paid, allowed, any(PART.search(each.text("text")) for each in lines), terms)
    differences = [found] if found else []
    if len({each.text("currency") for each in (*movements, *lines)}) > 1:
        names = "/".join(sorted({each.text("currency") for each in (*movements, *lines)}))
        differences = [
            Difference("currency", names, names, "OTHER", Weight.ERROR, "several currencies under one reference")
        ]
    if not is_accrual:
        dated = [_date(one, other, terms) for one in movements for other in lines]
        differences += list({(d.internal, d.external): d for d in dated if d}.values())
    is_broken = any(each.weight is Weight.ERROR for each in differences)
    ids, others = tuple(each.id for each in movements), tuple(each.id for each in lines)
    return Group(Verdict.BREAK if is_broken else Verdict.GROUP, ids, others, "reference", tuple(differences), note)


def _amount(expected: Decimal, line: Record, allowed: Decimal, terms: Terms) -> Difference | None:
    return _amount_of(expected, line.number("amount"), allowed, bool(PART.search(line.text("text"))), terms)


def _amount_of(expected: Decimal, paid: Decimal, allowed: Decimal, is_part: bool, terms: Terms) -> Difference | None:
    """Two amounts: near, of the other sign, a part, or plainly different."""
    if expected == paid:
        return None
    size = shown(abs(paid - expected))
    said = ("amount", shown(expected), shown(paid))
    if abs(paid - expected) <= allowed:
        return Difference(*said, "TOLERANCE", Weight.INFO, size)
    if abs(paid + expected) <= allowed:
        return Difference(*said, "SIGN_BREAK", Weight.ERROR, size, ("opposite sign",))
    share = paid / expected if expected else Decimal(0)
    if 0 < share < 1 and (is_part or share < terms.tolerances.partial_below_ratio):
        return Difference(*said, "PARTIAL_PAYMENT", Weight.ERROR, f"{share:.1%} paid")
    return Difference(*said, "AMOUNT_BREAK", Weight.ERROR, size)


def _date(movement: Record, line: Record, terms: Terms) -> Difference | None:
    one, other = movement.day("value_date"), line.day("value_date")
    if one is None or other is None:
        return None
    return day_difference("value_date", one, other, terms.tolerances.temporal_business_days, terms.holidays)


def _by_amount(left: Sequence[Record], open_: Sequence[Record], terms: Terms) -> list[Group]:
    """Lines without a reference of ours, by amount and date; then nets, where one sum fits."""
    lines: dict[tuple[str, Decimal], list[Record]] = {}
    for line in open_:
        lines.setdefault((line.text("currency"), _cents(line)), []).append(line)
    near = (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
    edges = [
        (one.id, line.id)
        for one in left
        for step in near
        for line in lines.get((one.text("currency"), _cents(one) + step), ())
        if not any(d.weight is Weight.ERROR for d in _pair_differences(one, line, terms))
    ]
    ours, theirs = {each.id: each for each in left}, {each.id: each for each in open_}
    groups = [_amount_group([ours[n] for n in a], [theirs[n] for n in b], terms) for a, b in components(edges)]
    done = {name for group in groups for name in (*group.internal, *group.external)}
    rest = [each for each in left if each.id not in done]
    return [*groups, *_nets(rest, [each for each in open_ if each.id not in done], terms)]


def _cents(record: Record) -> Decimal:
    return record.number("amount").quantize(Decimal("0.01"))


def _pair_differences(one: Record, line: Record, terms: Terms) -> list[Difference]:
    found = (_amount(one.number("amount"), line, terms.tolerances.cash_abs, terms), _date(one, line, terms))
    return [each for each in found if each]


def _amount_group(movements: Sequence[Record], lines: Sequence[Record], terms: Terms) -> Group:
    if len(movements) == len(lines) == 1:
        found = _pair_differences(movements[0], lines[0], terms)
        return Group(
            verdict_of(found, is_derived=True), (movements[0].id,), (lines[0].id,), "amount and date", tuple(found)
        )
    ids, others = tuple(each.id for each in movements), tuple(each.id for each in lines)
    return Group(Verdict.AMBIGUOUS, ids, others, note="several equal amounts, none with a reference")


def _nets(left: Sequence[Record], open_: Sequence[Record], terms: Terms) -> list[Group]:
    """Movements of one currency and day that add up to a line in exactly one way."""
    groups: list[Group] = []
    keys = dict.fromkeys((line.text("currency"), line.day("value_date")) for line in open_)
    for currency, day in keys:
        lines = [e for e in open_ if (e.text("currency"), e.day("value_date")) == (currency, day)]
        parts = [e for e in left if (e.text("currency"), e.day("value_date")) == (currency, day)]
        if not 1 < len(parts) <= terms.tolerances.most_lines:
            continue
        found = split(
            [e.number("amount") for e in lines], [e.number("amount") for e in parts], lambda _, chosen: len(chosen) > 1
        )
        groups += _net_groups(found.parts_of, found.is_certain, parts, lines, found.note)
    return groups


def _net_groups(
    parts_of: Mapping[int, tuple[int, ...]],
    is_certain: bool,
    parts: Sequence[Record],
    lines: Sequence[Record],
    note: str,
) -> list[Group]:
    if is_certain:
        return [
            Group(Verdict.GROUP, tuple(parts[p].id for p in chosen), (lines[n].id,), "the one split that adds up")
            for n, chosen in parts_of.items()
        ]
    chosen = sorted({part for found in parts_of.values() for part in found})
    return (
        [Group(Verdict.AMBIGUOUS, tuple(parts[p].id for p in chosen), tuple(lines[n].id for n in parts_of), note=note)]
        if chosen
        else []
    )
