"""Trades by the million: the same verdicts as the rules give one by one, and exact counts of what was put in."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.reconciliation_side import KNOWN, make_trades
from engine.reconciliation.listed import reconcile_listed
from engine.reconciliation.records import Book, record_of
from engine.reconciliation.terms import Terms
from reconciliation.bulk import compare_parquet
from tests.reconciliation import files


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    pq.write_table(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}), path)
    return path


def one_by_one(
    ours: list[dict[str, str]], theirs: list[dict[str, str]], terms: Terms
) -> tuple[Counter[str], Counter[str]]:
    sides = [
        [record_of(Book.LISTED, f"{side}{n}", row) for n, row in enumerate(rows)]
        for side, rows in (("o", ours), ("e", theirs))
    ]
    groups = reconcile_listed(sides[0], sides[1], terms)
    types = Counter(", ".join(group.break_types) for group in groups if group.break_types)
    return Counter(str(group.verdict) for group in groups), types


def trade(draw: random.Random, number: int) -> dict[str, str]:
    return {
        "trade_id": f"T{number}",
        "account": draw.choice(["00501", "00502"]),
        "symbol": draw.choice(["ES", "ZN", "XX"]),
        "expiry": "202609",
        "side": draw.choice(["BUY", "SELL"]),
        "quantity": str(draw.randint(1, 50)),
        "price": f"{draw.randint(400, 440) / 4:.2f}",
        "trade_date": "2026-06-12",
        "settle_date": date(2026, 6, 12).replace(day=draw.randint(12, 26)).isoformat(),
        "exec_time_utc": f"2026-06-12T14:{draw.randint(0, 59):02d}:00",
    }


def changed(draw: random.Random, row: dict[str, str]) -> dict[str, str]:
    """The other side's report, with nothing or something wrong."""
    row = dict(row)
    field = draw.choice(["", "", "price", "quantity", "settle_date", "exec_time_utc", "side", "account", "trade_date"])
    other = trade(draw, 0)
    if field:
        row[field] = "2026-06-11" if field == "trade_date" else other[field]
    return row


def test_the_same_as_one_by_one(tmp_path: Path):
    terms = replace(files.terms(), holidays=frozenset({date(2026, 6, 19)}))
    for seed in range(6):
        draw = random.Random(seed)
        ours = [trade(draw, number) for number in range(120)]
        theirs = [changed(draw, row) for row in ours if draw.random() > 0.05]
        theirs += [dict(row) for row in draw.sample(theirs, 4)]  # said twice
        theirs += [{**trade(draw, 900 + n), "trade_date": "2026-06-01"} for n in range(3)]
        draw.shuffle(theirs)
        found = compare_parquet(written(tmp_path / "o.parquet", ours), written(tmp_path / "e.parquet", theirs), terms)
        verdicts, types = one_by_one(ours, theirs, terms)
        assert found.verdicts == verdicts, seed
        # Types of one break are told in the order of the fields on either way.
        assert sum(found.types.values()) == sum(types.values())
        assert {frozenset(each.split(", ")) for each in found.types} == {frozenset(each.split(", ")) for each in types}


def test_what_was_put_in_is_found_exactly(tmp_path: Path):
    make_trades(tmp_path, 10_000, seed=7)
    found = compare_parquet(tmp_path / "ours.parquet", tmp_path / "theirs.parquet", files.terms())
    expected = {verdict: round(10_000 * share) for verdict, share in KNOWN.items()}
    assert {name: found.verdicts[name] for name in KNOWN} == expected
    assert found.types == {"PRICE_BREAK": 50, "QTY_BREAK": 50}
