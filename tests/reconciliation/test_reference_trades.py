"""Every expected file of the reference about trades and positions: canonical records, verdicts, differences."""

from decimal import Decimal

import pytest

from engine.reconciliation.listed import average_price, net_positions, reconcile_listed, reconcile_positions
from engine.reconciliation.nway import as_text, reconcile_nway
from engine.reconciliation.otc import reconcile_otc
from engine.reconciliation.records import Record
from engine.reconciliation.severity import severity_of
from engine.reconciliation.verdicts import Group, Verdict
from tests.reconciliation import files


@pytest.fixture(scope="module")
def otc() -> tuple[list[Record], list[Record], list[Group]]:
    ours, theirs = files.records("otc_internal.csv", "our-otc-trades"), files.confirmations()
    return ours, theirs, reconcile_otc(ours, theirs, files.terms())


@pytest.fixture(scope="module")
def fixml() -> tuple[list[Record], list[Record], list[Group]]:
    ours, theirs = files.records("etd_internal_trades.csv", "our-listed-trades"), files.messages("fixml")
    return ours, theirs, reconcile_listed(ours, theirs, files.terms())


def test_fpml_is_read_as_our_side_sees_it(otc):
    _, theirs, _ = otc
    expected = {row.pop("file"): row for row in files.expected("otc_expected_canonical.csv")}
    assert {each.id for each in theirs} == set(expected)
    for record in theirs:
        assert {name: record.text(name) for name in expected[record.id]} == expected[record.id], record.id


def verdicts(groups: list[Group], ours: list[Record]) -> dict[tuple[str, str], Group]:
    names, found = files.names_by("trade_id", ours), {}
    for group in groups:
        internal, _ = files.named(group, names)
        for external in group.external or ("",):
            found[internal, external] = group
    return found


def test_otc_verdicts(otc):
    ours, theirs, groups = otc
    found, expected = verdicts(groups, ours), files.expected("otc_expected_matches.csv")
    amounts = {each.id: each.number("notional") for each in (*ours, *theirs)}
    assert len(found) == len(expected)
    for row in expected:
        group = found[row["internal"], row["external_file"]]
        size = max(amounts[name] for name in (*group.internal, *group.external))
        severity = severity_of(group.verdict, group.break_types, size)
        said = (
            group.verdict,
            "|".join(group.break_types),
            str(severity.score) if severity else "",
            severity.band if severity else "",
            group.paired_by,
        )
        assert said == tuple(
            row[name] for name in ("verdict", "break_types", "severity_score", "severity", "paired_by")
        ), row


def differences(groups: list[Group], ours: list[Record]) -> set[tuple[str, ...]]:
    names = files.names_by("trade_id", ours)
    return {
        (*files.named(group, names), each.field, each.internal, each.external, each.type, each.weight)
        for group in groups
        for each in group.differences
    }


def told(rows: list[dict[str, str]]) -> set[tuple[str, ...]]:
    columns = (
        "internal",
        "external_file",
        "field",
        "internal_value",
        "external_value",
        "difference_type",
        "difference_severity",
    )
    return {tuple(row[name] for name in columns) for row in rows}


def test_otc_differences(otc):
    ours, _, groups = otc
    expected = files.expected("otc_expected_differences.csv")
    assert differences(groups, ours) == told(expected)
    sizes = {(g.external[0], d.field): d.size for g in groups for d in g.differences}
    assert sizes == {(row["external_file"], row["field"]): row["size"] for row in expected}


def test_every_record_is_in_one_group(otc, fixml):
    for ours, theirs, groups in (otc, fixml):
        said = [name for group in groups for name in (*group.internal, *group.external)]
        assert sorted(said) == sorted(each.id for each in (*ours, *theirs))


def test_fixml_is_read_with_business_days_and_utc(fixml):
    _, theirs, _ = fixml
    expected = {row.pop("file"): row for row in files.expected("etd_fixml_expected_canonical.csv")}
    assert {each.id for each in theirs} == set(expected)
    for record in theirs:
        assert {name: record.text(name) for name in expected[record.id]} == expected[record.id]


def test_fixml_verdicts(fixml):
    ours, _, groups = fixml
    names, found = files.names_by("trade_id", ours), {}
    for group in groups:
        internal = [names[each] for each in (*group.internal, *group.refers_to)]
        found[" | ".join(internal), (group.external or ("",))[0]] = (group.verdict, "|".join(group.break_types))
    expected = files.expected("etd_fixml_expected_matches.csv")
    assert found == {(row["internal"], row["external_file"]): (row["verdict"], row["break_types"]) for row in expected}


def test_fixml_differences(fixml):
    ours, _, groups = fixml
    expected = files.expected("etd_fixml_expected_differences.csv")
    assert differences(groups, ours) == told(expected)
    said = {(g.external[0], d.field): d.described for g in groups for d in g.differences}
    assert said == {(row["external_file"], row["field"]): row["size"] for row in expected}


def test_positions_of_broker_a():
    trades = files.records("etd_internal_position_trades.csv", "our-listed-trades")
    prices = files.records("etd_internal_settlement_prices.csv", "our-settlement-prices")
    ours = net_positions(trades, {(each.text("symbol"), each.text("expiry")): each.number("price") for each in prices})
    theirs = files.records("broker_a_positions.csv", "broker-a-positions")
    book = {each.id: each for each in (*ours, *theirs)}
    found = {}
    for group in reconcile_positions(ours, theirs, files.terms()):
        mine, other = ([book[name] for name in side] for side in (group.internal, group.external))
        one = (mine or other)[0]
        key = (one.text("account"), one.text("symbol"), one.text("expiry"))
        found[key] = (
            group.verdict,
            "|".join(group.break_types),
            *(side[0].text("net") if side else "" for side in (mine, other)),
        )
    columns = ("verdict", "break_types", "internal_net", "broker_net")
    assert found == {
        (row["account"], row["symbol"], row["expiry"]): tuple(row[name] for name in columns)
        for row in files.expected("broker_a_expected.csv")
    }


def test_allocations_of_broker_b():
    ours = files.records("etd_internal_blocks.csv", "our-listed-trades")
    theirs = files.records("broker_b_allocations.csv", "broker-b-allocations")
    names = {**files.names_by("trade_id", ours), **files.names_by("line", theirs)}
    book = {each.id: each for each in theirs}
    found = {}
    for group in reconcile_listed(ours, theirs, files.terms()):
        parts = [book[name] for name in group.external]
        total = sum((each.number("quantity") for each in parts), Decimal(0))
        found[files.named(group, names)] = (group.verdict, "|".join(group.break_types), total, average_price(parts))
    expected = files.expected("broker_b_expected.csv")
    assert found == {
        (row["internal"], row["broker_lines"]): (
            row["verdict"],
            row["break_types"],
            Decimal(row["broker_quantity"]),
            Decimal(row["broker_average_price"]),
        )
        for row in expected
    }


def test_trades_of_broker_c():
    ours = files.records("etd_internal_broker_c.csv", "our-listed-trades")
    theirs = files.records("broker_c_trades.txt", "broker-c-trades")
    names, book = (
        {**files.names_by("trade_id", ours), **files.names_by("line", theirs)},
        {each.id: each for each in theirs},
    )
    found = {}
    for group in reconcile_listed(ours, theirs, files.terms()):
        line = book[group.external[0]] if group.external else None
        sign = -1 if line and line.text("side") == "SELL" else 1
        read = (sign * line.number("quantity"), line.number("price")) if line else (None, None)
        found[files.named(group, names)] = (group.verdict, "|".join(group.break_types), *read)
    assert found == {
        (row["internal"], row["broker_line"]): (
            row["verdict"],
            row["break_types"],
            *(Decimal(row[name]) if row[name] else None for name in ("read_quantity_signed", "read_price")),
        )
        for row in files.expected("broker_c_expected.csv")
    }


def test_other_xml_by_mapping():
    import json

    rows = json.loads(files.content("generic_broker_d_mapping_and_expected.json"))["expected"]
    found = files.records("generic_broker_d.xml", "broker-d-deals")
    assert [{name: each.text(name) for name in row} for each, row in zip(found, rows, strict=True)] == rows


def test_three_books_of_one_trade():
    import json

    sides = {side: files.records(f"nway_{side}.csv", "our-listed-trades") for side in ("internal", "broker", "ccp")}
    found = reconcile_nway(sides, files.terms())
    expected = files.expected("nway_expected.csv")
    assert [each.name for each in found] == [row["trade_id"] for row in expected]
    for row, want in zip(found, expected, strict=True):
        assert (row.verdict, row.detail) == (want["verdict"], want["detail"])
        for field, plural in (("price", "prices"), ("quantity", "quantities")):
            values = {side: None if value is None else as_text(value) for side, value in row.values[field].items()}
            assert values == json.loads(want[plural])
            assert as_text(row.by_priority[field]) == want[f"{field}_by_priority"]
            assert as_text(row.by_majority[field]) == want[f"{field}_by_majority"]
    assert [row.name for row in found if row.asks] == ["ANF0061"]
    assert sum(row.verdict is Verdict.AGREE for row in found) == 2
