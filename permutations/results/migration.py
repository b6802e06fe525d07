"""Where the ratings of a run's survivors go under one scenario, counted in its shards."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ratings import rating_label
from permutations.models import Run
from permutations.results.reading import source_of, stress_files
from tables.source import bounded_database

# A cash flow shared by several chunks stands in each one's stress shard.
MIGRATION_SQL = """
SELECT c."rating_notch", s."rating_notch", count(*)
FROM read_parquet(?) c
JOIN (SELECT DISTINCT "stress_key", "rating_notch" FROM read_parquet(?) WHERE "scenario" = ?) s
  ON s."stress_key" = c."stress_key"
WHERE c."gate" = 2
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """Survivors of one base rating, by the rating they have under the scenario."""

    rating: str
    total: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """Base ratings down, stressed ratings across, best first."""

    ratings: tuple[str, ...]
    rows: tuple[MigrationRow, ...]


def rating_migration(run: Run, scenario: int) -> Migration:
    """The survivors' ratings at base and under one scenario of the run's grid."""
    with bounded_database() as connection:
        values = [list(source_of(run).files), stress_files(run), scenario]
        found = {(base, moved): count for base, moved, count in connection.execute(MIGRATION_SQL, values).fetchall()}
    bases, across = (sorted({key[side] for key in found}) for side in (0, 1))
    rows = [
        MigrationRow(
            rating_label(base),
            sum(found.get((base, moved), 0) for moved in across),
            tuple(found.get((base, moved), 0) for moved in across),
        )
        for base in bases
    ]
    return Migration(tuple(rating_label(moved) for moved in across), tuple(rows))
