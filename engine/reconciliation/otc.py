"""Trades of the OTC book against the counterparties' messages: paired by name first, compared second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine.reconciliation.candidates import components
from engine.reconciliation.comparing import (
    agreed_later,
    day_difference,
    name_difference,
    number_difference,
    one_sided_difference,
    plain_difference,
)
from engine.reconciliation.names import similarity
from engine.reconciliation.records import FX_PRODUCTS, OPEN_TERMS, OTC_FIELDS, Record, Value, open_terms
from engine.reconciliation.terms import BASIS_POINT, Terms
from engine.reconciliation.verdicts import Difference, Group, Verdict, Weight, pair

IDENTIFIERS = ("uti", "trade_id", "their_id")
COMPARED = tuple(name for name in OTC_FIELDS if name not in {*IDENTIFIERS, OPEN_TERMS})
TURNED_SIDE = {"BUY": "SELL", "SELL": "BUY"}
TURNED_OPTION = {"CALL": "PUT", "PUT": "CALL"}
Key = Callable[[Record], str]


def _uti(record: Record) -> str:
    return record.text("uti").strip().upper()


def _ours(record: Record) -> str:
    name = record.text("trade_id").strip()
    return f"{record.text('counterparty')}|{name}" if name else ""


def _theirs(record: Record) -> str:
    name = record.text("their_id").strip()
    return f"{record.text('counterparty')}|{name}" if name else ""


ORDER: tuple[tuple[str, Key], ...] = (("UTI", _uti), ("trade id", _ours), ("their id", _theirs))


def reconcile_otc(internal: Sequence[Record], external: Sequence[Record], terms: Terms) -> list[Group]:
    """One group for every record of both sides, in the order of the books."""
    groups, live = _without_duplicates(external)
    left, right = list(internal), live
    for by, key in ORDER:
        found, left, right = _paired(left, right, by, key, terms)
        groups += found
    found, left, right = _without_counterparty(left, right, terms)
    groups += found
    found, left, right = _derived(left, right, terms)
    groups += found
    groups += [Group(Verdict.MISSING_EXTERNAL, internal=(each.id,)) for each in left]
    groups += [Group(Verdict.MISSING_INTERNAL, external=(each.id,)) for each in right]
    return groups


def compare_otc(internal: Record, external: Record, terms: Terms) -> list[Difference]:
    """Every field of two records that is not the same; a pair quoted the other way round is turned before."""
    external = turned_like(internal, external)
    found = (_difference(name, internal.get(name), external.get(name), internal, terms) for name in COMPARED)
    return [each for each in found if each]


def turned_like(internal: Record, external: Record) -> Record:
    """The external record of a currency pair, quoted as ours is."""
    pair_ = (internal.get("currency"), internal.get("currency2"))
    is_turned = internal.text("product") in FX_PRODUCTS and pair_ == (
        external.get("currency2"),
        external.get("currency"),
    )
    return turned(external) if is_turned and pair_[0] != pair_[1] else external


def turned(record: Record) -> Record:
    """The record of a currency pair, quoted the other way round: side, amounts, one over the rate."""
    values = dict(record.values)
    for one, other in (("currency", "currency2"), ("notional", "notional2")):
        values[one], values[other] = record.values[other], record.values[one]
    if rate := record.number("rate"):
        values["rate"] = 1 / rate
    if record.text("product") == "fxOption":
        values["option_type"] = TURNED_OPTION.get(record.text("option_type"), record.text("option_type"))
    else:
        values["side"] = TURNED_SIDE.get(record.text("side"), record.text("side"))
    return replace(record, values=values)


def _without_duplicates(external: Sequence[Record]) -> tuple[list[Group], list[Record]]:
    """Messages that say again what another said, and the rest."""
    first: dict[tuple[str, ...], Record] = {}
    groups, live = [], []
    for record in external:
        names = tuple(key(record) for _, key in ORDER)
        same = first.get(names) if any(names) else None
        if same and _economics(same) == _economics(record):
            by = f"same identifier and economics as {same.id}"
            groups.append(Group(Verdict.DUPLICATE, external=(record.id,), paired_by=by))
        else:
            first.setdefault(names, record)
            live.append(record)
    return groups, live


def _economics(record: Record) -> dict[str, Value]:
    return {name: value for name, value in record.values.items() if name in COMPARED}


def _paired(
    left: list[Record], right: list[Record], by: str, key: Key, terms: Terms
) -> tuple[list[Group], list[Record], list[Record]]:
    """The groups of records under one name; more than one on a side is for a person to decide."""
    ours, theirs = _by_key(left, key), _by_key(right, key)
    groups, done = [], set[str]()
    for name in ours.keys() & theirs.keys():
        mine, other = ours[name], theirs[name]
        done.update(each.id for each in (*mine, *other))
        if len(mine) == len(other) == 1:
            groups.append(pair(mine[0].id, other[0].id, compare_otc(mine[0], other[0], terms), by))
        else:
            groups.append(_ambiguous(mine, other, f"several records with one {by}"))
    order = {each.id: number for number, each in enumerate(left)}
    groups.sort(key=lambda group: order[group.internal[0]])
    return groups, _rest(left, done), _rest(right, done)


def _without_counterparty(
    left: list[Record], right: list[Record], terms: Terms
) -> tuple[list[Group], list[Record], list[Record]]:
    """Our trades whose counterparty the confirmation names first, by our id alone."""
    waiting = [each for each in left if "counterparty" in open_terms(each)]
    groups, _, right = _paired(waiting, right, "trade id", lambda each: each.text("trade_id").strip(), terms)
    return groups, _rest(left, {name for group in groups for name in group.internal}), right


def _by_key(records: Iterable[Record], key: Key) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        if name := key(record):
            found.setdefault(name, []).append(record)
    return found


def _derived(left: list[Record], right: list[Record], terms: Terms) -> tuple[list[Group], list[Record], list[Record]]:
    """Pairs without a common name, where each is the other's one candidate; several candidates are ambiguous."""
    by_key: dict[tuple[Value | None, ...], list[Record]] = {}
    for record in right:
        by_key.setdefault(_derived_key(record), []).append(record)
    edges = [
        (one.id, other.id)
        for one in left
        for key in _derived_keys(one)
        for other in by_key.get(key, ())
        if not any(each.weight is Weight.ERROR for each in compare_otc(one, other, terms))
    ]
    records = {each.id: each for each in (*left, *right)}
    groups = [_derived_group([records[n] for n in a], [records[n] for n in b], terms) for a, b in components(edges)]
    done = {name for group in groups for name in (*group.internal, *group.external)}
    return groups, _rest(left, done), _rest(right, done)


def _derived_group(mine: list[Record], other: list[Record], terms: Terms) -> Group:
    if len(mine) == len(other) == 1:
        found = compare_otc(mine[0], other[0], terms)
        return pair(mine[0].id, other[0].id, found, "derived key", is_derived=True)
    return _ambiguous(mine, other, "several candidates on a side, none with an identifier")


def _derived_key(record: Record) -> tuple[Value | None, ...]:
    """What must be the same before economics are looked at; dates and amounts have tolerances of their own."""
    return tuple(
        record.get(name)
        for name in ("product", "counterparty", "side", "option_type", "currency", "currency2", "trade_date")
    )


def _derived_keys(record: Record) -> list[tuple[Value | None, ...]]:
    is_pair = record.text("product") in FX_PRODUCTS and "currency2" in record.values
    return [_derived_key(record), _derived_key(turned(record))] if is_pair else [_derived_key(record)]


def _ambiguous(mine: Sequence[Record], other: Sequence[Record], note: str) -> Group:
    return Group(Verdict.AMBIGUOUS, tuple(each.id for each in mine), tuple(each.id for each in other), note=note)


def _rest(records: list[Record], done: set[str]) -> list[Record]:
    return [each for each in records if each.id not in done]


def _difference(name: str, one: Value | None, other: Value | None, record: Record, terms: Terms) -> Difference | None:
    if one is None and other is not None and name in open_terms(record):
        return agreed_later(name, other)
    if one is None or other is None:
        return None if one is other else one_sided_difference(name, one, other)
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return _number_difference(name, one, other, record, terms)
    if isinstance(one, date) and isinstance(other, date):
        return day_difference(name, one, other, _days_allowed(name, record, terms), terms.holidays)
    if name == "reference_entity":
        return name_difference(name, str(one), str(other), terms.tolerances.name_similarity, similarity)
    return plain_difference(name, one, other)


def _days_allowed(name: str, record: Record, terms: Terms) -> int:
    is_value_date = name == "maturity_date" and record.text("product") in FX_PRODUCTS
    return terms.tolerances.temporal_business_days if is_value_date or name == "premium_date" else 0


def _number_difference(name: str, one: Decimal, other: Decimal, record: Record, terms: Terms) -> Difference | None:
    allowed = terms.tolerances
    if name == "rate" and record.text("product") in FX_PRODUCTS:
        return number_difference(name, one, other, allowed.fx_rate_relative * abs(one), "PRICE_BREAK", _of_the_rate)
    limit, type_, size = {
        "rate": (allowed.rate_abs, "PRICE_BREAK", _bps),
        "spread": (allowed.spread_abs, "PRICE_BREAK", _bps),
        "notional": (allowed.notional_abs, "QTY_BREAK", None),
        "notional2": (allowed.notional_abs, "QTY_BREAK", None),
        "premium": (allowed.premium_abs, "PRICE_BREAK", None),
        "price": (allowed.price_abs, "PRICE_BREAK", None),
        "initial_index": (allowed.index_level_abs, "PRICE_BREAK", None),
    }[name]
    return number_difference(name, one, other, limit, type_, size)


def _bps(one: Decimal, other: Decimal) -> str:
    return f"{abs(other - one) / BASIS_POINT:.4f} bp"


def _of_the_rate(one: Decimal, other: Decimal) -> str:
    return f"{abs(other - one) / abs(one) / BASIS_POINT:.4f} bp of the rate" if one else "no rate here"
