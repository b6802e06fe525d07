"""Where the limit behind each check comes from: the provenance and source of the rule set's own cell."""

from collections.abc import Mapping
from typing import Any

from engine.deal.reasons import CATALOGUE
from engine.ratings.scale import NOT_RATED, notch_of
from ratings.rules import RULES
from records.cells import Cell, cells
from records.kinds import Content
from records.provenance import Mark, mark, provenance_mark

# The cell behind each check of the gates, by the check's code.
CELLS = {reason.check: reason.cell for reason in CATALOGUE.values() if reason.cell}
RELIEVED = frozenset({"criterion_1", "criterion_2"})
TENANT_CAP, TOTAL_ADVANCE = "criterion_9", "criterion_18"
# What is asked of every structure stands among the general limits, or in the market set.
GENERAL_CRITERIA = frozenset({"criterion_15", "criterion_19"})
MARKET_CRITERIA = frozenset({"criterion_20", "criterion_21"})
MARKET = "curve and floor spread of the market set, at the achieved rating and average life"
REPAYMENT = "what falls due must be paid: a balloon is refinanced in full"
REPO = {
    "repo_rating": "minimum_rating",
    "repo_tenor": "max_tenor_years",
    "repo_advance": "max_advance_ratio",
    "repo_currency": "currency",
    "repo_class": "class_confirmed",
}
TABLES = ("general", "criteria", "central_banks")
STRUCTURAL = "follows from what the tranches are: mezzanine ranks behind senior, and debt has an amount"
# The least certain of two sources says how far to trust what stands on both.
CERTAINTY = ("sourced", "derived", "assumption", "not found", "")


class Origins:
    """The marks of one jurisdiction's limits in one rule set."""

    def __init__(self, content: Content, jurisdiction: str) -> None:
        self.cells = cells(RULES, {name: content[name] for name in TABLES if name in content})
        self.jurisdiction = jurisdiction

    def criterion(self, rating: str, code: str, *, wrapped: bool = False, mezz_notch: int = NOT_RATED) -> Mark:
        """The mark of a rating's criterion; a relieved floor stands on the floor and on the relief.

        Total advance is held to all debt's limit and to that of the mezzanine's indicated rating.
        """
        if code == TOTAL_ADVANCE:
            held = min((each for each in self._ratings() if notch_of(each) >= mezz_notch), key=notch_of, default="")
            return _joined([self._criterion(held, CELLS[code]), self._general(CELLS[code])])
        if code in GENERAL_CRITERIA:
            return _joined([self._general(CELLS[code])])
        if code not in CELLS:
            return mark("assumption", MARKET) if code in MARKET_CRITERIA else mark("derived", REPAYMENT)
        if code == TENANT_CAP:
            found = [self._general(CELLS[code])]
            found += [self._criterion(rating, "wrap_insurer_rating")] if wrapped else []
        else:
            found = [self._criterion(rating, CELLS[code])]
            found += [self._criterion(rating, "wrap_dscr_relief")] if wrapped and code in RELIEVED else []
        return _joined(found)

    def gate_a(self, code: str) -> Mark:
        """The mark of a Gate A check; those that are no number of the rules say so."""
        field = CELLS.get(code)
        return _joined([self._general(field)]) if field else mark("derived", STRUCTURAL)

    def stressed(self, minimum_rating: str) -> Mark:
        """The mark of the stressed floor: of the lowest rating the run accepts."""
        accepted = [rating for rating in self._ratings() if notch_of(rating) <= notch_of(minimum_rating)]
        lowest = max(accepted, key=notch_of, default=minimum_rating)
        return _joined([self._criterion(lowest, "stressed_dscr")])

    def repo(self, code: str) -> Mark:
        """The mark of one of the central bank's terms."""
        return _joined([self.cells.get(f"central_banks.{self.jurisdiction}.{REPO[code]}")])

    def _ratings(self) -> list[str]:
        """The jurisdiction's ratings, one for each of their cells."""
        return [cell.path[2] for cell in self.cells.values() if cell.path[:2] == ("criteria", self.jurisdiction)]

    def _criterion(self, rating: str, field: str) -> Cell | None:
        return self.cells.get(f"criteria.{self.jurisdiction}.{rating}.{field}")

    def _general(self, field: str) -> Cell | None:
        return self.cells.get(f"general.{field}")


def _joined(found: list[Cell | None]) -> Mark:
    known = [cell for cell in found if cell]
    if not known:
        return mark("", "the rule set says nothing of it")
    weakest = max(known, key=lambda cell: CERTAINTY.index(provenance_mark(cell.provenance)))
    return mark(weakest.provenance, "; ".join(dict.fromkeys(cell.source for cell in known)))


def summary(found: Mark) -> Mapping[str, Any]:
    """A mark as data."""
    return {"provenance": found.provenance, "source": found.source}
