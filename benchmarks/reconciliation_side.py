"""Trades by the million with known breaks, and FpML by the thousand: how many a second, and whether counts are exact."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from reconciliation.bulk import compare_parquet  # noqa: E402
from reconciliation.reading.fpml import Parties  # noqa: E402
from reconciliation.reading.outcome import Reading  # noqa: E402
from reconciliation.reading.reading import Setting, read_file  # noqa: E402
from reconciliation.translate import parties_of, terms_of  # noqa: E402

TRADES, MESSAGES, PROCESSES = 1_000_000, 4_000, 2
# 2% of the trades: half of them differ, the others are missing on a side or said twice.
KNOWN = {"BREAK": 0.01, "MISSING_EXTERNAL": 0.0035, "MISSING_INTERNAL": 0.0035, "DUPLICATE": 0.003}
SYMBOLS = np.array(["ES", "NQ", "CL", "ZC", "FGBL"])
TICKS = np.array([0.25, 0.25, 0.01, 0.0025, 0.01])


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds for so many, and what was found."""

    count: int
    seconds: float
    verdicts: dict[str, int]

    @property
    def per_second(self) -> float:
        """How many in a second."""
        return self.count / self.seconds


def make_trades(folder: Path, count: int, seed: int) -> None:
    """Writes ours.parquet and theirs.parquet with breaks of the kinds and shares of KNOWN."""
    draw = np.random.default_rng(seed)
    product = draw.integers(0, len(SYMBOLS), count)
    columns = {
        "trade_id": np.char.add("T", np.arange(count).astype(str)),
        "account": np.char.add("A", draw.integers(0, 40, count).astype(str)),
        "symbol": SYMBOLS[product],
        "expiry": np.full(count, "202609"),
        "side": np.where(draw.integers(0, 2, count) == 1, "BUY", "SELL"),
        "quantity": draw.integers(1, 200, count),
        "price": np.round(draw.integers(4_000, 8_000, count) * TICKS[product], 4),
        "trade_date": np.full(count, "2026-06-15"),
        "settle_date": np.full(count, "2026-06-16"),
        "report_id": np.char.add("R", np.arange(count).astype(str)),
    }
    parts = np.split(
        draw.permutation(count), np.cumsum([round(count * share) for share in (0.005, 0.005, 0.0035, 0.0035, 0.003)])
    )
    price, quantity, no_external, no_internal, twice, _ = parts
    theirs = {name: values.copy() for name, values in columns.items()}
    theirs["price"][price] = np.round(theirs["price"][price] + 3 * TICKS[product[price]], 4)
    theirs["quantity"][quantity] += 1
    # Trades that one side does not know lie on a day of their own: none of them looks like another.
    theirs["trade_date"][no_internal] = "2026-06-12"
    again = {name: values[twice] for name, values in theirs.items()}
    again["report_id"] = np.char.add("again-", again["report_id"])
    kept = np.setdiff1d(np.arange(count), no_external)
    theirs = {name: np.concatenate([values[kept], again[name]]) for name, values in theirs.items()}
    order = draw.permutation(len(theirs["price"]))
    booked = np.setdiff1d(np.arange(count), no_internal)
    pq.write_table(pa.table({name: values[booked] for name, values in columns.items()}), folder / "ours.parquet")
    pq.write_table(pa.table({name: values[order] for name, values in theirs.items()}), folder / "theirs.parquet")


def million_against_million() -> Measured:
    """Two books of a million; raises AssertionError unless every count is exact."""
    terms = terms_of(json.loads((ROOT / "reconciliation/data/terms.json").read_text()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_trades(folder, TRADES, seed=20260616)
        began = time.perf_counter()
        found = compare_parquet(folder / "ours.parquet", folder / "theirs.parquet", terms)
        seconds = time.perf_counter() - began
    expected = {verdict: round(TRADES * share) for verdict, share in KNOWN.items()}
    counted = {verdict: found.verdicts[verdict] for verdict in KNOWN}
    assert counted == expected, f"expected {expected}, found {counted}"
    return Measured(TRADES, seconds, dict(found.verdicts))


def _read_many(given: tuple[list[tuple[str, bytes]], Parties, int]) -> int:
    files, parties, times = given
    setting, read = Setting("fpml", parties=parties), 0
    for _ in range(times):
        for name, content in files:
            found = read_file(name, content, setting)
            assert isinstance(found, Reading)
            read += len(found.records)
    return read


def messages_from_text() -> Measured:
    """FpML text to canonical records, on two processes."""
    parties = parties_of(json.loads((ROOT / "reconciliation/data/terms.json").read_text()))
    files = [(path.name, path.read_bytes()) for path in sorted((ROOT / "reconciliation/demo_day/fpml").glob("*.xml"))]
    times = -(-MESSAGES // (PROCESSES * len(files)))
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(_read_many, [(files, parties, 1)] * PROCESSES))  # warm
        began = time.perf_counter()
        read = sum(pool.map(_read_many, [(files, parties, times)] * PROCESSES))
        seconds = time.perf_counter() - began
    return Measured(read, seconds, {})


def print_reconciliation() -> None:
    """Both measures."""
    print("\nReconciliation")
    for title, found in (
        ("trades from Parquet, both sides", million_against_million()),
        ("FpML messages from text", messages_from_text()),
    ):
        print(f"  {title:<34} {found.count:>10,} in {found.seconds:6.2f} s: {found.per_second:>10,.0f} a second")


if __name__ == "__main__":
    print_reconciliation()
