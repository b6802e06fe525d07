"""How many exports a web process makes at once: each holds hundreds of megabytes until it is written."""

from __future__ import annotations

import weakref
from collections import Counter
from threading import RLock

from django.conf import settings

from lib.errors import Busy

FILES = "ATLASNEXUS_EXPORTS_AT_ONCE"  # workbooks and Parquet, until the file is written
STREAMS = "ATLASNEXUS_STREAMS_AT_ONCE"  # CSV and Arrow, until the last row is sent
# Entered again where collecting rubbish gives a place back inside it.
_lock = RLock()
_taken: Counter[str] = Counter()


class Place:
    """The right to make one export; given back when it is left, or when nobody holds it any more."""

    def __init__(self, budget: str) -> None:
        self.leave = weakref.finalize(self, _give_back, budget)


def take_place(budget: str) -> Place:
    """A place in the budget, the name of its setting; Busy where all are taken."""
    with _lock:
        if _taken[budget] >= getattr(settings, budget):
            other = " or take CSV, which seldom waits" if budget == FILES else ""
            raise Busy(f"Other exports are being made just now. Try again in a minute{other}.")
        _taken[budget] += 1
    return Place(budget)


def _give_back(budget: str) -> None:
    with _lock:
        _taken[budget] -= 1
