"""What is said of records: the verdict of a group, its differences, what may have caused them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The ladder, and what no longer counts."""

    EXACT = "MATCHED_EXACT"
    TOLERANCE = "MATCHED_TOLERANCE"
    TEMPORAL = "MATCHED_TEMPORAL"
    DERIVED = "MATCHED_DERIVED"
    GROUP = "MATCHED_GROUP"
    FX = "MATCHED_FX"
    MANUAL = "MATCHED_MANUAL"
    AGREE = "AGREE"
    AMBIGUOUS = "AMBIGUOUS"
    BREAK = "BREAK"
    NWAY_DISAGREEMENT = "NWAY_DISAGREEMENT"
    NWAY_MISSING = "NWAY_MISSING"
    MISSING_EXTERNAL = "MISSING_EXTERNAL"
    MISSING_INTERNAL = "MISSING_INTERNAL"
    DUPLICATE = "DUPLICATE"
    CANCELLED = "CANCELLED"
    CANCEL_APPLIED = "CANCEL_APPLIED"
    REPLACED = "REPLACED"


MATCHED = frozenset(
    (
        *(Verdict.EXACT, Verdict.TOLERANCE, Verdict.TEMPORAL, Verdict.DERIVED, Verdict.GROUP, Verdict.FX),
        *(Verdict.MANUAL, Verdict.AGREE),
    )
)
ASIDE = frozenset((Verdict.DUPLICATE, Verdict.CANCELLED, Verdict.CANCEL_APPLIED, Verdict.REPLACED))


class Weight(StrEnum):
    """How much a difference matters: an Error makes a break."""

    INFO = "Info"
    WARNING = "Warning"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same on both sides; `type` as in PRICE_BREAK, `size` in words of its own unit."""

    field: str
    internal: str
    external: str
    type: str
    weight: Weight
    size: str = ""
    hints: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """Size and hints in one line."""
        return "; ".join(part for part in (self.size, *self.hints) if part)


@dataclass(frozen=True, slots=True)
class Group:
    """Records that belong together and what is said of them; `refers_to` are records that are matched elsewhere."""

    verdict: Verdict
    internal: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    paired_by: str = ""
    differences: tuple[Difference, ...] = ()
    note: str = ""
    refers_to: tuple[str, ...] = ()

    @property
    def break_types(self) -> tuple[str, ...]:
        """The types of what made it a break, each once."""
        if self.verdict is not Verdict.BREAK:
            return ()
        return tuple(dict.fromkeys(d.type for d in self.differences if d.weight is Weight.ERROR))

    @property
    def is_matched(self) -> bool:
        """True where nothing is left to do."""
        return self.verdict in MATCHED


def verdict_of(differences: Iterable[Difference], *, is_derived: bool = False) -> Verdict:
    """The verdict of a pair: a break by any Error, else what the pair was found by, else the worst difference."""
    found = list(differences)
    if any(each.weight is Weight.ERROR for each in found):
        return Verdict.BREAK
    if is_derived:
        return Verdict.DERIVED
    if any(each.type == "TEMPORAL" for each in found):
        return Verdict.TEMPORAL
    return Verdict.TOLERANCE if found else Verdict.EXACT


def pair(
    internal: str, external: str, differences: Sequence[Difference], by: str, *, is_derived: bool = False
) -> Group:
    """The group of one record on each side."""
    verdict = verdict_of(differences, is_derived=is_derived)
    return Group(verdict, (internal,), (external,), by, tuple(differences))
