"""Sorting and merging of more rows than memory holds: rows go to buckets by key, and each bucket is sorted alone.

What came in block by block is answered block by block: the answers of a bucket lie in the order in which its rows came,
so that reading the blocks again finds them one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Indices = NDArray[np.int64]

BUCKET_ROWS = 1 << 20
_TOP, _MOST, _CLASS_BITS = np.uint64(1 << 63), np.uint64(2**64 - 1), 2


class Shelf(Protocol):
    """Rows of whole numbers, put at the end and read from the start."""

    def append(self, rows: Keys) -> None:
        """Nothing; the rows (n, width) stand at the end."""

    def read(self, count: int) -> Keys:
        """The next rows (count, width)."""

    def rewind(self) -> None:
        """Nothing; the next row read is the first."""


NewShelf = Callable[[int], Shelf]


class MemoryShelf:
    """A shelf for what memory holds."""

    def __init__(self, width: int) -> None:
        self._parts, self._at = [np.empty((0, width), dtype=np.uint64)], 0

    def append(self, rows: Keys) -> None:
        """Nothing; the rows stand at the end."""
        self._parts.append(rows)

    def read(self, count: int) -> Keys:
        """The next rows."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        self._at += count
        return self._parts[0][self._at - count : self._at]

    def rewind(self) -> None:
        """Nothing; the next row read is the first."""
        self._at = 0


def in_memory(width: int) -> Shelf:
    """A new shelf in memory."""
    return MemoryShelf(width)


def key_of(group: NDArray[Any], *columns: NDArray[np.float64]) -> Keys:
    """Whole numbers (n, 1 + columns) that sort as the group (0 to 3), then the columns, do; NaN last."""
    told = [_whole(values) for values in columns]
    first = group.astype(np.uint64) << np.uint64(64 - _CLASS_BITS) | told[0] >> np.uint64(_CLASS_BITS)
    return np.column_stack([first, *told])


def _whole(values: NDArray[np.float64]) -> Keys:
    bits = np.ascontiguousarray(values + 0.0).view(np.uint64)
    whole = np.where(bits >= _TOP, ~bits, bits | _TOP)
    whole[np.isnan(values)] = _MOST
    return whole


def sorted_order(keys: Keys) -> Indices:
    """The rows in the order of their keys, the first column weighing most; ties keep their order."""
    # The first column alone sorts many times faster; what it ties is sorted again.
    order = np.argsort(keys[:, 0])
    same = keys[order[1:], 0] == keys[order[:-1], 0]
    tied = np.zeros(order.size, dtype=bool)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]
    order[tied] = rows[np.lexsort((rows, *keys[rows].T[::-1]))]
    return order


class Order:
    """The place of each row among all by its key, ties in the order of arrival; `sample` tells how keys are spread."""

    def __init__(self, sample: Keys, expected: int, new_shelf: NewShelf) -> None:
        self._cuts = _cuts(sample, -(-expected // BUCKET_ROWS))
        width = sample.shape[1]
        self._keys = [new_shelf(width) for _ in range(len(self._cuts) + 1)]
        self._places = [new_shelf(1) for _ in self._keys]
        self._sizes = [0] * len(self._keys)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(self._sizes)

    def add(self, keys: Keys) -> None:
        """Nothing; the rows of a block are among those to be sorted."""
        for bucket, rows in self._by_bucket(keys):
            self._keys[bucket].append(keys[rows])
            self._sizes[bucket] += rows.size

    def settle(self) -> None:
        """Nothing; every row has its place."""
        first = 0
        for bucket, size in enumerate(self._sizes):
            for places in self._settled(bucket):
                self._places[bucket].append((places + first).astype(np.uint64)[:, None])
            first += size
        self._keys.clear()

    def rewind(self) -> None:
        """Nothing; the next block taken is the first."""
        for shelf in self._places:
            shelf.rewind()

    def take(self, keys: Keys) -> Indices:
        """The 0-based places of the next block, whose keys these are."""
        found = np.empty(len(keys), dtype=np.int64)
        for bucket, rows in self._by_bucket(keys):
            found[rows] = self._places[bucket].read(rows.size)[:, 0]
        return found

    def _by_bucket(self, keys: Keys) -> list[tuple[int, Indices]]:
        if not len(self._cuts):
            return [(0, np.arange(len(keys)))]
        # Numbers of two bytes are sorted by counting.
        bucket = _bucket_of(keys, self._cuts).astype(np.uint16 if len(self._sizes) < 1 << 16 else np.int64)
        order = np.argsort(bucket, kind="stable")
        starts = np.searchsorted(bucket[order], np.arange(len(self._sizes) + 1))
        pairs = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        return [(k, order[low:high]) for k, (low, high) in enumerate(pairs) if low < high]

    def _settled(self, bucket: int) -> Iterable[Indices]:
        """Places within a bucket, in the order its rows came; one of equal keys is never read."""
        size = self._sizes[bucket]
        if 0 < bucket < len(self._cuts) and (self._cuts[bucket] == _next(self._cuts[bucket - 1])).all():
            return (np.arange(at, min(at + BUCKET_ROWS, size)) for at in range(0, size, BUCKET_ROWS))
        places = np.empty(size, dtype=np.int64)
        places[sorted_order(self._keys[bucket].read(size))] = np.arange(size)
        return [places]


def _cuts(sample: Keys, buckets: int) -> Keys:
    """Keys (n, width) at which buckets begin, about equally many rows apart; a key of many rows has one of its own."""
    if buckets <= 1 or not len(sample):
        return sample[:0]
    rising = sample[sorted_order(sample)]
    picked = rising[np.arange(1, buckets) * len(rising) // buckets]
    unique, counts = np.unique(picked, axis=0, return_counts=True)
    after = [_next(key) for key in unique[counts > 1] if (key < _MOST).any()]
    return np.unique(np.vstack([unique, *after]), axis=0)


def _next(key: Keys) -> Keys:
    """The key that follows on this one, with nothing in between."""
    found = key.copy()
    last = int(np.flatnonzero(key < _MOST)[-1]) if (key < _MOST).any() else len(key)
    found[last + 1 :] = 0
    if last < len(key):
        found[last] += np.uint64(1)
    return found


def _bucket_of(keys: Keys, cuts: Keys) -> Indices:
    low, high = (np.searchsorted(cuts[:, 0], keys[:, 0], side) for side in ("left", "right"))
    bucket = np.asarray(high)
    unsure = np.flatnonzero(low != high)
    if unsure.size:
        bucket[unsure] = np.searchsorted(_as_bytes(cuts), _as_bytes(keys[unsure]), "right")
    return bucket


def _as_bytes(keys: Keys) -> NDArray[np.bytes_]:
    """The keys as texts that sort as they do."""
    return np.ascontiguousarray(keys.astype(">u8")).view(f"S{8 * keys.shape[1]}")[:, 0]


class Merge:
    """For rows of the same mark, grouped block by block, the one that stands for all: of the lowest weight, then index; and their number."""

    def __init__(self, expected: int, new_shelf: NewShelf) -> None:
        bits = max(0, -(-expected // BUCKET_ROWS) - 1).bit_length()
        self._shift, self._count = np.uint64(63 - bits), 1 << bits
        self._groups = [new_shelf(5) for _ in range(self._count)]
        self._answers = [new_shelf(2) for _ in range(self._count)]
        self._sizes: list[Indices] = []
        self._at = 0

    def add(self, groups: Keys) -> None:
        """Nothing; what `grouped` made of a block is among what is merged."""
        edges = np.searchsorted(self._bucket(groups), np.arange(self._count + 1))
        for bucket in np.flatnonzero(np.diff(edges)).tolist():
            self._groups[bucket].append(groups[edges[bucket] : edges[bucket + 1]])
        self._sizes.append(np.diff(edges))

    def settle(self) -> None:
        """Nothing; every row has one that stands for it."""
        sizes = np.sum(self._sizes, axis=0) if self._sizes else np.zeros(self._count, dtype=np.int64)
        for bucket, size in enumerate(sizes.tolist()):
            rows = self._groups[bucket].read(size)
            groups, of_row = _joined(rows)
            self._answers[bucket].append(groups[of_row][:, 3:])
        self._groups.clear()

    def rewind(self) -> None:
        """Nothing; the next block taken is the first."""
        self._at = 0
        for shelf in self._answers:
            shelf.rewind()

    def take(self, of_row: Indices) -> tuple[Indices, Indices]:
        """For each row of the next block, told its place among the block's groups, the index that stands for it, and how
        many share it."""
        sizes = self._sizes[self._at]
        self._at += 1
        read = [self._answers[bucket].read(int(sizes[bucket])) for bucket in np.flatnonzero(sizes)]
        answers = np.concatenate(read)[of_row] if read else np.empty((0, 2))
        return answers[:, 0].astype(np.int64), answers[:, 1].astype(np.int64)

    def _bucket(self, groups: Keys) -> Indices:
        return (groups[:, 0] >> np.uint64(1) >> self._shift).astype(np.int64)


def grouped(marks: Keys, weight: NDArray[Any], index: NDArray[Any]) -> tuple[Keys, Indices]:
    """A block's groups of one mark (n, 2), to be merged with those of other blocks, and each row's place among them."""
    return _joined(np.column_stack([marks, weight.astype(np.uint64), index.astype(np.uint64)]))


def _joined(rows: Keys) -> tuple[Keys, Indices]:
    """One row (mark, mark, weight, index, number) for each mark, rising, and each row's place among them.

    Rows without a number count once.
    """
    order = sorted_order(rows[:, :4])
    starts = np.ones(order.size, dtype=bool)
    starts[1:] = (rows[order[1:], :2] != rows[order[:-1], :2]).any(axis=1)
    group = np.cumsum(starts) - 1
    of_row = np.empty(order.size, dtype=np.int64)
    of_row[order] = group
    return np.column_stack([rows[order[starts], :4], _numbers(rows, order, starts)]), of_row


def _numbers(rows: Keys, order: Indices, starts: NDArray[np.bool_]) -> Keys:
    firsts = np.flatnonzero(starts)
    if rows.shape[1] == 4 or not firsts.size:
        return np.diff(firsts, append=order.size).astype(np.uint64)
    return np.asarray(np.add.reduceat(rows[order, 4], firsts))
