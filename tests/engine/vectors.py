"""Reads the vector files and compares results key by key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

RELATIVE_TOLERANCE = 1e-9
DATA = Path(__file__).parent / "data"


def load(name: str) -> dict[str, dict[str, Any]]:
    """The cases of one file, by id."""
    return {case["id"]: case for case in json.loads((DATA / name).read_text())["cases"]}


def scale_of(node: Any) -> float:
    """The largest size among the numbers of a list, below which a difference is rounding."""
    if isinstance(node, list):
        return max((scale_of(item) for item in node), default=0.0)
    return abs(float(node)) if isinstance(node, int | float) else 0.0


def assert_matches(got: Any, expected: Any, place: str, scale: float = 0.0) -> None:
    """Same keys, same lengths, texts equal, numbers within 1e-9 relative (a zero: of its row's largest)."""
    if isinstance(expected, dict):
        assert set(got) == set(expected), f"{place}: keys"
        for key, value in expected.items():
            assert_matches(got[key], value, f"{place}.{key}")
    elif isinstance(expected, list):
        got = list(got)
        assert len(got) == len(expected), f"{place}: length"
        for k, value in enumerate(expected):
            assert_matches(got[k], value, f"{place}[{k}]", scale_of(expected))
    elif isinstance(expected, str):
        assert str(got) == expected, place
    else:
        allowed = RELATIVE_TOLERANCE * scale if expected == 0 else 0.0
        assert float(got) == pytest.approx(expected, rel=RELATIVE_TOLERANCE, abs=allowed), place
