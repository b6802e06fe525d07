"""A panel of 1,000 names over five years of days taken in from CSV, in a process of its own, whose memory counts.

All that a page of an import does of it: read, checked, laid beside the panel in force, written. The file is held
meanwhile, as it is where somebody sends it. Processor time.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

DAYS, NAMES = 1_260, 1_000
HEADERS = ("date", "id", "close", "adv_shares", "dividend_amount", "split_ratio")
MEGABYTE = 1024  # of the kilobytes that the system counts in
ROOT = Path(__file__).resolve().parent.parent


def import_figures() -> list[tuple[str, float, str]]:
    """What was done, its figure, and the aim."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prices.csv"
        path.write_bytes(csv_text())
        command = [sys.executable, "-m", "benchmarks.import_side", str(path)]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(told.stdout.splitlines()[-1])
    return [
        (f"{DAYS * NAMES:,} rows of CSV, read, checked; s", found["read"], "5 s"),
        ("with the panel in force beside, written; s", found["whole"], "10 s"),
        ("memory before, all rooms in the process; MB", found["before"], ""),
        ("memory at most; MB", found["most"], "1,000 MB"),
    ]


def csv_text() -> bytes:
    """The panel as somebody would send it."""
    draw = np.random.default_rng(24)
    days = np.busday_offset("2020-01-01", np.arange(DAYS), roll="forward").astype(str)
    close = 50 * np.exp(np.cumsum(draw.normal(0, 0.01, (DAYS, NAMES)), axis=0))
    out = io.StringIO()
    out.write(",".join(HEADERS) + "\n")
    for day, prices in zip(days, close, strict=True):
        out.writelines(f"{day},N{k:04},{price:.4f},{100_000 + k},0,1\n" for k, price in enumerate(prices))
    return out.getvalue().encode()


def _most() -> float:
    # Of this program alone: what getrusage tells was also held by whoever started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / MEGABYTE


def main() -> None:
    """One import, told as JSON on the last line."""
    path = Path(sys.argv[1])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings_test")
    import django

    django.setup()
    from engine.strategies.panel_checks import PanelKind, PanelRules, check_panel
    from strategies.frames import table_bytes
    from strategies.panel_files import read_panel_file
    from strategies.panel_imports import Reading, differences, mended

    before, began = _most(), time.process_time()
    content = path.read_bytes()
    raw = read_panel_file(content, path.name)
    columns = {name: mended(raw, name, name, []) for name in HEADERS}
    checked = check_panel(columns, PanelRules(PanelKind.PRICES, np.datetime64("2026-01-01")))
    del columns
    read = time.process_time() - began
    reading = Reading(raw, checked, {}, (), has_known_since=False)
    in_force = reading.table("prices")
    assert differences(in_force, reading.table("prices")).changed == 0
    table_bytes(reading.table("prices"))
    whole = time.process_time() - began
    assert len(checked.rows) == DAYS * NAMES, len(content)
    print(json.dumps({"read": read, "whole": whole, "before": before, "most": _most()}))


if __name__ == "__main__":
    main()
