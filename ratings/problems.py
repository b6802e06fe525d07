"""What is wrong with rules across their rows, beside what the engine and each column say."""

from collections.abc import Mapping
from typing import Any

from engine.errors import Problem
from engine.project.inputs import Country
from engine.ratings.scale import notch_of
from ratings.tables import AGENCY_BANDS, HAIRCUTS, WRAP_PREMIUMS

# The ladder's rungs: a rating with + or - may stand between them, but none of these may be left out.
RUNGS = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")


def gap_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Jurisdictions without a ladder, and rungs that a ladder leaves out."""
    ladders: dict[str, list[str]] = {str(country): [] for country in Country}
    for row in content["criteria"]:
        if row.get("jurisdiction") in ladders and isinstance(row.get("rating"), str):
            ladders[row["jurisdiction"]].append(row["rating"])
    return [problem for place, ratings in ladders.items() for problem in _gaps(place, ratings)]


def _gaps(jurisdiction: str, ratings: list[str]) -> list[Problem]:
    if not ratings:
        message = f"{jurisdiction}: there is no ladder of ratings: add its rows."
        return [Problem("no_ladder", f"criteria.{jurisdiction}", message)]
    ladder = sorted(ratings, key=notch_of)
    best, worst = ladder[0], ladder[-1]
    return [
        Problem(
            "gap",
            f"criteria.{jurisdiction}.{rung}",
            f"{jurisdiction}: the ladder from {best} to {worst} has no row for {rung}: add it.",
        )
        for rung in RUNGS
        if notch_of(best) < notch_of(rung) < notch_of(worst) and rung not in ratings
    ]


def range_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Bands that end before they begin, and published haircuts that are no percentage."""
    bands = [
        Problem("order", ".".join((spec.name, *named, high)), f"{' '.join(named)}: expected more than {row[low]:g}, got {row[high]:g}.")
        for spec, low, high in ((AGENCY_BANDS, "low", "high"), (WRAP_PREMIUMS, "minimum_bps", "maximum_bps"))
        for named, row in spec.named(content.get(spec.name, []))
        if row[low] is not None and row[high] is not None and row[high] <= row[low]
    ]  # fmt: skip
    return bands + [
        Problem("not_a_percentage", ".".join((*path, *named, "haircut_pct")), f"{' '.join(named)}: expected 0 to 100 or nothing, got {row['haircut_pct']!r}.")
        for bank in content.get("central_banks", [])
        for path in [("central_banks", str(bank.get("jurisdiction")), HAIRCUTS.name)]
        for named, row in HAIRCUTS.named(bank.get(HAIRCUTS.name, []))
        if not _is_percentage(row["haircut_pct"])
    ]  # fmt: skip


def _is_percentage(text: str) -> bool:
    try:
        return text == "" or 0 <= float(text) <= 100
    except ValueError:
        return False
