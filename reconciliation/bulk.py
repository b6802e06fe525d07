"""Listed trades by the million, out of Parquet: DuckDB pairs what bears one name once on each side and says what differs;
the few that are left (repeated names, no name, missing on a side) go through the same rules as every run.

Columns of a file: those of a listed trade; `trade_id` is unique but for repeats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from engine.reconciliation.listed import ECONOMICS, PLAIN, reconcile_listed
from engine.reconciliation.records import LISTED_FIELDS, Record
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import Group
from lib.cores import usable_cores

COLUMNS = tuple(dict.fromkeys((*ECONOMICS, "report_id", "ref", "transaction")))
# More that bear no common name are too many to look at one by one.
MOST_LEFT = 200_000


@dataclass(slots=True)
class Bulk:
    """Verdicts by count, the breaks as rows, and the groups that were looked at one by one."""

    verdicts: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    breaks: list[tuple[Any, ...]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    most_breaks: int = 100_000


def compare_parquet(ours: Path, theirs: Path, terms: Terms, memory: str = "1GB") -> Bulk:
    """The comparison of two files; ValueError where too much bears no common name."""
    with duckdb.connect() as database:
        database.execute(f"SET memory_limit='{memory}'")
        database.execute(f"SET threads={usable_cores()}")
        _load(database, ours, theirs, terms)
        found = Bulk()
        _paired(database, terms, found)
        _left(database, terms, found)
        return found


def _load(database: duckdb.DuckDBPyConnection, ours: Path, theirs: Path, terms: Terms) -> None:
    for name, path in (("ours", ours), ("theirs", theirs)):
        known = set(database.read_parquet(str(path)).columns)
        columns = ", ".join(f"{c if c in known else 'NULL'}::{_kind(c)} AS {c}" for c in COLUMNS)
        source = "read_parquet($path, file_row_number=true)"
        create = f"CREATE TABLE {name} AS SELECT {columns}, file_row_number AS row_at FROM {source}"  # noqa: S608
        database.execute(create, {"path": str(path)})
    database.execute("CREATE TABLE products(symbol VARCHAR, tick DECIMAL(18,9))")
    if terms.products:
        database.executemany(
            "INSERT INTO products VALUES (?, ?)", [(p.symbol, p.tick) for p in terms.products.values()]
        )


def _kind(column: str) -> str:
    kinds = {"number": "DECIMAL(18,6)", "date": "DATE", "time": "TIMESTAMP"}
    return kinds.get(str(LISTED_FIELDS[column]), "VARCHAR")


def _paired(database: duckdb.DuckDBPyConnection, terms: Terms, found: Bulk) -> None:
    """What bears one name, once on each side and never taken back."""
    allowed = terms.tolerances
    plain = " OR ".join(f"o.{name} <> e.{name}" for name in PLAIN)
    holidays = ", ".join(f"DATE '{day.isoformat()}'" for day in sorted(terms.holidays)) or "NULL::DATE"
    database.execute(f"""
        CREATE TABLE pairs AS
        WITH once AS (SELECT trade_id FROM theirs GROUP BY trade_id HAVING count(*) = 1 AND max(coalesce(transaction, 'NEW')) = 'NEW'),
             booked AS (SELECT trade_id FROM ours GROUP BY trade_id HAVING count(*) = 1)
        SELECT o.row_at AS ours_at, e.row_at AS theirs_at, o.trade_id, o.quantity AS our_quantity, e.quantity AS their_quantity,
               o.price AS our_price, e.price AS their_price,
               coalesce({plain}, false) AS is_other, o.trade_date <> e.trade_date AS is_other_day,
               abs(o.quantity - e.quantity) > {allowed.quantity_abs} AS is_other_quantity,
               abs(o.price - e.price) > coalesce(p.tick * {allowed.price_ticks}, {allowed.price_abs}) AS is_other_price,
               o.quantity <> e.quantity OR o.price <> e.price AS is_near,
               {_business_days("o.settle_date", "e.settle_date", holidays)} AS days,
               abs(epoch(o.exec_time_utc) - epoch(e.exec_time_utc)) AS seconds
        FROM ours o JOIN booked USING (trade_id) JOIN once USING (trade_id) JOIN theirs e USING (trade_id)
        LEFT JOIN products p ON p.symbol = o.symbol
    """)  # noqa: S608 - names and numbers of ours only
    database.execute(f"""
        CREATE TABLE judged AS SELECT *,
            concat_ws(', ', CASE WHEN is_other THEN 'OTHER' END, CASE WHEN is_other_quantity THEN 'QTY_BREAK' END,
                CASE WHEN is_other_price THEN 'PRICE_BREAK' END,
                CASE WHEN is_other_day OR coalesce(days, 0) > {allowed.settle_business_days} THEN 'DATE_BREAK' END) AS types
        FROM pairs
    """)  # noqa: S608
    counts = database.execute(f"""
        SELECT CASE WHEN types <> '' THEN 'BREAK'
                    WHEN coalesce(days, 0) > 0 OR (seconds > 0 AND seconds <= {allowed.exec_seconds}) THEN 'MATCHED_TEMPORAL'
                    WHEN is_near OR seconds > {allowed.exec_seconds} THEN 'MATCHED_TOLERANCE'
                    ELSE 'MATCHED_EXACT' END AS verdict, types, count(*)
        FROM judged GROUP BY ALL
    """).fetchall()  # noqa: S608
    for verdict, types, count in counts:
        found.verdicts[verdict] += count
        if types:
            found.types[types] += count
    columns = "trade_id, types, our_quantity, their_quantity, our_price, their_price"
    broken = f"SELECT {columns} FROM judged WHERE types <> '' ORDER BY ours_at LIMIT {found.most_breaks}"  # noqa: S608
    found.breaks += database.execute(broken).fetchall()


def _business_days(one: str, other: str, holidays: str) -> str:
    """Business days between two dates, as `engine.reconciliation.days` counts them."""
    first, last = f"least({one}, {other})", f"greatest({one}, {other})"
    weeks = f"(({last} - {first}) // 7)"
    tail = (
        f"len(list_filter(range(1, (({last} - {first}) % 7)::BIGINT + 1), lambda n: isodow({first} + n::INTEGER) < 6))"
    )
    away = f"len(list_filter([{holidays}], lambda day: day > {first} AND day <= {last} AND isodow(day) < 6))"
    return f"CASE WHEN {one} = {other} THEN 0 ELSE greatest(1, {weeks} * 5 + {tail} - {away}) END"


def _left(database: duckdb.DuckDBPyConnection, terms: Terms, found: Bulk) -> None:
    """The rest, by the rules of every run."""
    sides = [_records(database, side) for side in ("ours", "theirs")]
    if sum(map(len, sides)) > MOST_LEFT:
        raise ValueError(f"more than {MOST_LEFT:,} records bear no common name: are these the same books?")
    found.groups = reconcile_listed(sides[0], sides[1], terms)
    for group in found.groups:
        found.verdicts[str(group.verdict)] += 1
        if group.break_types:
            found.types[", ".join(group.break_types)] += 1


def _records(database: duckdb.DuckDBPyConnection, side: str) -> Sequence[Record]:
    columns = ", ".join(COLUMNS)
    left = f"SELECT row_at, {columns} FROM {side} ANTI JOIN pairs ON row_at = {side}_at ORDER BY row_at"  # noqa: S608
    rows = database.execute(left).fetchall()
    return [
        Record(f"{side}#{at}", {c: _plain(v) for c, v in zip(COLUMNS, values, strict=True) if v is not None})
        for at, *values in rows
    ]


def _plain(value: Any) -> Any:
    return value.normalize() + Decimal(0) if isinstance(value, Decimal) else value
