"""Whether a run's files are what they were written as: each has its SHA-256 beside its part, the ranking beside the summary.

A chunk is determined by what its run refers to, so a damaged one is evaluated again and must come out with the same hash.
Runs of before hashes were kept have none: their files are read as they are, and only missed where they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from jobs.models import Part, PartState
from lib.errors import Invalid
from lib.verbs import refuse
from permutations.files import RunFiles, chunk_file, hash_of_file, stress_file
from permutations.models import Run
from permutations.shards import write_shards
from permutations.translate import RunCase, chunk_blocks

log = structlog.get_logger(__name__)
FILES = "files"  # where a part's counts and a run's summary keep the hashes of their files
Stamp = tuple[str, int, int, int]
_hashes: dict[Stamp, str] = {}
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Damage:
    """One file that is not what was written; `chunk` is None for the ranking."""

    name: str
    chunk: int | None
    words: str


def damages_of(run: Run) -> list[Damage]:
    """Every file of the run that is missing or differs from what was written."""
    chunks = [damage for number, names in _chunks(run) for damage in _damages(run, number, names)]
    return [*chunks, *_damages(run, None, run.summary.get(FILES, {}))]


def require_sound(run: Run, paths: Iterable[Path]) -> None:
    """Raises Invalid where one of the paths is not the file that was written; each is read once by a process."""
    written = {name: each for _, names in _chunks(run) for name, each in names.items()} | run.summary.get(FILES, {})
    for path in paths:
        if written.get(path.name) and _hash_once(path) != written[path.name]:
            raise damaged(run, path.name)


def damaged(run: Run, name: str) -> Invalid:
    """The refusal to read a run whose file is damaged, to be raised."""
    log.error("results_damaged", run=str(run.code), file=name)
    sentence = (
        f"The results of this run are damaged on disk ({name}): they are not shown. An administrator has them computed again "
        f"with manage.py repair_runs --run {run.code}; nothing else is lost."
    )
    return refuse("results_damaged", "run", sentence)


def mend_chunks(run: Run, case: RunCase, numbers: range | None = None, *, all_files: bool = False) -> None:
    """Evaluates the damaged chunks again, all or those named, with `all_files` also those whose rows gave way to the best.

    Raises Invalid where one does not come out as it was.
    """
    for number, written in _chunks(run, numbers, all_files=all_files):
        if _damages(run, number, written):
            _mend_chunk(run, case, number, written)


def _mend_chunk(run: Run, case: RunCase, number: int, written: Mapping[str, str]) -> None:
    part = Part.objects.get(job=run.code, number=number)
    log.warning("chunk_mended", run=str(run.code), chunk=number)
    blocks = chunk_blocks(run, case, part.start, part.stop)
    made = write_shards(RunFiles(run.code), number, blocks, case.case.levers)
    if any(written.get(name, "") not in {"", made[name]} for name in made):
        sentence = (
            f"Chunk {number} does not come out as it was: the engine or its libraries have changed. Start a new run."
        )
        raise refuse("not_as_it_was", "run", sentence)


def _chunks(run: Run, numbers: range | None = None, *, all_files: bool = False) -> list[tuple[int, dict[str, str]]]:
    """The hash by file of each finished chunk that should be there; empty where none was kept."""
    gone = run.keeps_only_best and not all_files
    parts = run.chunks.filter(state=PartState.DONE).order_by("number")
    if numbers is not None:
        parts = parts.filter(number__gte=numbers.start, number__lt=numbers.stop)
    found = [
        (number, counts.get(FILES) or {stress_file(number): "", chunk_file(number): ""})
        for number, counts in parts.values_list("number", "counts")
    ]
    return [
        (number, {name: each for name, each in names.items() if not (gone and name == chunk_file(number))})
        for number, names in found
    ]


def _damages(run: Run, chunk: int | None, written: Mapping[str, str]) -> list[Damage]:
    faults = [(name, _fault(RunFiles(run.code), name, each)) for name, each in written.items()]
    return [Damage(name, chunk, words) for name, words in faults if words]


def _fault(files: RunFiles, name: str, written: str) -> str:
    """What is wrong with a file; a damaged local copy gives way to the one that is kept elsewhere."""
    try:
        path = files.path(name)
    except FileNotFoundError:
        return "is missing"
    if not written or hash_of_file(path) == written:
        return ""
    with suppress(FileNotFoundError):
        if hash_of_file(files.fetch(name)) == written:
            return ""
    return "differs from what was written"


def _hash_once(path: Path) -> str:
    """The SHA-256 of a file, worked out again once it is another or has been written to."""
    try:
        told = path.stat()
    except FileNotFoundError:
        return ""
    stamp: Stamp = (str(path), told.st_ino, told.st_size, told.st_mtime_ns)
    if stamp not in _hashes:
        if len(_hashes) >= MOST_REMEMBERED:
            _hashes.clear()
        _hashes[stamp] = hash_of_file(path)
    return _hashes[stamp]
