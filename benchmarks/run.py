"""Measures the engine against a peer and against plain NumPy, and the whole demo run. `make bench` runs it.

Prints ratios with the machine they were taken on; asserts only that all sides get the same numbers.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import engine_side, numpy_waterfall
from benchmarks.backtest_side import backtest_seconds
from benchmarks.clo_side import clo_seconds
from benchmarks.deals import Deals, Floats, healthy_deals, strained_deals
from benchmarks.import_side import import_figures
from benchmarks.layers_side import layer_seconds
from benchmarks.million import PROCESSES, MillionRun, SampleRun, run_million, run_sample
from benchmarks.notes_side import notes_seconds
from benchmarks.peers import largest_difference_ratio, peer_python, price_with_waterfall_py
from benchmarks.portfolios_side import portfolio_seconds
from benchmarks.reconciliation_side import print_reconciliation
from benchmarks.risk_side import risk_seconds
from benchmarks.signals_side import signal_seconds

DEALS = 2_000
PEER_DEALS = 20
STEPS_DEALS = 200
AGREEMENT_RATIO = 1e-9


def main() -> None:
    """Every table, in turn."""
    print_machine()
    # First, while this process is still small: its memory counts.
    print_run(run_million())
    print_sample(run_sample())
    print_layers(layer_seconds())
    print_risk("One structure, one core, warm", risk_seconds())
    print_risk("A CLO of 200 assets, one core", clo_seconds())
    print_risk("A notes deal of 360 months", notes_seconds())
    print_risk("Signals of 1,000 names over five years of days", signal_seconds())
    print_figures("A panel of 1,000 names over five years of days, from CSV", import_figures())
    print_risk("A strategy of 1,000 names over five years of days", backtest_seconds())
    print_risk("Portfolios of 1,000 names", portfolio_seconds())
    print_reconciliation()
    healthy, strained = healthy_deals(DEALS), strained_deals(DEALS)
    check_numpy(healthy, "healthy")
    check_numpy(strained, "strained")
    kernel = seconds_per_deal(engine_pricer(healthy), DEALS)
    rows = [("engine kernel, one core", kernel, 1.0)]
    steps = price_as_steps(healthy)
    rows.append(("engine kernel of n classes, steps as data", steps, steps / kernel))
    plain = seconds_per_deal(lambda: numpy_waterfall.run(healthy), DEALS)
    rows.append(("NumPy over all deals, month by month", plain, plain / kernel))
    python = peer_python()
    if python is not None:
        peer = price_peer(python)
        rows.append((f"waterfall-py {peer_version()}, one deal at a time", peer, peer / kernel))
    print_waterfalls(rows)


def peer_version() -> str:
    """The pinned version of the peer."""
    lines = (Path(__file__).parent / "requirements.txt").read_text().splitlines()
    return next(line.split("==")[1] for line in lines if line.startswith("waterfall-py"))


def engine_pricer(deals: Deals) -> Callable[[], object]:
    """A call that prices every deal through the engine's kernel, compiled before it is timed."""
    rows, table = engine_side.rows_of(deals), engine_side.scratch(deals)
    engine_side.price_all(rows, table)
    return lambda: engine_side.price_all(rows, table)


def seconds_per_deal(price: Callable[[], object], deals: int, repeats: int = 5) -> float:
    """Fastest processor time of several, per deal: other work on the machine is not counted."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        price()
        best = min(best, time.process_time() - start)
    return best / deals


def price_as_steps(deals: Deals) -> float:
    """Seconds a deal of the kernel of n classes, after checking that equity gets what the fast path gives it."""
    batch = engine_side.steps_deals(deals, STEPS_DEALS)
    engine_side.price_steps(batch)
    fast = engine_side.tables(deals)
    gap = max(
        float(np.abs(each.out[:, each.columns.index(wide)] - fast[narrow][:, j]).max())
        for j, each in enumerate(batch)
        for wide, narrow in (("equity_distribution", "equity_distribution"), ("senior.balance", "senior_balance"))
    )
    report_agreement(f"the kernel of n classes, {STEPS_DEALS} deals", gap / smallest_balance(deals))
    return seconds_per_deal(lambda: engine_side.price_steps(batch), STEPS_DEALS)


def check_numpy(deals: Deals, name: str) -> None:
    """Kernel and NumPy give the same flows and balances, or the run stops here."""
    ours, plain = engine_side.tables(deals), numpy_waterfall.run(deals)
    gap = max(
        float(np.abs(ours[c] - plain[c]).max()) for c in plain if c in ours and "dscr" not in c
    ) / smallest_balance(deals)
    report_agreement(f"NumPy, {deals.size:,} {name} deals", gap)


def price_peer(python: Path) -> float:
    """Mean of the peer's best processor seconds a deal, after checking that its flows are the engine's."""
    deals = healthy_deals(PEER_DEALS)
    seconds, tables = price_with_waterfall_py(python, deals)
    gap = largest_difference_ratio(deals, engine_side.tables(deals), tables)
    report_agreement(f"waterfall-py, {deals.size} deals", gap)
    return sum(seconds) / len(seconds)


def smallest_balance(deals: Deals) -> float:
    """Scale of a batch."""
    opening: Floats = deals.senior_schedule[0]
    return float(opening.min())


def report_agreement(side: str, gap: float) -> None:
    """Says how far two sides are apart; stops if it is more than rounding."""
    print(f"  agrees with {side}: largest difference {gap:.1e} of the senior balance")
    if not gap < AGREEMENT_RATIO:
        raise SystemExit(f"{side}: differs from the engine by {gap:.3e} of the senior balance")


def print_machine() -> None:
    """Processor, cores and versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = f"{names[0]} x {len(names)}" if names else cpu
    print(f"Machine: {cpu}; Python {platform.python_version()}, NumPy {np.__version__}, numba {version('numba')}")


def print_risk(title: str, rows: list[tuple[str, float, str]]) -> None:
    """Seconds of each, beside what was aimed at."""
    print(f"\n{title}")
    for label, seconds, aim in rows:
        print(f"  {label:<44}{seconds:7.3f} s   aim {aim}")


def print_figures(title: str, rows: list[tuple[str, float, str]]) -> None:
    """Figures whose labels name their unit, beside what was aimed at."""
    print(f"\n{title}")
    for label, figure, aim in rows:
        print(f"  {label:<44}{figure:9.1f}   aim {aim}")


def print_waterfalls(rows: list[tuple[str, float, float]]) -> None:
    """Time and ratio a waterfall."""
    print("\nOne waterfall: 300 months, two tranches, reserve, lock-up test; processor time")
    print(f"  {'side':<48}{'us a deal':>12}{'ratio':>10}")
    for name, seconds, ratio in rows:
        print(f"  {name:<48}{seconds * 1e6:>12,.1f}{ratio:>10,.1f}")


def print_run(run: MillionRun) -> None:
    """The demo run, stage by stage."""
    count, seconds = run.total("evaluated"), run.total_seconds
    alive = [run.total("gate_a_alive"), run.total("gate_b_alive")]
    busy = run.total("engine_seconds") / PROCESSES
    print(f"\nDemo run: {count:,.0f} permutations on {PROCESSES} processes, kernels warm")
    print(f"  alive after Gate A {alive[0]:,.0f} ({1 - alive[0] / count:.0%} pruned), after Gate B {alive[1]:,.0f} "
          f"({1 - alive[1] / alive[0]:.0%} of those pruned)")  # fmt: skip
    print(f"  distinct waterfalls {run.total('waterfalls'):,.0f}, stress scenarios {run.total('stress_rows'):,.0f}")
    print(f"  tiers {', '.join(f'{tier}: {number:,}' for tier, number in sorted(run.tier_counts.items()))}")
    print(f"  {'stage':<48}{'seconds':>12}")
    print(f"  {'engine, wall seconds of each process':<48}{busy:>12.2f}")
    print(f"  {'Parquet, wall seconds of each process':<48}{run.total('write_seconds') / PROCESSES:>12.2f}")
    print(f"  {'evaluate and write, wall':<48}{run.evaluate_wall_seconds:>12.2f}")
    print(f"  {'read back, rank, write ranking':<48}{run.rank_seconds:>12.2f}")
    print(f"  {'end to end':<48}{seconds:>12.2f}")
    print(f"  {count / seconds:,.0f} permutations a second; {run.parquet_mb:,.0f} MB of Parquet")
    both = run.parent_peak_mb + run.workers_peak_mb
    print(f"  peak memory {both:,.0f} MB: workers {run.workers_peak_mb:,.0f}, ranking {run.parent_peak_mb:,.0f}")


def print_sample(run: SampleRun) -> None:
    """What a visit costs where no two share any work, and that memory does not follow the space."""
    each = run.engine_seconds / run.visited * 1e6
    print(f"\nSample of {run.visited:,} out of {run.space_size:.1e} permutations, one core, no work shared")
    print(f"  {each:,.0f} us a permutation, peak memory {run.peak_mb:,.0f} MB\n")


def print_layers(rows: list[tuple[str, float]]) -> None:
    """Where a walk's time goes."""
    print("What a walk is made of: one financing of the demo project, one core, processor time")
    for label, seconds in rows:
        print(f"  {label:<48}{seconds * 1e6:>12.2f} us")


if __name__ == "__main__":
    main()
