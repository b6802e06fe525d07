"""What central banks ask to be shown of a structure, what was entered of it, and the verdicts on both together.

Facts come from the rule set the run was judged by; of each the last entry holds, one of the permutation before one of the
project. A fact that was taken back, or never entered, is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from engine.deal.collateral import assess_collateral
from engine.ratings.repo import Kind, RepoAssessment, RepoRules
from engine.ratings.scale import rating_label
from permutations.models import Evidence, EvidenceState, Run
from permutations.translate import engine_case
from ratings.collateral import collateral_rules
from ratings.scales import notch_of_symbol

RATING = "rating:"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to be shown, who asks for it, and what was entered of it last; None is missing."""

    code: str
    label: str
    asked_by: tuple[str, ...]
    entry: Evidence | None = None

    @property
    def is_rating(self) -> bool:
        """True where an agency's symbol is asked for."""
        return self.code.startswith(RATING)

    @property
    def agency(self) -> str:
        """The agency whose rating it is."""
        return self.code.removeprefix(RATING) if self.is_rating else ""

    @property
    def stands(self) -> str:
        """Shown, refuted or missing."""
        return "missing" if self.entry is None else str(self.entry.state)


def facts(run: Run, index: int) -> tuple[Fact, ...]:
    """Every fact that the run's rules ask for, with what was entered for the permutation."""
    held = {entry.fact: entry for entry in _holding(run, index)}
    return tuple(Fact(code, label, banks, held.get(code)) for code, (label, banks) in asked_facts(run).items())


def asked_facts(run: Run) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Label and asking banks of every fact, by its code."""
    rules = collateral_rules(run.rule_set.content)
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for code, label, asker in _asked(rules, run.snapshot.content["country"]):
        known, banks = found.get(code, (label, ()))
        found[code] = (known, tuple(dict.fromkeys((*banks, asker))))
    return found


def entries(run: Run, index: int) -> QuerySet[Evidence]:
    """Everything that was ever entered for the permutation, the newest first."""
    of_it = Q(run=None) | Q(run=run, permutation_index=index)
    return Evidence.objects.filter(of_it, project=run.project).select_related("entered_by")


def collateral_verdicts(run: Run, index: int) -> tuple[RepoAssessment, ...]:
    """Every facility's verdict on the permutation's senior notes, with what was shown; by the run's own rules."""
    rules = collateral_rules(run.rule_set.content)
    held = _holding(run, index)
    shown = {entry.fact: entry.state == EvidenceState.SHOWN for entry in held if not entry.fact.startswith(RATING)}
    return assess_collateral(rules, engine_case(run).deal_of(index), _agency_ratings(run, held), shown)


def _agency_ratings(run: Run, held: Iterable[Evidence]) -> dict[str, str]:
    """The platform's letter of each rating obtained."""
    content = run.rule_set.content
    notches = {
        (agency := entry.fact.removeprefix(RATING)): notch_of_symbol(content, agency, entry.symbol)
        for entry in held
        if entry.fact.startswith(RATING) and entry.state == EvidenceState.SHOWN
    }
    return {agency: rating_label(notch) for agency, notch in notches.items() if notch is not None}


def _holding(run: Run, index: int) -> list[Evidence]:
    """The entry that holds of each fact: the permutation's own last one, else the project's; those taken back left out."""
    found: dict[str, Evidence] = {}
    for entry in sorted(entries(run, index), key=lambda each: (each.is_of_project, -each.pk)):
        own = found.get(entry.fact)
        # What was taken back for the permutation leaves the project's word standing.
        if own is None or (own.state == EvidenceState.TAKEN_BACK and entry.is_of_project and not own.is_of_project):
            found[entry.fact] = entry
    return [entry for entry in found.values() if entry.state != EvidenceState.TAKEN_BACK]


def _asked(rules: RepoRules, country: str) -> Iterable[tuple[str, str, str]]:
    """(fact, label, bank) of each criterion that needs to be shown something."""
    for facility in rules.facilities:
        if facility.region not in (None, country):
            continue
        for criterion in facility.criteria:
            if criterion.kind == Kind.AGENCY_RATINGS:
                for agency in criterion.accepted:
                    yield f"{RATING}{agency}", f"Rating by {agency}", facility.bank
            elif criterion.evidence:
                is_class = criterion.kind == Kind.ASSET_CLASS
                label = f"Asset class taken by {facility.bank}" if is_class else criterion.label
                yield criterion.evidence, label, facility.bank
