"""What holds of every reconciliation: each record once, nothing lost, order and side do not matter, limits inclusive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reconciliation.candidates import split
from engine.reconciliation.days import business_days_between
from engine.reconciliation.lei import is_lei
from engine.reconciliation.listed import reconcile_listed
from engine.reconciliation.otc import compare_otc, reconcile_otc, turned
from engine.reconciliation.records import Record
from engine.reconciliation.verdicts import MATCHED, Verdict
from reconciliation.reading.mapping import fraction, number
from reconciliation.reading.outcome import Reading, Refused
from reconciliation.reading.reading import read_file
from tests.reconciliation import files

DAY = date(2026, 6, 15)
TRADES = st.lists(
    st.tuples(
        st.sampled_from(["", "T1", "T2", "T3"]),
        st.sampled_from(["00501", "00502"]),
        st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 4),
        st.sampled_from(["100", "100.25", "101"]),
    ),
    max_size=7,
)


def listed(rows: list[tuple[str, str, str, int, str]], side: str) -> list[Record]:
    return [
        Record(
            f"{side}{n}",
            {
                **({"trade_id": name} if name else {}),
                "account": account,
                "symbol": "ES",
                "expiry": "202609",
                "side": buys,
                "trade_date": DAY,
                "quantity": Decimal(lots),
                "price": Decimal(price),
            },
        )
        for n, (name, account, buys, lots, price) in enumerate(rows)
    ]


def unique(rows: list[tuple[str, str, str, int, str]]) -> list[tuple[str, str, str, int, str]]:
    seen: set[str] = set()
    return [row for row in rows if not row[0] or not (row[0] in seen or seen.add(row[0]))]  # type: ignore[func-returns-value]


@settings(max_examples=150, deadline=None)
@given(TRADES.map(unique), TRADES, st.randoms(use_true_random=False))
def test_each_record_is_in_one_group_whatever_the_order(ours, theirs, draw):
    sides = listed(ours, "o"), listed(theirs, "e")
    groups = reconcile_listed(*sides, files.terms())
    said = sorted(name for group in groups for name in (*group.internal, *group.external))
    assert said == sorted(each.id for side in sides for each in side)
    shuffled = [draw.sample(side, len(side)) for side in sides]
    again = reconcile_listed(shuffled[0], shuffled[1], files.terms())
    matched = {frozenset((*g.internal, *g.external)) for g in groups if g.is_matched}
    assert matched == {frozenset((*g.internal, *g.external)) for g in again if g.is_matched}


@settings(max_examples=150, deadline=None)
@given(TRADES.map(unique), TRADES)
def test_what_is_matched_adds_up(ours, theirs):
    sides = listed(ours, "o"), listed(theirs, "e")
    lots = {each.id: each.number("quantity") for side in sides for each in side}
    for group in reconcile_listed(*sides, files.terms()):
        if group.verdict in MATCHED:
            assert sum(lots[n] for n in group.internal) == sum(lots[n] for n in group.external)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=3), st.lists(st.integers(1, 9), max_size=6))
def test_a_split_is_certain_only_where_there_is_one(wholes, parts):
    found = split([Decimal(n) for n in wholes], [Decimal(n) for n in parts], lambda _, chosen: True)
    sets = [
        [
            c
            for k in range(1, len(parts) + 1)
            for c in combinations(range(len(parts)), k)
            if sum(parts[i] for i in c) == w
        ]
        for w in wholes
    ]
    possible = [n for n, each in enumerate(sets) if each]

    def ways(left: list[int], used: frozenset[int]) -> int:
        if not left:
            return 1
        return sum(ways(left[1:], used | set(c)) for c in sets[left[0]] if used.isdisjoint(c))

    assert found.is_certain == (ways(possible, frozenset()) == 1)
    if found.is_certain:
        assert {n: sum(parts[i] for i in chosen) for n, chosen in found.parts_of.items()} == {
            n: wholes[n] for n in possible
        }


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 37), st.decimals("-0.0002", "0.0002", places=7))
def test_limits_are_inclusive(which, by):
    trade = files.records("otc_internal.csv", "our-otc-trades")[which]
    if trade.get("rate") is None or trade.text("product").startswith("fx"):
        return
    other = replace(trade, id="x", values={**trade.values, "rate": trade.number("rate") + by})
    found = compare_otc(trade, other, files.terms())
    is_error = any(each.weight == "Error" for each in found)
    assert is_error == (abs(by) > Decimal("0.00005"))
    assert bool(found) == bool(by)


def test_a_book_against_itself_is_exact_and_reconciling_is_the_same_from_both_sides():
    ours = files.records("otc_internal.csv", "our-otc-trades")
    mirrored = [replace(each, id=f"x{each.id}") for each in ours]
    groups = reconcile_otc(ours, mirrored, files.terms())
    assert {g.verdict for g in groups} == {Verdict.EXACT}
    theirs = [each for each in files.confirmations() if "again" not in each.id]  # a book says nothing twice
    one = {
        frozenset((*g.internal, *g.external)): g.verdict
        for g in reconcile_otc(ours, theirs, files.terms())
        if g.internal and g.external
    }
    two = {
        frozenset((*g.internal, *g.external)): g.verdict
        for g in reconcile_otc(theirs, ours, files.terms())
        if g.internal and g.external
    }
    assert one == two


def test_a_pair_turned_twice_is_itself_and_turned_once_is_no_difference():
    for trade in files.records("otc_internal.csv", "our-otc-trades"):
        if trade.get("currency2") is not None:
            once = turned(trade)
            assert {k: v for k, v in turned(once).values.items() if k != "rate"} == {
                k: v for k, v in trade.values.items() if k != "rate"
            }
            assert all(each.weight == "Info" for each in compare_otc(trade, once, files.terms()))


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 40))
def test_business_days_are_counted_day_by_day(first, days):
    last = first + timedelta(days=days)
    counted = sum((first + timedelta(days=n + 1)).weekday() < 5 for n in range(days))
    assert business_days_between(first, last) == (max(1, counted) if days else 0)
    assert business_days_between(last, first) == business_days_between(first, last)


@given(st.integers(0, 10**9), st.integers(0, 31), st.sampled_from(["0", "2", "5", "7"]))
def test_prices_in_parts_and_numbers_with_separators_are_read_back(whole, part, rest):
    eighths = {"0": 0, "2": 2, "5": 4, "7": 6}[rest]
    assert fraction(f"{whole}-{part:02d}{rest}") == Decimal(whole) + (Decimal(part) + Decimal(eighths) / 8) / 32
    value = Decimal(whole) / 100
    assert number(f"{value:,.2f}") == value
    assert number(f"{value:,.2f}".translate(str.maketrans(",.", ".,")), ",", ".") == value
    assert number(f"({value:,.2f})") == -value


@settings(max_examples=120, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["fpml", "fixml", "fix", "broker-a-positions", "broker-c-trades", "broker-d-deals"]),
)
def test_no_bytes_break_a_reader(held, layout):
    assert isinstance(read_file("x", held, files.setting(layout)), Reading | Refused)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_change_of_a_message_breaks_its_reader(data):
    held = bytearray(files.content("fpml/R363630_fxOption.xml"))
    for _ in range(data.draw(st.integers(1, 4))):
        held[data.draw(st.integers(0, len(held) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read_file("x.xml", bytes(held), files.setting("fpml")), Reading | Refused)


@given(st.sampled_from(["ATLSNEXUSFICTIVE0145", "ALPHABANKFICTIVE0250"]), st.integers(0, 19), st.integers(0, 35))
def test_check_digits_catch_any_one_sign_of_the_same_kind(lei, place, number):
    assert is_lei(lei)
    sign = chr(ord("A") + number - 10) if number > 9 else str(number)
    if sign.isdigit() == lei[place].isdigit():  # a letter counts as two digits: read as a digit it may go unseen
        misread = lei[:place] + sign + lei[place + 1 :]
        assert is_lei(misread) == (misread == lei)
