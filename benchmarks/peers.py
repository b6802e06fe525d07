"""Runs peers in a virtual environment of their own, made on first use from benchmarks/requirements.txt."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.deals import Deals

HERE = Path(__file__).parent
PEER_ENVIRONMENT = HERE.parent / ".var" / "bench-peers"
REQUIREMENTS = HERE / "requirements.txt"


def peer_python() -> Path | None:
    """The interpreter that has the peers, or None where they cannot be installed."""
    python = PEER_ENVIRONMENT / "bin" / "python"
    stamp = PEER_ENVIRONMENT / "installed.txt"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", str(PEER_ENVIRONMENT)], check=True, capture_output=True)
        install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "-r", str(REQUIREMENTS)]
        subprocess.run([str(python), *install], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        print("Peers could not be installed:", error.stderr.decode(errors="replace").strip().splitlines()[-1:])
        return None
    stamp.write_text(REQUIREMENTS.read_text())
    return python


def deal_terms(deals: Deals, j: int) -> dict[str, Any]:
    """One healthy deal as the peer reads it; rates a year."""
    return {
        "cfads": (deals.gross_income[:, j] - deals.opex[:, j]).tolist(),
        "senior_amount": float(deals.senior_schedule[0, j]),
        "senior_rate": float(deals.senior_rate[j]) * 12,
        "senior_months": int(deals.senior_maturity[j]),
        "mezz_amount": float(deals.mezz_schedule[0, j]),
        "mezz_rate": float(deals.mezz_rate[j]) * 12,
        "mezz_months": int(deals.mezz_maturity[j]),
        "reserve_months": int(deals.dsra_months[j]),
        "reserve_amount": float(deals.dsra_initial_amount[j]),
    }


def price_with_waterfall_py(python: Path, deals: Deals, repeats: int = 3) -> tuple[list[float], list[dict[str, Any]]]:
    """Best seconds and the table of each deal, as waterfall-py prices them."""
    asked = json.dumps({"deals": [deal_terms(deals, j) for j in range(deals.size)], "repeats": repeats})
    script = str(HERE / "peer_waterfall_py.py")
    answer = subprocess.run([str(python), script], input=asked, check=True, capture_output=True, text=True)
    got = json.loads(answer.stdout)
    return got["seconds"], got["results"]


def largest_difference_ratio(deals: Deals, ours: dict[str, Any], theirs: list[dict[str, Any]]) -> float:
    """The largest gap between two sets of tables, over the senior balance of its deal."""
    gaps = [
        np.abs(ours[name][:, j] - np.asarray(values)).max() / deals.senior_schedule[0, j]
        for j, result in enumerate(theirs)
        for name, values in result.items()
    ]
    return float(max(gaps))
