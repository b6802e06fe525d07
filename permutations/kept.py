"""Which rows of a run are kept: all, or what passed or nearly did, up to a limit; every count is exact all the same."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.permutations import LeverSet
from engine.permutations.evaluate import MOST_VALUES_COUNTED
from engine.ratings.scale import NOT_RATED
from jobs.models import ACTIVE_STATES
from permutations.aside import OUTCOMES, PLACES, Aside, shelf_file, spill_folder
from permutations.files import RunFiles, chunk_file, kept_file
from permutations.models import Run

# Runs up to so many permutations keep every row unless told otherwise; none keeps every row beyond the second.
ALL_ROWS_BY_DEFAULT, MOST_WITH_ALL_ROWS = 2_000_000, 100_000_000
# Rows kept of a run that does not keep all: a filter over so many is answered while somebody waits.
MOST_KEPT = 5_000_000
NOT_RANKED = np.iinfo(np.int64).max


def rows_file(run: Run, number: int) -> str:
    """Name of the shard with the rows of a chunk that can be opened."""
    return kept_file(number) if run.keeps_only_best else chunk_file(number)


def kept_words(run: Run) -> str:
    """Which rows are kept, why, and how to get all, in a sentence or two; empty where all are."""
    if run.keeps_all_rows:
        return ""
    rows, all_of_them = run.summary.get("rows", {}), f"Counts are of all {run.evaluated_count:,} permutations."
    if run.keeps_only_best:
        which = (
            f"the best {rows['kept']:,} outcomes by rank, of {rows['alive']:,} permutations that passed or nearly did; those with the "
            "same outcome as a kept one and those that stopped at a gate have none"
        )
    else:
        which = "what passed both gates or nearly did; permutations that stopped have none"
    how = (
        f"any permutation is still opened by its number, and a run of up to {MOST_WITH_ALL_ROWS:,} keeps every row where "
        "that is ticked before its start"
    )
    return f"{all_of_them} Rows are kept of {which}. A run of this size would fill the disk with the others: {how}."


def drop_superseded(run: Run) -> None:
    """Nothing; what the ranking put aside is gone, and where only the best rows are kept, the chunks they were taken from."""
    if run.keeps_only_best:
        for number in range(run.chunk_count):
            RunFiles(run.code).remove(chunk_file(number))
    Aside(run.code).drop([PLACES, OUTCOMES, *map(shelf_file, range(max(len(run.shelves), 1)))])


def sweep_aside() -> int:
    """How many folders were left by runs that are at rest, and are gone: a run that is taken up again makes its own anew."""
    left = [folder for folder in spill_folder().glob("*-*-*-*-*") if folder.is_dir()]
    at_work = Run.objects.filter(code__in=[folder.name for folder in left], state__in=ACTIVE_STATES)
    active = {str(code) for code in at_work.values_list("code", flat=True)} if left else set()
    gone = [folder for folder in left if folder.name not in active]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


class Firsts:
    """The first by rank of each value of each lever and of each rating, as a ranking goes by: they are kept, come what may."""

    def __init__(self, levers: LeverSet) -> None:
        self._strides = {code: each for code, each in levers.strides().items() if each[1] <= MOST_VALUES_COUNTED}
        self._ranks = {code: np.full(length, NOT_RANKED) for code, (_, length) in self._strides.items()}
        self._by_rating = np.full(NOT_RATED + 2, NOT_RANKED)

    def add(self, rows: Mapping[str, NDArray[Any]], ranks: NDArray[np.int64]) -> None:
        """Nothing; the ranks of a block of rows are among those looked at."""
        stands = ranks > 0
        index, rank = rows["index"][stands], ranks[stands]
        for code, (stride, length) in self._strides.items():
            np.minimum.at(self._ranks[code], index // stride % length, rank)
        np.minimum.at(self._by_rating, rows["rating_notch"][stands].astype(np.int64), rank)

    def ranks(self) -> NDArray[np.int64]:
        """Their ranks, rising."""
        found = np.unique(np.concatenate([self._by_rating, *self._ranks.values()]))
        return found[found < NOT_RANKED]
