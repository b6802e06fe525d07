"""Listed trades against reports and allocations: what is live, one to one, many to one, positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from engine.reconciliation.candidates import split
from engine.reconciliation.comparing import day_difference, number_difference, plain_difference
from engine.reconciliation.hints import hours_hint
from engine.reconciliation.records import Record, Value
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import Difference, Group, Verdict, Weight, pair, verdict_of

PLAIN = ("account", "symbol", "exchange", "expiry", "side", "currency")
ECONOMICS = ("trade_id", "sub_account", *PLAIN, "quantity", "price", "trade_date", "settle_date", "exec_time_utc")
DERIVED_KEY = ("account", "symbol", "expiry", "side", "trade_date")
CANCEL, REPLACE = "CANCEL", "REPLACE"


def reconcile_listed(internal: Sequence[Record], external: Sequence[Record], terms: Terms) -> list[Group]:
    """One group for every record of both sides; reports that no longer count stand aside."""
    known = {each.text("trade_id"): each for each in internal if each.text("trade_id")}
    groups, live = live_reports(external, known)
    by_name: dict[str, list[Record]] = {}
    for report in live:
        by_name.setdefault(report.text("trade_id"), []).append(report)
    left, found = [], []
    for trade in internal:
        reports = by_name.pop(trade.text("trade_id"), []) if trade.text("trade_id") else []
        if reports:
            found.append(compare_group(trade, reports, terms, "trade id"))
        else:
            left.append(trade)
    open_ = [report for reports in by_name.values() for report in reports]
    more, left, open_ = _derived(left, open_, terms)
    groups += [*found, *more]
    groups += [Group(Verdict.MISSING_EXTERNAL, internal=(each.id,)) for each in left]
    groups += [Group(Verdict.MISSING_INTERNAL, external=(each.id,)) for each in open_]
    return groups


def compare_listed(internal: Record, external: Record, terms: Terms) -> list[Difference]:
    """Every field that both sides say and say differently."""
    found = [_plain(name, internal, external) for name in PLAIN]
    found.append(_quantity(internal.number("quantity"), external.number("quantity"), terms))
    found.append(
        price_difference(internal, external.number("price"), terms) if external.get("price") is not None else None
    )
    for name, days in (("trade_date", 0), ("settle_date", terms.tolerances.settle_business_days)):
        one, other = internal.day(name), external.day(name)
        found.append(day_difference(name, one, other, days, terms.holidays) if one and other else None)
    found.append(_time_difference(internal.get("exec_time_utc"), external.get("exec_time_utc"), terms))
    return [each for each in found if each]


def compare_group(trade: Record, reports: Sequence[Record], terms: Terms, by: str) -> Group:
    """One trade and the reports that bear its name: a pair, or parts that must add up."""
    if len(reports) == 1:
        return pair(trade.id, reports[0].id, compare_listed(trade, reports[0], terms), by)
    differences = group_differences(trade, reports, terms)
    is_broken = any(each.weight is Weight.ERROR for each in differences)
    verdict = Verdict.BREAK if is_broken else Verdict.GROUP
    return Group(verdict, (trade.id,), tuple(each.id for each in reports), by, tuple(differences))


def group_differences(trade: Record, reports: Sequence[Record], terms: Terms) -> list[Difference]:
    """What differs between a trade and parts of it: their quantities add up exactly, their average price is near."""
    total = sum((each.number("quantity") for each in reports), Decimal(0))
    found = [_plain(name, trade, each) for each in reports for name in PLAIN if name != "account"]
    found.append(number_difference("quantity", trade.number("quantity"), total, Decimal(0), "QTY_BREAK"))
    found.append(price_difference(trade, average_price(reports), terms))
    return list({(each.field, each.external): each for each in found if each}.values())


def average_price(reports: Sequence[Record]) -> Decimal:
    """The price weighted by quantity."""
    total = sum((each.number("quantity") for each in reports), Decimal(0))
    paid = sum((each.number("quantity") * each.number("price") for each in reports), Decimal(0))
    return paid / total if total else Decimal(0)


def price_difference(trade: Record, other: Decimal, terms: Terms, name: str = "price") -> Difference | None:
    """Two prices in ticks of the product, or absolute where the product is not known."""
    one, tick, allowed = trade.number(name), terms.tick(trade.text("symbol")), terms.tolerances
    if tick is None:
        return number_difference(name, one, other, allowed.price_abs, "PRICE_BREAK")

    def ticks(first: Decimal, second: Decimal) -> str:
        return f"{_plain_number(abs(second - first) / tick)} ticks"

    return number_difference(name, one, other, allowed.price_ticks * tick, "PRICE_BREAK", ticks)


@dataclass(slots=True)
class _Reports:
    """Reports as they came in: which count, which stand aside and why."""

    known: dict[str, Record]
    groups: list[Group] = field(default_factory=list)
    live: dict[str, Record] = field(default_factory=dict)

    def aside(self, report: Record, verdict: Verdict, by: str = "") -> None:
        trade = self.known.get(report.text("trade_id"))
        refers_to = (trade.id,) if trade and verdict in {Verdict.DUPLICATE, Verdict.REPLACED} else ()
        self.groups.append(Group(verdict, external=(report.id,), paired_by=by, refers_to=refers_to))

    def take(self, report: Record) -> None:
        """The report counts, takes another back, or says again what one said."""
        kind, target = report.text("transaction"), self.live.get(_report_name(report, "ref"))
        if kind in {CANCEL, REPLACE} and target is not None:
            del self.live[_report_name(report, "ref")]
            self.aside(
                target,
                Verdict.CANCELLED if kind == CANCEL else Verdict.REPLACED,
                f"by report {report.text('report_id')}",
            )
        if kind == CANCEL:
            self.aside(report, Verdict.CANCEL_APPLIED, "" if target else "cancels a report that never came")
        elif same := next((each for each in self.live.values() if _same(each, report)), None):
            self.aside(report, Verdict.DUPLICATE, f"same trade and economics as {same.id}")
        else:
            self.live[_report_name(report, "report_id") or report.id] = report


def live_reports(external: Iterable[Record], known: dict[str, Record]) -> tuple[list[Group], list[Record]]:
    """Groups for reports that no longer count, and the reports that do; corrections may stand before what they correct."""
    reports = sorted(external, key=lambda each: each.text("transaction") in {CANCEL, REPLACE})
    plain = [each for each in reports if each.text("transaction") not in {CANCEL, REPLACE}]
    book = _Reports(known)
    seen: dict[tuple[Value | None, ...], Record] = {}
    for report in plain:
        _take_plain(book, report, seen)
    for report in _in_order(reports[len(plain) :]):
        book.take(report)
    return book.groups, list(book.live.values())


def _take_plain(book: _Reports, report: Record, seen: dict[tuple[Value | None, ...], Record]) -> None:
    """Plain reports by the thousand: a repeated one is found by its economics, not by looking through all."""
    key = tuple(report.get(name) for name in ECONOMICS)
    same = seen.get(key) if report.text("trade_id") and report.text("report_id") else None
    if same:
        book.aside(report, Verdict.DUPLICATE, f"same trade and economics as {same.id}")
    else:
        seen[key] = report
        name = _report_name(report, "report_id")
        book.live[name if name and name not in book.live else report.id] = report


def _in_order(corrections: Sequence[Record]) -> list[Record]:
    """Corrections of corrections after what they correct."""
    names = {each.text("report_id"): each for each in corrections}

    def depth(each: Record, seen: int = 0) -> int:
        before = names.get(each.text("ref"))
        return 1 + depth(before, seen + 1) if before and seen < len(corrections) else 0

    return sorted(corrections, key=depth)


def _report_name(report: Record, name: str) -> str:
    return report.text(name).strip()


def _same(one: Record, other: Record) -> bool:
    return bool(one.text("trade_id")) and all(one.get(name) == other.get(name) for name in ECONOMICS)


def _derived(left: list[Record], open_: list[Record], terms: Terms) -> tuple[list[Group], list[Record], list[Record]]:
    """Reports without a name of ours, by account, contract, side and day: the one split that fits."""
    groups: list[Group] = []
    for trades, reports in _buckets(left, open_).values():
        if trades and reports:
            groups += _derived_groups(trades, reports, terms)
    done = {name for group in groups for name in (*group.internal, *group.external)}
    return groups, [e for e in left if e.id not in done], [e for e in open_ if e.id not in done]


def _buckets(
    left: Sequence[Record], open_: Sequence[Record]
) -> dict[tuple[Value | None, ...], tuple[list[Record], list[Record]]]:
    """Records by key; where reports name no account of ours, the account is no part of it."""
    names = DERIVED_KEY if all(each.get("account") is not None for each in open_) else DERIVED_KEY[1:]
    found: dict[tuple[Value | None, ...], tuple[list[Record], list[Record]]] = {}
    for side, records in enumerate((left, open_)):
        for each in records:
            found.setdefault(tuple(each.get(name) for name in names), ([], []))[side].append(each)
    return found


def _derived_groups(trades: list[Record], reports: list[Record], terms: Terms) -> list[Group]:
    """Groups of one bucket; nothing where no sum fits, unless both sides have one record and it bears no name."""
    most = terms.tolerances.most_lines
    if max(len(reports), len(trades)) > most:
        # Names that we do not know are other trades, rather than parts of ours.
        reports = [each for each in reports if not each.text("trade_id")]
        note = f"more than {most} lines under one key: a person decides"
        return [_ambiguous(trades, reports, note)] if reports else []

    def fits(whole: int, parts: tuple[int, ...]) -> bool:
        chosen = [reports[n] for n in parts]
        return not any(d.weight is Weight.ERROR for d in group_differences(trades[whole], chosen, terms))

    quantities = [each.number("quantity") for each in reports]
    found = split([each.number("quantity") for each in trades], quantities, fits)
    if not found.is_certain and found.parts_of:
        parts = sorted({part for parts in found.parts_of.values() for part in parts})
        return [_ambiguous([trades[n] for n in found.parts_of], [reports[n] for n in parts], found.note)]
    if not found.parts_of and len(trades) == len(reports) == 1 and not reports[0].text("trade_id"):
        differences = compare_listed(trades[0], reports[0], terms)
        return [pair(trades[0].id, reports[0].id, differences, "derived key", is_derived=True)]
    return [_derived_group(trades[n], [reports[p] for p in parts], terms) for n, parts in found.parts_of.items()]


def _derived_group(trade: Record, reports: list[Record], terms: Terms) -> Group:
    if len(reports) == 1:
        found = compare_listed(trade, reports[0], terms)
        return pair(trade.id, reports[0].id, found, "derived key", is_derived=True)
    return compare_group(trade, reports, terms, "the one split that adds up")


def _ambiguous(trades: Sequence[Record], reports: Sequence[Record], note: str) -> Group:
    return Group(Verdict.AMBIGUOUS, tuple(e.id for e in trades), tuple(e.id for e in reports), note=note)


def _plain(name: str, internal: Record, external: Record) -> Difference | None:
    one, other = internal.get(name), external.get(name)
    return plain_difference(name, one, other) if one is not None and other is not None else None


def _quantity(one: Decimal, other: Decimal, terms: Terms) -> Difference | None:
    return number_difference("quantity", one, other, terms.tolerances.quantity_abs, "QTY_BREAK")


def _time_difference(one: Value | None, other: Value | None, terms: Terms) -> Difference | None:
    """Two clocks: never a break by itself."""
    if not isinstance(one, datetime) or not isinstance(other, datetime) or one == other:
        return None
    seconds = int(abs((other - one).total_seconds()))
    said = ("exec_time_utc", one.isoformat(), other.isoformat())
    if seconds <= terms.tolerances.exec_seconds:
        return Difference(*said, "TEMPORAL", Weight.INFO, f"{seconds} s")
    return Difference(*said, "OTHER", Weight.WARNING, f"{seconds} s", hours_hint(seconds))


def _plain_number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def net_positions(trades: Iterable[Record], prices: dict[tuple[str, str], Decimal]) -> list[Record]:
    """Our net of trades by account, symbol and expiry, with its settlement price where one is known."""
    nets: dict[tuple[str, str, str], Decimal] = {}
    for each in trades:
        key = (each.text("account"), each.text("symbol"), each.text("expiry"))
        sign = 1 if each.text("side") == "BUY" else -1
        nets[key] = nets.get(key, Decimal(0)) + sign * each.number("quantity")
    return [_position(key, net, prices.get(key[1:])) for key, net in sorted(nets.items())]


def _position(key: tuple[str, str, str], net: Decimal, price: Decimal | None) -> Record:
    account, symbol, expiry = key
    values: dict[str, Value] = {"account": account, "symbol": symbol, "expiry": expiry, "net": net}
    if price is not None:
        values["price"] = price
    return Record(position_name(account, symbol, expiry), values)


def position_name(account: str, symbol: str, expiry: str) -> str:
    """What a position is called."""
    return f"{account} {symbol} {expiry}"


def reconcile_positions(internal: Sequence[Record], external: Sequence[Record], terms: Terms) -> list[Group]:
    """Positions by account, symbol and expiry; a flat one that the other side does not list is no break."""
    theirs: dict[str, list[Record]] = {}
    for each in external:
        theirs.setdefault(_name_of(each), []).append(each)
    groups = [_position_group(each, theirs.pop(_name_of(each), []), terms) for each in internal]
    for found in theirs.values():
        for each in found:
            verdict = Verdict.MISSING_INTERNAL if each.number("net") else Verdict.EXACT
            groups.append(Group(verdict, external=(each.id,), note="" if each.number("net") else "flat on both sides"))
    return groups


def _name_of(position: Record) -> str:
    return position_name(position.text("account"), position.text("symbol"), position.text("expiry"))


def _position_group(ours: Record, theirs: Sequence[Record], terms: Terms) -> Group:
    if len(theirs) > 1:
        return _ambiguous([ours], theirs, "the same position on several lines")
    if not theirs:
        verdict = Verdict.MISSING_EXTERNAL if ours.number("net") else Verdict.EXACT
        return Group(verdict, internal=(ours.id,), note="" if ours.number("net") else "flat on both sides")
    other = theirs[0]
    found = [
        number_difference("net", ours.number("net"), other.number("net"), terms.tolerances.quantity_abs, "QTY_BREAK"),
        _plain("currency", ours, other),
        _plain("exchange", ours, other),
        price_difference(ours, other.number("price"), terms) if _have("price", ours, other) else None,
    ]
    differences = tuple(each for each in found if each)
    return Group(verdict_of(differences), (ours.id,), (other.id,), "account, symbol and expiry", differences)


def _have(name: str, one: Record, other: Record) -> bool:
    return one.get(name) is not None and other.get(name) is not None
